import type { Edit, ItemFields, Row, Unit } from '~/api/types'
import { newKey } from '~/api/client'
import { readDecimal } from '~/ui/decimal'
import { NEW_ITEM, updateOf } from './edits'
import { matchUnit, readCell, readQuantity } from '../cell-edit'
import { type Column, type ColumnId, isEditable } from '../columns'

/** Most rows one paste takes: one commit must stay small enough to undo in one step. */
export const PASTE_ROWS_MAX = 5_000

export interface PastePlan {
  edits: Edit[]
  overlay: Map<string, Partial<Row>>
  updated: number
  added: number
  /** Cells that could not be taken, with why. */
  refused: string[]
}

export interface PasteTarget {
  cells: readonly (readonly string[])[]
  /** Rows from the active one down, as far as they exist. */
  rows: readonly Row[]
  /** Visible columns from the active one to the right. */
  columns: readonly Column[]
  units: readonly Unit[]
  /** Where rows past the end go; null: nowhere, they are left out. */
  parentId: string | null
  /** The sibling they come after. */
  afterId: string | null
}

/** A block over existing cells; rows past the end become new items. One plan is one commit. */
export function planPaste({ cells, rows, columns, units, parentId, afterId }: PasteTarget): PastePlan {
  const plan: PastePlan = { edits: [], overlay: new Map(), updated: 0, added: 0, refused: [] }
  let after = afterId
  // One copied cell fills the whole selected block.
  const filled = cells.length === 1 && cells[0]?.length === 1 && rows.length > 1 ? rows.map(() => cells[0] ?? []) : cells
  filled.forEach((line, index) => {
    const row = rows[index]
    if (row) updateRow(plan, row, line, columns, units)
    else if (parentId !== null && line.some((cell) => cell.trim() !== '')) after = addRow(plan, line, columns, units, parentId, after)
  })
  return plan
}

function updateRow(plan: PastePlan, row: Row, line: readonly string[], columns: readonly Column[], units: readonly Unit[]): void {
  let set = {}
  let overlay: Partial<Row> = {}
  line.forEach((cell, at) => {
    const column = columns[at]
    if (!column || !isEditable(column, row)) return
    const read = readCell(column, row, cell, units)
    if (read.ok) {
      set = { ...set, ...read.edit.set }
      overlay = { ...overlay, ...read.edit.overlay }
    } else plan.refused.push(`${row.code || row.description}: ${read.message}`)
  })
  if (Object.keys(set).length === 0) return
  plan.edits.push(updateOf(row, set, row.version))
  plan.overlay.set(row.id, overlay)
  plan.updated += 1
}

function addRow(plan: PastePlan, line: readonly string[], columns: readonly Column[], units: readonly Unit[], parentId: string, after: string | null): string {
  const id = uuidV7()
  const fields = itemFields(line, columns.map((column) => column.id), units)
  plan.edits.push({ op: 'add-item', id, parentId, place: after ? { after } : 'last', set: completed(fields) })
  plan.added += 1
  return id
}

function itemFields(line: readonly string[], columns: readonly (ColumnId | null)[], units: readonly Unit[]): ItemFields {
  const fields: ItemFields = {}
  line.forEach((cell, at) => {
    const value = cell.trim()
    if (value === '') return
    const column = columns[at]
    if (column === 'code') fields.code = value
    else if (column === 'description') fields.description = value
    else if (column === 'unit') fields.unit = matchUnit(value, units)
    else if (column === 'quantity') fields.quantity = readQuantity(value)
    else if (column === 'costRate') {
      const rate = readDecimal(value)
      if (rate !== null) {
        fields.plugRate = rate
        fields.plugType = 'other'
      }
    } else if (column === 'note') fields.note = value
  })
  return fields
}

/** A unit without a quantity is a rate-only item; a row without a unit is a lump sum (BR-019 to BR-021). */
function completed(fields: ItemFields): ItemFields {
  if (fields.unit != null && fields.quantity == null) return fields.unit === NEW_ITEM.unit ? { ...fields, ...NEW_ITEM } : { ...fields, type: 'rate-only' }
  return fields.unit == null ? { ...fields, unit: NEW_ITEM.unit, quantity: fields.quantity ?? NEW_ITEM.quantity } : fields
}

