import type { Row } from '~/api/types'
import { nameRows } from '../actions'

/** What copying rows back is called, and what does not come along: a row comes by itself, without those under it. */
export interface Copied {
  name: string
  /** Said with the name; empty where nothing is left out. */
  without: string
}

export function copiedOf(rows: readonly Row[]): Copied {
  const [only] = rows
  const name = nameRows(rows)
  if (!only || !rows.some((row) => row.hasChildren)) return { name, without: '' }
  if (rows.length > 1) return { name, without: 'of the rows under them only those selected' }
  return {
    name: `${only.code} ${only.description}`.trim() || name,
    without: only.kind === 'heading' ? 'the heading itself, not the rows under it' : 'the item itself, not its sub-items',
  }
}
