import { describe, expect, it } from 'vitest'
import { item } from '~/test/rows'
import { readCell } from './cell-edit'
import { columnOf } from './columns'

describe('typing a type', () => {
  const typed = (text: string, quantity: string | null) => {
    const read = readCell(columnOf('type'), item('a', { quantity }), text, [])
    return read.ok ? read.edit.set : null
  }
  it('takes the quantity from what has none', () => {
    expect(typed('rate only', '10')).toEqual({ type: 'rate-only', quantity: null })
    expect(typed('Percentage', '1')).toEqual({ type: 'percentage', quantity: null })
    expect(typed('Provisional sum', null)).toEqual({ type: 'provisional-sum' })
  })
  it('leaves it to what is measured', () => {
    expect(typed('Daywork', '10')).toEqual({ type: 'daywork' })
    expect(typed('nonsense', '10')).toBeNull()
  })
})
