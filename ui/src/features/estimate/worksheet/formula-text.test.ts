import { expect, it } from 'vitest'
import { complete, isFormula, wordAt } from './formula-text'

it('finds the name at the caret', () => {
  expect(wordAt('item.quantity * bul', 19)).toEqual({ word: 'bul', start: 16 })
  expect(wordAt('2 * ', 4)).toEqual({ word: '', start: 4 })
  expect(wordAt('parent.qu', 9)).toEqual({ word: 'parent.qu', start: 0 })
})
it('completes it in place', () => {
  expect(complete('2 * bul + 1', 7, 'bulking', false)).toEqual({ text: '2 * bulking + 1', caret: 11 })
  expect(complete('ce', 2, 'ceil', true)).toEqual({ text: 'ceil(', caret: 5 })
})
it('tells formulas from numbers', () => {
  expect(isFormula('2400')).toBe(false)
  expect(isFormula('-2.5')).toBe(false)
  expect(isFormula('3 - 1')).toBe(true)
  expect(isFormula('bulking')).toBe(true)
})