/** Which column of a pasted schedule is what, guessed from its cells: code, description, unit, quantity, rate. */
export function guessColumns(cells: readonly (readonly string[])[], units: readonly Unit[]): (ColumnId | null)[] {
  const width = Math.max(0, ...cells.map((line) => line.length))
  const known = new Set(units.flatMap((unit) => [unit.code, ...unit.aliases]).map((code) => code.toLowerCase()))
  const stats = Array.from({ length: width }, (_, at) => {
    const filled = cells.map((line) => (line[at] ?? '').trim()).filter(Boolean)
    const share = (test: (cell: string) => boolean) => (filled.length ? filled.filter(test).length / filled.length : 0)
    return {
      filled: filled.length, numbers: share((cell) => readDecimal(cell) !== null), units: share((cell) => known.has(cell.toLowerCase())),
      length: filled.reduce((sum, cell) => sum + cell.length, 0) / Math.max(1, filled.length),
    }
  })
  const roles: (ColumnId | null)[] = stats.map(() => null)
  const description = stats.reduce((best, stat, at) => (stat.numbers < 0.5 && stat.length * stat.filled > (stats[best]?.length ?? 0) * (stats[best]?.filled ?? 0) ? at : best), 0)
  roles[description] = 'description'
  if (description > 0) roles[description - 1] = 'code'
  const unit = stats.findIndex((stat, at) => at > description && stat.filled > 0 && (stat.units >= 0.5 || (stat.numbers < 0.5 && stat.length <= 6)))
  if (unit >= 0) roles[unit] = 'unit'
  const figures = stats.map((stat, at) => (at > description && roles[at] === null && stat.filled > 0 && stat.numbers >= 0.5 ? at : -1)).filter((at) => at >= 0)
  const [quantity, rate] = figures
  if (quantity !== undefined) roles[quantity] = 'quantity'
  if (rate !== undefined) roles[rate] = 'costRate'
  return roles
}

/**
 * A whole schedule pasted into an empty estimate, or as new rows: a row without unit and quantity is a
 * heading, the rest are items under it. Items above the first heading get one named `fallback`.
 */
export function planSchedule(cells: readonly (readonly string[])[], units: readonly Unit[], fallback: string): { edits: Edit[]; headings: number; items: number } {
  const lines = cells.filter((line) => line.some((cell) => cell.trim() !== ''))
  const [head] = lines
  const body = head && isTitleRow(head) ? lines.slice(1) : lines
  const roles = guessColumns(body, units)
  const edits: Edit[] = []
  let heading: string | null = null
  let headings = 0
  let items = 0
  const addHeading = (code: string, name: string): string => {
    const id = uuidV7()
    headings += 1
    edits.push({ op: 'add-heading', id, place: 'last', ...(code ? { code } : {}), name })
    return id
  }
  for (const line of body) {
    const fields = itemFields(line, roles, units)
    if (fields.unit === undefined && fields.quantity === undefined && fields.description) {
      heading = addHeading(fields.code ?? '', fields.description)
      continue
    }
    heading ??= addHeading('', fallback)
    edits.push({ op: 'add-item', parentId: heading, place: 'last', set: completed(fields) })
    items += 1
  }
  return { edits, headings, items }
}

const TITLE_WORDS = /^(item|code|no\.?|ref|description|unit|uom|qty|quantity|rate|price|amount|total)$/i

function isTitleRow(line: readonly string[]): boolean {
  return line.filter((cell) => TITLE_WORDS.test(cell.trim())).length >= 2
}

/** A time-ordered id made here, so that the rows of one paste can refer to each other before the server knows them. */
export function uuidV7(now = Date.now()): string {
  const random = newKey().replace(/-/g, '')
  const time = now.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(13, 16)}-${random.slice(16, 20)}-${random.slice(20, 32)}`
}
