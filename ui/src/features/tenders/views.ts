import { useCallback, useMemo, useState } from 'react'
import type { TenderState } from '~/api/types'
import { CLOSED_STATES, LIVE_STATES, OPEN_STATES } from './states'

export type Closes = 'week' | 'month' | 'past'

/** What the register shows: everything that is kept in the address, so that a view can be sent to a colleague. */
export interface TenderView { q?: string | undefined; state?: string | undefined; closes?: Closes | undefined; sort?: string | undefined; view?: 'board' | undefined; options?: string | undefined }

export interface SavedView { name: string; show: TenderView }

/** Views that everybody has. */
export const BUILT_IN_VIEWS: readonly SavedView[] = [
  { name: 'Every tender', show: {} },
  { name: 'Open tenders', show: { state: OPEN_STATES.join(',') } },
  { name: 'Closing within a week', show: { state: OPEN_STATES.join(','), closes: 'week' } },
  { name: 'Awaiting the client', show: { state: 'submitted' } },
  { name: 'Decided', show: { state: CLOSED_STATES.join(','), sort: '-closing' } },
  { name: 'Pipeline by chance', show: { state: LIVE_STATES.join(','), sort: '-probability' } },
]

const SAVED_MAX = 30
const parts = ['q', 'state', 'closes', 'sort', 'view', 'options'] as const

export function sameView(a: TenderView, b: TenderView): boolean {
  return parts.every((part) => (a[part] ?? '') === (b[part] ?? ''))
}

/** Whether anything but the order is narrowed. */
export function isFiltered(view: TenderView): boolean {
  return Boolean(view.q ?? view.state ?? view.closes ?? view.options)
}

export function statesOf(view: TenderView): TenderState[] {
  return (view.state ?? '').split(',').filter(Boolean) as TenderState[]
}

const DAY_MS = 24 * 3_600_000

/** The times a word stands for, on whole minutes so that the question stays the same for a while. */
export function closingRange(closes: Closes | undefined, now: number): { closingFrom?: string; closingBefore?: string } {
  const at = (ms: number) => new Date(Math.floor((now + ms) / 60_000) * 60_000).toISOString()
  if (closes === 'week') return { closingFrom: at(0), closingBefore: at(7 * DAY_MS) }
  if (closes === 'month') return { closingFrom: at(0), closingBefore: at(30 * DAY_MS) }
  return closes === 'past' ? { closingBefore: at(0) } : {}
}

/** Reads what an earlier visit kept; anything that is not a list of views is none. */
export function readViews(text: string | null): SavedView[] {
  try {
    const read: unknown = JSON.parse(text ?? '[]')
    if (!Array.isArray(read)) return []
    return read.filter((view): view is SavedView => typeof view?.name === 'string' && typeof view?.show === 'object' && view.show !== null).slice(0, SAVED_MAX)
  } catch {
    return []
  }
}

/** The views a person has saved on this computer. */
export function useSavedViews(userId: string) {
  const place = `oxflow.tender-views.${userId}`
  const [views, setViews] = useState<SavedView[]>(() => readViews(localStorage.getItem(place)))
  const keep = useCallback((next: SavedView[]) => {
    const kept = next.slice(-SAVED_MAX)
    setViews(kept)
    localStorage.setItem(place, JSON.stringify(kept))
  }, [place])
  return useMemo(() => ({
    views,
    save: (name: string, show: TenderView) => keep([...views.filter((view) => view.name !== name), { name, show }]),
    forget: (name: string) => keep(views.filter((view) => view.name !== name)),
  }), [views, keep])
}
