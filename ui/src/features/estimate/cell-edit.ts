import type { ItemType, Row, Unit } from '~/api/types'
import { isDecimal, readDecimal } from '~/ui/decimal'
import { ITEM_TYPES, ITEM_TYPE_NAMES, UNMEASURED } from '~/ui/words'
import type { Column } from './columns'
import type { RowFields } from './model/edits'

export interface CellEdit {
  set: RowFields
  /** Shown until the server answers. */
  overlay: Partial<Row>
}
export type ReadCell = { ok: true; edit: CellEdit } | { ok: false; message: string }

export function matchType(text: string): ItemType | null {
  const wanted = text.trim().toLowerCase()
  if (!wanted) return null
  return ITEM_TYPES.find((type) => type === wanted || ITEM_TYPE_NAMES[type].toLowerCase() === wanted)
    ?? ITEM_TYPES.find((type) => ITEM_TYPE_NAMES[type].toLowerCase().startsWith(wanted)) ?? null
}

/** The unit's code when the text names it by code, name or alias, whatever the case; otherwise the text itself. */
export function matchUnit(text: string, units: readonly Unit[]): string {
  const wanted = text.trim().toLowerCase()
  const unit = units.find((one) => one.code.toLowerCase() === wanted)
    ?? units.find((one) => one.name.toLowerCase() === wanted || one.aliases.some((alias) => alias.toLowerCase() === wanted))
  return unit?.code ?? text.trim()
}

/** A number as the server takes it, or the formula as it was typed (a leading = is a spreadsheet's habit). */
export function readQuantity(text: string): string {
  const body = text.trim().replace(/^=\s*/, '')
  return readDecimal(body) ?? body
}

/** What typing `text` into the cell asks of the server. */
export function readCell(column: Column, row: Row, text: string, units: readonly Unit[]): ReadCell {
  const value = text.trim()
  switch (column.id) {
    case 'code':
      return { ok: true, edit: { set: { code: value }, overlay: { code: value } } }
    case 'description':
      return row.kind === 'heading'
        ? { ok: true, edit: { set: { name: value }, overlay: { description: value } } }
        : { ok: true, edit: { set: { description: value }, overlay: { description: value } } }
    case 'note':
      return { ok: true, edit: { set: { note: value || null }, overlay: { note: value || null } } }
    case 'unit': {
      const unit = matchUnit(value, units) || null
      return { ok: true, edit: { set: { unit }, overlay: { unit } } }
    }
    case 'type': {
      const type = matchType(value)
      if (!type) return { ok: false, message: `“${value}” is no item type. Choose one from the list.` }
      // What has no quantity loses it with the type: both change together.
      const bare = UNMEASURED.includes(type) && row.quantity != null ? { quantity: null } : {}
      return { ok: true, edit: { set: { type, ...bare }, overlay: { type, ...bare } } }
    }
    case 'quantity': {
      const quantity = value === '' ? null : readQuantity(value)
      const plain = quantity !== null && isDecimal(quantity)
      return {
        ok: true,
        edit: { set: { quantity }, overlay: plain || quantity === null ? { quantity, quantityFormula: null } : { quantityFormula: quantity } },
      }
    }
    case 'takeoffQuantity': {
      const takeoffQuantity = value === '' ? null : readDecimal(value)
      if (value !== '' && takeoffQuantity === null) return { ok: false, message: `“${value}” is no number.` }
      return { ok: true, edit: { set: { takeoffQuantity }, overlay: { takeoffQuantity } } }
    }
    case 'costRate': {
      const plugRate = value === '' ? null : readDecimal(value)
      if (value !== '' && plugRate === null) return { ok: false, message: `“${value}” is no rate.` }
      const set: RowFields = plugRate === null ? { plugRate, plugType: null } : { plugRate, plugType: row.plugType ?? 'other' }
      return { ok: true, edit: { set, overlay: { plugRate, costRate: plugRate } } }
    }
    case 'sellRate': {
      const lockedSellRate = value === '' ? null : readDecimal(value)
      if (value !== '' && lockedSellRate === null) return { ok: false, message: `“${value}” is no rate.` }
      return { ok: true, edit: { set: { lockedSellRate }, overlay: { lockedSellRate } } }
    }
    default:
      return { ok: false, message: `${column.label} is worked out and cannot be typed.` }
  }
}
