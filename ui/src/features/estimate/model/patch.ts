import type { Lsn, Row, RowsWindow, Totals } from '~/api/types'

/** Rows per window: one request, one cache entry. */
export const WINDOW_ROWS = 100
/** Commits remembered to bring a window up to date that was read just before them. */
const RECENT_MAX = 128

export interface Change {
  lsn: Lsn
  rows: readonly Row[]
  removed: readonly string[]
  /** Order or visibility changed: indexes may have moved. */
  structure: boolean
  /** Too much changed to list. */
  reload: boolean
  totals: Totals
  worksheets: readonly string[]
}

export function windowOf(index: number): number {
  return Math.floor(index / WINDOW_ROWS)
}

/**
 * The window with changed rows in place; the same object when it holds none of them, or was read after
 * the commit (`lsn` is that of the reading and stays). `open` and `depth` stay as this view has them.
 */
export function patchWindow(window: RowsWindow, rows: ReadonlyMap<string, Row>, lsn: Lsn): RowsWindow {
  if (window.lsn >= lsn || !window.rows.some((row) => rows.has(row.id))) return window
  return {
    ...window,
    rows: window.rows.map((row) => {
      const changed = rows.get(row.id)
      return changed ? { ...changed, open: row.open, depth: row.depth } : row
    }),
  }
}

/** The last commits seen, so that an answer computed before one of them is not shown as if it were newer. */
export class RecentChanges {
  private changes: Change[] = []
  /** The newest commit seen. */
  lsn: Lsn = 0

  /** False when the commit was known already: our own answer and its live echo. */
  add(change: Change): boolean {
    if (this.changes.some(({ lsn }) => lsn === change.lsn)) return false
    this.changes.push(change)
    this.changes.sort((a, b) => a.lsn - b.lsn)
    if (this.changes.length > RECENT_MAX) this.changes.shift()
    this.lsn = Math.max(this.lsn, change.lsn)
    return true
  }

  saw(lsn: Lsn): void {
    this.lsn = Math.max(this.lsn, lsn)
  }

  /** The rows of a commit that no later one known here has changed again: commits may be heard of out of order. */
  freshRows(change: Change): Map<string, Row> {
    const rows = byId(change.rows)
    for (const later of this.changes) {
      if (later.lsn > change.lsn) for (const row of later.rows) rows.delete(row.id)
    }
    return rows
  }

  /** A freshly read window brought up to now; `stale` when only reading it again can do that. */
  bringUp(window: RowsWindow): { window: RowsWindow; stale: boolean } {
    const later = this.changes.filter((change) => change.lsn > window.lsn)
    if (later.some((change) => change.structure || change.reload)) return { window, stale: true }
    let next = window
    for (const change of later) next = patchWindow(next, byId(change.rows), change.lsn)
    return { window: next, stale: false }
  }
}

export function byId(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.id, row]))
}

/** Figures whose change is flashed. */
const FLASHED = ['quantity', 'costRate', 'cost', 'direct', 'indirect', 'code', 'description', 'unit', 'type', 'takeoffQuantity'] as const
export type FlashField = (typeof FLASHED)[number]

/** What differs between what was shown and what is now. */
export function changedFields(before: Row, after: Row): FlashField[] {
  return FLASHED.filter((field) => (before[field] ?? null) !== (after[field] ?? null))
}
