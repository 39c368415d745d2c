import { infiniteQueryOptions } from '@tanstack/react-query'
import { api } from '~/api/client'
import type { Moment, Moments } from '~/api/types'
import { formatDay } from '~/ui/dates'

/** Moments read at once: a slider moves within them and asks for older ones at its left end. */
const PAGE = 500

export const momentsKey = (id: string) => ['past', id, 'moments'] as const

export const momentsQuery = (id: string) => infiniteQueryOptions({
  queryKey: momentsKey(id), staleTime: Infinity,
  queryFn: ({ pageParam, signal }) => api.get<Moments>(`/estimates/${id}/moments`, { query: { cursor: pageParam, limit: PAGE }, signal }),
  initialPageParam: undefined as string | undefined, getNextPageParam: (last) => last.nextCursor ?? undefined,
})

/** Moments of one day in the organisation's time zone, newest first. */
export interface Day { day: string; moments: Moment[] }

/** Moments, newest first, by day. */
export function byDay(moments: readonly Moment[]): Day[] {
  const days: Day[] = []
  for (const moment of moments) {
    const day = formatDay(moment.at)
    const last = days.at(-1)
    if (last?.day === day) last.moments.push(moment)
    else days.push({ day, moments: [moment] })
  }
  return days
}

/** Where each day begins among moments, oldest first. */
export function dayStarts(moments: readonly Moment[]): { day: string; index: number }[] {
  const starts: { day: string; index: number }[] = []
  moments.forEach((moment, index) => {
    const day = formatDay(moment.at)
    if (starts.at(-1)?.day !== day) starts.push({ day, index })
  })
  return starts
}

/** The newest moment of the day before or after that of `index`, among moments oldest first; the end where there is none. */
export function stepDay(moments: readonly Moment[], index: number, by: -1 | 1): number {
  const starts = dayStarts(moments)
  const here = starts.findLastIndex((start) => start.index <= index)
  if (by < 0) return Math.max(0, (starts[here]?.index ?? 0) - 1)
  const after = starts[here + 2]
  return after ? after.index - 1 : Math.max(0, moments.length - 1)
}

/** The newest moment at or before a commit, among moments oldest first; the first where all are later. */
export function indexOf(moments: readonly Moment[], lsn: number): number {
  return Math.max(0, moments.findLastIndex((moment) => moment.lsn <= lsn))
}

/** The moment the history starts at; `missing`: there is none of that commit, so that it is the newest. */
export interface Start { lsn: number; missing: boolean }

/**
 * Where the history starts among moments, newest first, none of which is asked for where there is no such
 * commit. `newest` is the newest commit known of, of anything. Undefined while only `older` moments can tell.
 */
export function startOf(newestFirst: readonly Moment[], at: number | undefined, newest: number, older: boolean): Start | undefined {
  const last = newestFirst[0]?.lsn ?? 0
  if (at === undefined) return { lsn: last, missing: false }
  if (!Number.isInteger(at) || at < 1 || at > Math.max(last, newest)) return { lsn: last, missing: true }
  const found = newestFirst.find((moment) => moment.lsn <= at)
  if (found) return { lsn: found.lsn, missing: false }
  return older ? undefined : { lsn: last, missing: true }
}
