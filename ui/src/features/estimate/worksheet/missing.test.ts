import { expect, it } from 'vitest'
import { defaultLine, missingOf } from './methods'

it('asks for what a line still needs before it is sent', () => {
  const plant = defaultLine({ kind: 'resource', id: 'r', code: 'PLT', description: '', type: 'plant', unit: 'h', state: 'active' }, '')
  expect(missingOf(plant)).toBe('Give the production.')
  expect(missingOf({ ...plant, production: '68' })).toBeNull()
  expect(missingOf(defaultLine(null, ''))).toBe('Say what the line is.')
  expect(missingOf({ method: 'lump', type: 'other', description: 'Fence', amount: ' ' })).toBe('Give the amount.')
})
