import type { Row, RowPrice } from '~/api/types'
import { editableDecimal, formatMoney, formatQuantity, formatRate } from '~/ui/decimal'
import { ITEM_TYPE_NAMES, STATUS_NAMES, unitText } from '~/ui/words'

export type ColumnId =
  | 'code' | 'description' | 'unit' | 'quantity' | 'takeoffQuantity' | 'costRate' | 'cost' | 'mix' | 'type' | 'status'
  | 'sellRate' | 'sell' | 'direct' | 'indirect' | 'labour' | 'plant' | 'material' | 'subcontract' | 'other' | 'note'

/** How a cell is edited; null: it is worked out, never typed. */
export type Editor = 'text' | 'number' | 'unit' | 'type' | null

/** A row with what it sells for, once that is known. */
export type GridRowData = Row & { sell?: RowPrice }

export interface Column {
  id: ColumnId
  label: string
  width: number
  /** Takes the room that is left. */
  flexible?: boolean
  align?: 'right'
  /** Shown unless the person chose otherwise. */
  shown: boolean
  editor: Editor
  /** What the cell says, as displayed. */
  text: (row: GridRowData) => string
}

const money = (pick: (row: Row) => string | null | undefined) => (row: Row) => formatMoney(pick(row))

/** The cost of a row: a heading's direct and indirect together, an item's own. */
export function costText(row: Row): string {
  if (row.clientAmount != null) return formatMoney(row.clientAmount)
  if (row.kind === 'item' && row.status === 'unpriced' && !row.hasChildren) return '–'
  return formatMoney(row.cost)
}

export const COLUMNS: readonly Column[] = [
  { id: 'code', label: 'Code', width: 88, shown: true, editor: 'text', text: (row) => row.code },
  { id: 'description', label: 'Description', width: 320, flexible: true, shown: true, editor: 'text', text: (row) => row.description },
  { id: 'unit', label: 'Unit', width: 52, shown: true, editor: 'unit', text: (row) => unitText(row.unit) },
  { id: 'quantity', label: 'Quantity', width: 92, align: 'right', shown: true, editor: 'number', text: (row) => formatQuantity(row.quantity) },
  { id: 'takeoffQuantity', label: 'Take-off', width: 92, align: 'right', shown: false, editor: 'number', text: (row) => formatQuantity(row.takeoffQuantity) },
  { id: 'costRate', label: 'Cost rate', width: 92, align: 'right', shown: true, editor: 'number', text: (row) => formatRate(row.costRate) },
  { id: 'cost', label: 'Cost', width: 110, align: 'right', shown: true, editor: null, text: costText },
  { id: 'mix', label: 'Mix', width: 64, shown: true, editor: null, text: () => '' },
  { id: 'sellRate', label: 'Sell rate', width: 92, align: 'right', shown: false, editor: 'number', text: (row) => formatRate(row.lockedSellRate ?? row.sell?.rate) },
  { id: 'sell', label: 'Sell', width: 104, align: 'right', shown: true, editor: null, text: (row) => formatMoney(row.sell?.amount) },
  { id: 'status', label: 'Status', width: 52, shown: true, editor: null, text: (row) => (row.status ? STATUS_NAMES[row.status] : '') },
  { id: 'direct', label: 'Direct', width: 112, align: 'right', shown: false, editor: null, text: money((row) => row.direct) },
  { id: 'indirect', label: 'Indirect', width: 104, align: 'right', shown: false, editor: null, text: money((row) => row.indirect) },
  { id: 'labour', label: 'Labour', width: 104, align: 'right', shown: false, editor: null, text: money((row) => row.byType.labour) },
  { id: 'plant', label: 'Plant', width: 104, align: 'right', shown: false, editor: null, text: money((row) => row.byType.plant) },
  { id: 'material', label: 'Material', width: 104, align: 'right', shown: false, editor: null, text: money((row) => row.byType.material) },
  { id: 'subcontract', label: 'Subcontract', width: 104, align: 'right', shown: false, editor: null, text: money((row) => row.byType.subcontract) },
  { id: 'other', label: 'Other', width: 104, align: 'right', shown: false, editor: null, text: money((row) => row.byType.other) },
  { id: 'type', label: 'Type', width: 100, shown: false, editor: 'type', text: (row) => (row.type ? ITEM_TYPE_NAMES[row.type] : '') },
  { id: 'note', label: 'Note', width: 180, shown: false, editor: 'text', text: (row) => row.note ?? '' },
]

export const COLUMN_WIDTH_MIN = 40
export const COLUMN_WIDTH_MAX = 640

const BY_ID = new Map(COLUMNS.map((column) => [column.id, column]))
export function columnOf(id: ColumnId): Column {
  const column = BY_ID.get(id)
  if (!column) throw new Error(`no column ${id}`)
  return column
}

/** Whether the cell of this row may be typed into. */
export function isEditable(column: Column, row: Row): boolean {
  if (column.editor === null) return false
  if (row.kind === 'heading') return column.id === 'code' || column.id === 'description'
  // A rate is typed only where no worksheet works it out: it becomes a plug.
  // A rate typed here is locked: only what the client sees a rate of has one.
  if (column.id === 'sellRate') return row.type === 'schedule' || row.type === 'daywork'
  if (column.id === 'costRate') return !row.lineCount && !row.hasChildren
  return true
}

/** What F2 puts into the editor: the formula where there is one, the figure without separators otherwise. */
export function editText(column: Column, row: GridRowData): string {
  switch (column.id) {
    case 'quantity':
      return row.quantityFormula ?? editableDecimal(row.quantity)
    case 'takeoffQuantity':
      return editableDecimal(row.takeoffQuantity)
    case 'costRate':
      return editableDecimal(row.plugRate ?? row.costRate)
    case 'sellRate':
      return editableDecimal(row.lockedSellRate ?? row.sell?.rate)
    case 'unit':
      return row.unit ?? ''
    default:
      return column.text(row)
  }
}

/** What goes to the clipboard: numbers without separators, so that a spreadsheet reads them as numbers. */
export function clipboardText(column: Column, row: GridRowData): string {
  switch (column.id) {
    case 'quantity':
      return editableDecimal(row.quantity)
    case 'unit':
      return row.unit ?? ''
    case 'takeoffQuantity':
      return editableDecimal(row.takeoffQuantity)
    case 'costRate':
      return editableDecimal(row.costRate)
    case 'sellRate':
      return editableDecimal(row.lockedSellRate ?? row.sell?.rate)
    case 'sell':
      return row.sell?.amount ?? ''
    case 'cost':
      return row.cost
    case 'direct':
    case 'indirect':
      return row[column.id]
    case 'labour':
    case 'plant':
    case 'material':
    case 'subcontract':
    case 'other':
      return row.byType[column.id]
    default:
      return column.text(row)
  }
}
