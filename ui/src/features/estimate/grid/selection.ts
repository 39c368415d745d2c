/**
 * Where the keyboard is in the grid and what is selected: pure moves over row indexes and column
 * positions. A block runs from the anchor to the active cell; `extra` holds rows picked one by one.
 */
export interface Selection {
  row: number
  column: number
  anchorRow: number
  anchorColumn: number
  /** Whole rows are selected, not only the block's columns. */
  wholeRows: boolean
  /** Rows added with Ctrl+click, by index. */
  extra: readonly number[]
}

export const SELECTION_START: Selection = { row: 0, column: 1, anchorRow: 0, anchorColumn: 1, wholeRows: false, extra: [] }

export interface Bounds {
  rows: number
  columns: number
  /** Rows of one page. */
  page: number
}

export type Move =
  | 'up' | 'down' | 'left' | 'right' | 'page-up' | 'page-down' | 'row-start' | 'row-end' | 'first' | 'last' | 'column-top' | 'column-bottom'
  | 'next-cell' | 'previous-cell'

const clamp = (value: number, high: number) => Math.max(0, Math.min(value, Math.max(0, high)))

function target(at: Selection, move: Move, bounds: Bounds): { row: number; column: number } {
  const lastRow = bounds.rows - 1
  const lastColumn = bounds.columns - 1
  const { row, column } = at
  switch (move) {
    case 'up': return { row: row - 1, column }
    case 'down': return { row: row + 1, column }
    case 'left': return { row, column: column - 1 }
    case 'right': return { row, column: column + 1 }
    case 'page-up': return { row: row - bounds.page, column }
    case 'page-down': return { row: row + bounds.page, column }
    case 'row-start': return { row, column: 0 }
    case 'row-end': return { row, column: lastColumn }
    case 'first': return { row: 0, column: 0 }
    case 'last': return { row: lastRow, column: lastColumn }
    case 'column-top': return { row: 0, column }
    case 'column-bottom': return { row: lastRow, column }
    case 'next-cell': return column < lastColumn ? { row, column: column + 1 } : row < lastRow ? { row: row + 1, column: 0 } : { row, column }
    case 'previous-cell': return column > 0 ? { row, column: column - 1 } : row > 0 ? { row: row - 1, column: lastColumn } : { row, column }
  }
}

/** Moves the active cell; with `extend` the block grows from the anchor instead of starting anew. */
export function move(at: Selection, by: Move, bounds: Bounds, extend = false): Selection {
  const wanted = target(at, by, bounds)
  return goTo(at, clamp(wanted.row, bounds.rows - 1), clamp(wanted.column, bounds.columns - 1), extend)
}

export function goTo(at: Selection, row: number, column: number, extend = false): Selection {
  return extend
    ? { ...at, row, column }
    : { row, column, anchorRow: row, anchorColumn: column, wholeRows: false, extra: [] }
}

/** Ctrl+click: the row joins or leaves the picked rows and becomes active. */
export function pick(at: Selection, row: number, column: number): Selection {
  const rows = new Set(selectedRows(at, Number.MAX_SAFE_INTEGER))
  const had = rows.delete(row)
  if (!had) rows.add(row)
  if (had && rows.size > 0) {
    const next = Math.max(...rows)
    rows.delete(next)
    return { row: next, column, anchorRow: next, anchorColumn: column, wholeRows: true, extra: [...rows].sort((a, b) => a - b) }
  }
  rows.delete(row)
  return { row, column, anchorRow: row, anchorColumn: column, wholeRows: true, extra: [...rows].sort((a, b) => a - b) }
}

export function wholeRows(at: Selection): Selection {
  return { ...at, wholeRows: true }
}

export function selectAll(at: Selection, bounds: Bounds): Selection {
  return { ...at, anchorRow: 0, anchorColumn: 0, row: clamp(bounds.rows - 1, bounds.rows - 1), column: at.column, wholeRows: true, extra: [] }
}

export function rowRange(at: Selection): [from: number, to: number] {
  return at.row < at.anchorRow ? [at.row, at.anchorRow] : [at.anchorRow, at.row]
}

export function columnRange(at: Selection, columns: number): [from: number, to: number] {
  if (at.wholeRows) return [0, columns - 1]
  return at.column < at.anchorColumn ? [at.column, at.anchorColumn] : [at.anchorColumn, at.column]
}

/** Selected rows in display order, at most `limit`. */
export function selectedRows(at: Selection, limit: number): number[] {
  const [from, to] = rowRange(at)
  const rows = new Set(at.extra)
  for (let row = from; row <= to && rows.size < limit; row += 1) rows.add(row)
  return [...rows].sort((a, b) => a - b).slice(0, limit)
}

export function selectedRowCount(at: Selection): number {
  const [from, to] = rowRange(at)
  return to - from + 1 + at.extra.filter((row) => row < from || row > to).length
}

export function isRowSelected(at: Selection, row: number): boolean {
  const [from, to] = rowRange(at)
  return (row >= from && row <= to) || at.extra.includes(row)
}

/** Keeps the selection inside a tree that became shorter. */
export function clampTo(at: Selection, bounds: Bounds): Selection {
  const lastRow = bounds.rows - 1
  const lastColumn = bounds.columns - 1
  const inside = at.row <= lastRow && at.anchorRow <= lastRow && at.column <= lastColumn && at.anchorColumn <= lastColumn && at.extra.every((row) => row <= lastRow)
  if (inside) return at
  return {
    ...at, row: clamp(at.row, lastRow), column: clamp(at.column, lastColumn), anchorRow: clamp(at.anchorRow, lastRow),
    anchorColumn: clamp(at.anchorColumn, lastColumn), extra: at.extra.filter((row) => row <= lastRow),
  }
}
