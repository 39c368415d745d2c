import { describe, expect, it } from 'vitest'
import { dayStart } from './words'

describe('dayStart', () => {
  it('gives the beginning of a day and of the day after, across months', () => {
    const first = dayStart('2026-04-30', 0)
    const after = dayStart('2026-04-30', 1)
    expect(new Date(after ?? '').getTime()).toBeGreaterThan(new Date(first ?? '').getTime())
    expect(new Date(after ?? '').getDate()).toBe(1)
  })
  it('gives nothing for what is no day', () => {
    expect(dayStart('2026', 0)).toBeUndefined()
    expect(dayStart('soon', 0)).toBeUndefined()
  })
})
