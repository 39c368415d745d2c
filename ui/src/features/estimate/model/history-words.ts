import type { HistoryEntry } from '~/api/types'
import { formatQuantity, isDecimal } from '~/ui/decimal'

export interface ChangeWords {
  field: string
  /** Null: there was nothing before. */
  before: string | null
  after: string
}

const LONGEST = 120

function words(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return isDecimal(value) ? formatQuantity(value, 6) : value
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return String(value)
  const text = JSON.stringify(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

/** "costRate" -> "Cost rate", with the values as people read them. */
export function changeWords(change: HistoryEntry['changes'][number]): ChangeWords {
  const spaced = change.field.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[-_.]/g, ' ').toLowerCase()
  return {
    field: spaced.charAt(0).toUpperCase() + spaced.slice(1), before: change.before === undefined ? null : words(change.before), after: words(change.after),
  }
}
