import { describe, expect, it } from 'vitest'
import { fromZonedInput, toZonedInput } from './zoned'

const ZONE = 'Pacific/Auckland'

describe('closing times', () => {
  it.each([
    ['2026-12-04T03:00:00.000Z', '2026-12-04T16:00'],
    ['2026-06-30T04:00:00.000Z', '2026-06-30T16:00'],
    ['2026-12-31T11:30:00.000Z', '2027-01-01T00:30'],
  ])('%s is %s on the wall in Auckland, both ways', (utc, wall) => {
    expect(toZonedInput(utc, ZONE)).toBe(wall)
    expect(fromZonedInput(wall, ZONE)).toBe(utc)
  })
  it('holds on both sides of a change to and from daylight saving', () => {
    for (const wall of ['2026-09-27T01:59', '2026-09-27T03:00', '2026-04-05T01:30', '2026-04-05T03:30']) {
      expect(toZonedInput(fromZonedInput(wall, ZONE), ZONE)).toBe(wall)
    }
  })
  it('has no time for an empty field', () => {
    expect(fromZonedInput('', ZONE)).toBeNull()
    expect(toZonedInput(null, ZONE)).toBe('')
  })
})
