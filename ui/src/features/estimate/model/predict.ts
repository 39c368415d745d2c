import type { Row, Totals } from '~/api/types'
import { addDecimal, isDecimal, isNegativeDecimal, isZeroDecimal, multiplyToCents, subtractDecimal } from '~/ui/decimal'

/** What is typed but not confirmed, and what follows from it without asking: a plug's cost and the sums above it. */
export interface Predicted {
  rows: ReadonlyMap<string, Partial<Row>>
  /** Changes of the totals. */
  totals: readonly { direct: boolean; type: NonNullable<Row['plugType']>; by: string }[]
}

/** Levels above a row at most: five headings and five items. */
const ANCESTORS_MAX = 10

/** The new cost of a row whose cost is quantity times plug rate and nothing else; null when it takes the server to say. */
function costOf(row: Row, fields: Partial<Row>): string | null {
  if (fields.quantity === undefined && fields.plugRate === undefined) return null
  const { kind, type, quantity, quantityFormula, plugRate, lineCount, hasChildren, takeoffQuantity } = { ...row, ...fields }
  if (kind !== 'item' || (type !== 'schedule' && type !== 'normal')) return null
  if (hasChildren || (lineCount ?? 0) > 0 || takeoffQuantity != null || quantityFormula != null) return null
  if (quantity == null || plugRate == null || !isDecimal(quantity) || isNegativeDecimal(quantity)) return null
  return multiplyToCents(quantity, plugRate)
}

/**
 * Adds to what is typed what it leads to. `rowOf` gives a row as the server last told it: once the
 * commit has been heard of the difference is nothing, whether the answer has arrived or not.
 */
export function predict(typed: ReadonlyMap<string, Partial<Row>>, rowOf: (id: string) => Row | undefined): Predicted {
  const rows = new Map(typed)
  const totals: { direct: boolean; type: NonNullable<Row['plugType']>; by: string }[] = []
  for (const [id, fields] of typed) {
    const row = rowOf(id)
    const cost = row && costOf(row, fields)
    if (!row || cost == null) continue
    const direct = row.indirectFlag !== true
    rows.set(id, { ...fields, cost, ...(direct ? { direct: cost } : { indirect: cost }) })
    const by = subtractDecimal(cost, row.cost)
    if (row.counted !== true || isZeroDecimal(by)) continue
    totals.push({ direct, type: fields.plugType ?? row.plugType ?? 'other', by })
    let above = row.parentId
    for (let level = 0; above && level < ANCESTORS_MAX; level += 1) {
      const parent = rowOf(above)
      if (!parent) break
      const sum = { ...parent, ...rows.get(above) }
      rows.set(above, {
        ...rows.get(above),
        cost: addDecimal(sum.cost, by),
        ...(direct ? { direct: addDecimal(sum.direct, by) } : { indirect: addDecimal(sum.indirect, by) }),
      })
      above = parent.parentId
    }
  }
  return { rows, totals }
}

/** The totals with what is on its way. */
export function withPredicted(totals: Totals, changes: Predicted['totals']): Totals {
  return changes.reduce((sum, { direct, type, by }) => ({
    ...sum,
    ...(direct ? { direct: addDecimal(sum.direct, by) } : { indirect: addDecimal(sum.indirect, by) }),
    total: addDecimal(sum.total, by),
    byType: { ...sum.byType, [type]: addDecimal(sum.byType[type], by) },
  }), totals)
}
