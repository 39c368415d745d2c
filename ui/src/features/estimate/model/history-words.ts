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

/** Fields whose name is not what people call them. */
const FIELD_WORDS: Record<string, string> = { gstPct: 'GST %', costRate: 'Cost rate', plugType: 'Cost type of the plug', takeoffQuantity: 'Take-off' }

const LINE = /^line (.+): (\w+)$/i
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** What says nothing to a person: the place among siblings and the number of the heading above. */
export function saysSomething(change: HistoryEntry['changes'][number]): boolean {
  return !UUID.test(String(change.after ?? '')) && !UUID.test(String(change.before ?? '')) && (change.field !== 'position' || change.before != null)
}

/** "costRate" -> "Cost rate", "line MAT-AP65: rate" -> "MAT-AP65 rate", with the values as people read them. */
export function changeWords(change: HistoryEntry['changes'][number]): ChangeWords {
  const line = LINE.exec(change.field)
  const named = line ? undefined : FIELD_WORDS[change.field]
  const spaced = named ?? (line ? `${line[1]} ${line[2]}` : change.field.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[-_.]/g, ' ').toLowerCase())
  return {
    field: spaced.charAt(0).toUpperCase() + spaced.slice(1), before: change.before === undefined ? null : words(change.before), after: words(change.after),
  }
}
