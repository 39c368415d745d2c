import type { ByType, Row } from '~/api/types'

const none: ByType = { labour: '0.00', plant: '0.00', material: '0.00', subcontract: '0.00', other: '0.00' }

/** An item row for tests. */
export function item(id: string, fields: Partial<Row> = {}): Row {
  return {
    id, kind: 'item', parentId: 'h', depth: 2, code: id, description: `Item ${id}`, version: 1, hasChildren: false, childCount: 0, open: false,
    direct: '0.00', indirect: '0.00', cost: '0.00', byType: none, items: 1, unpriced: 1, plugged: 0,
    type: 'schedule', unit: 'm', quantity: '1.0000', status: 'unpriced', counted: true, ...fields,
  }
}

/** A heading row for tests. */
export function heading(id: string, fields: Partial<Row> = {}): Row {
  return {
    id, kind: 'heading', parentId: null, depth: 1, code: id, description: `Heading ${id}`, version: 1, hasChildren: true, childCount: 1, open: true,
    direct: '0.00', indirect: '0.00', cost: '0.00', byType: none, items: 1, unpriced: 1, plugged: 0, ...fields,
  }
}
