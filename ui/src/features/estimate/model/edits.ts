import type { Edit, ItemFields, Row } from '~/api/types'

/** Fields of a row as the grid knows them; a heading has only `code` and `name`. */
export interface RowFields extends ItemFields {
  name?: string
}

/** What a new item starts with: an item always has a unit and a quantity, and a lump sum has exactly one (BR-019 to BR-021). */
export const NEW_ITEM = { unit: 'LS', quantity: '1' } as const satisfies ItemFields

export type UpdateEdit = Extract<Edit, { op: 'update-heading' | 'update-item' }>

export function isUpdate(edit: Edit): edit is UpdateEdit {
  return edit.op === 'update-heading' || edit.op === 'update-item'
}

/** New values for some fields of a row. With `version`, refused when the row changed since. */
export function updateOf(row: Pick<Row, 'id' | 'kind'>, set: RowFields, version?: number): UpdateEdit {
  const seen = version === undefined ? {} : { version }
  if (row.kind === 'item') return { op: 'update-item', id: row.id, ...seen, set }
  return { op: 'update-heading', id: row.id, ...seen, set: { ...(set.code == null ? {} : { code: set.code }), ...(set.name === undefined ? {} : { name: set.name }) } }
}
