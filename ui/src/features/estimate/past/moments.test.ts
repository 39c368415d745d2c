import { describe, expect, test } from 'vitest'
import type { Moment } from '~/api/types'
import { byDay, dayStarts, indexOf, startOf, stepDay } from './moments'

const moment = (lsn: number, at: string): Moment => ({
  lsn, at, actor: { id: 'a', name: 'Ana' }, command: 'update-item', label: 'Change', rows: 1, reversible: true,
})
/** Two days in Auckland: 11 May (two commits), 12 May (one, before midnight in UTC), 14 May. */
const OLDEST_FIRST = [
  moment(3, '2026-05-10T22:00:00Z'), moment(5, '2026-05-11T02:00:00Z'), moment(8, '2026-05-11T13:00:00Z'), moment(9, '2026-05-13T22:00:00Z'),
]

describe('moments', () => {
  test('are grouped by the day of the office, not of UTC', () => {
    const days = byDay([...OLDEST_FIRST].reverse())
    expect(days.map((day) => day.moments.map((one) => one.lsn))).toEqual([[9], [8], [5, 3]])
    expect(days.map((day) => day.day)).toEqual(['14 May 2026', '12 May 2026', '11 May 2026'])
    expect(dayStarts(OLDEST_FIRST).map((start) => start.index)).toEqual([0, 2, 3])
  })

  test('a day back is the last moment of the day before, a day on the last of the next', () => {
    expect(stepDay(OLDEST_FIRST, 3, -1)).toBe(2)
    expect(stepDay(OLDEST_FIRST, 2, -1)).toBe(1)
    expect(stepDay(OLDEST_FIRST, 1, -1)).toBe(0)
    expect(stepDay(OLDEST_FIRST, 0, -1)).toBe(0)
    expect(stepDay(OLDEST_FIRST, 0, 1)).toBe(2)
    expect(stepDay(OLDEST_FIRST, 2, 1)).toBe(3)
    expect(stepDay(OLDEST_FIRST, 3, 1)).toBe(3)
  })

  test('a commit of something else shows the newest moment before it', () => {
    expect(indexOf(OLDEST_FIRST, 8)).toBe(2)
    expect(indexOf(OLDEST_FIRST, 7)).toBe(1)
    expect(indexOf(OLDEST_FIRST, 99)).toBe(3)
    expect(indexOf(OLDEST_FIRST, 1)).toBe(0)
  })
  test('the history starts at the moment asked for, or the one before a commit of something else', () => {
    const newestFirst = [...OLDEST_FIRST].reverse()
    expect(startOf(newestFirst, undefined, 12, false)).toEqual({ lsn: 9, missing: false })
    expect(startOf(newestFirst, 5, 12, false)).toEqual({ lsn: 5, missing: false })
    expect(startOf(newestFirst, 7, 12, false)).toEqual({ lsn: 5, missing: false })
    expect(startOf(newestFirst, 12, 12, false)).toEqual({ lsn: 9, missing: false })
  })

  test('it starts at the newest where there is no such commit', () => {
    const newestFirst = [...OLDEST_FIRST].reverse()
    for (const at of [999_999, 13, 0, -3, 5.5]) expect(startOf(newestFirst, at, 12, true)).toEqual({ lsn: 9, missing: true })
    // Before the estimate was made, once every moment has been read.
    expect(startOf(newestFirst, 2, 12, true)).toBeUndefined()
    expect(startOf(newestFirst, 2, 12, false)).toEqual({ lsn: 9, missing: true })
  })
})
