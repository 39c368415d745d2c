import { expect, test } from 'vitest'
import { changeWords } from './history-words'

test('what the program calls things is said in words, what people typed is left as it is', () => {
  expect(changeWords({ field: 'state', before: 'draft', after: 'in-progress' })).toEqual({ field: 'State', before: 'draft', after: 'in progress' })
  expect(changeWords({ field: 'name', before: 'Chip-seal', after: 'chip-seal' }).after).toBe('chip-seal')
  expect(changeWords({ field: 'costRate', after: '12.50' })).toEqual({ field: 'Cost rate', before: null, after: '12.5' })
  expect(changeWords({ field: 'line MAT-AP65: costType', before: 'material', after: 'sub-contract' })).toEqual({ field: 'MAT-AP65 cost type', before: 'material', after: 'sub contract' })
})

test('lists and parts are read out, not printed as they are stored', () => {
  expect(changeWords({ field: 'trades', before: ['Chipseal'], after: ['Chipseal', 'Kerbs'] }).after).toBe('Chipseal, Kerbs')
  expect(changeWords({ field: 'basis', after: { kind: 'fixed-sum', amount: '1000.00', note: null } }).after).toBe('kind fixed sum, amount 1,000')
  expect(changeWords({ field: 'notes', after: Array.from({ length: 80 }, () => 'word') }).after).toHaveLength(121)
})
