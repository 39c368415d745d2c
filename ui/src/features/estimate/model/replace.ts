import type { Row } from '~/api/types'
import type { RowFields } from './edits'

export type ReplaceField = 'description' | 'code' | 'unit'

/** What replacing would make of one row; null when it changes nothing. Units are replaced whole, text wherever it occurs. */
export function replaceIn(row: Row, field: ReplaceField, find: string, replace: string, matchCase: boolean): { before: string; after: string; set: RowFields } | null {
  if (find === '' || (field === 'unit' && row.kind === 'heading')) return null
  const before = (field === 'unit' ? row.unit : row[field]) ?? ''
  const flags = matchCase ? 'g' : 'gi'
  const escaped = find.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const pattern = new RegExp(field === 'unit' ? `^${escaped}$` : escaped, flags)
  const after = before.replace(pattern, () => replace)
  if (after === before) return null
  if (field === 'description') return { before, after, set: row.kind === 'heading' ? { name: after } : { description: after } }
  return { before, after, set: field === 'code' ? { code: after } : { unit: after } }
}
