import type { HistoryEntry } from '~/api/types'
import { formatQuantity, isDecimal } from '~/ui/decimal'

export interface ChangeWords {
  field: string
  /** Null: there was nothing before. */
  before: string | null
  after: string
}

const LONGEST = 120

/** Fields that hold one of a few words of the program's, never what somebody typed. */
const CHOICES = new Set(['state', 'status', 'type', 'kind', 'nature', 'method', 'role', 'costType', 'plugType', 'schedule', 'gst', 'bound', 'reason'])

function spaced(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[-_.]/g, ' ').toLowerCase()
}

/** A value as people read it; `field` is the last word of its name. */
function words(field: string, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') {
    if (isDecimal(value)) return formatQuantity(value, 6)
    return CHOICES.has(field) && /^[a-z]+(-[a-z]+)*$/.test(value) ? spaced(value) : value
  }
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return String(value)
  const text = Array.isArray(value) ? value.map((one) => words(field, one)).join(', ')
    : Object.entries(value).map(([name, one]) => [name, words(name, one)] as const)
      .filter(([, said]) => said !== '').map(([name, said]) => `${spaced(name)} ${said}`).join(', ')
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
  const field = line ? `${line[1]} ${spaced(line[2] ?? '')}` : (FIELD_WORDS[change.field] ?? spaced(change.field))
  const last = line?.[2] ?? change.field.split('.').at(-1) ?? ''
  return {
    field: field.charAt(0).toUpperCase() + field.slice(1),
    before: change.before === undefined ? null : words(last, change.before), after: words(last, change.after),
  }
}
