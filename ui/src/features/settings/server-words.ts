import type { Setting } from '~/api/types'
import { formatBytes } from '../jobs/words'

const LENGTHS: [number, string][] = [[86_400, 'day'], [3_600, 'hour'], [60, 'minute'], [1, 'second']]

/** What a setting is set to, as people say it. */
export function inWords({ key, value }: Pick<Setting, 'key' | 'value'>): string {
  const text = value.replace(/^"(.*)"$/, '$1')
  if (!text) return 'not set'
  if (!/^\d+$/.test(text)) return text
  const n = Number.parseInt(text, 10)
  if (key.endsWith('_per_minute')) return n === 0 ? 'no limit' : `${count(n)} a minute`
  if (key.includes('_bytes')) return formatBytes(n)
  if (key.includes('_seconds')) return duration(n)
  return count(n)
}

/** Whether the file writes a figure that the words do not show: a number of seconds or bytes. */
export function writtenOtherwise({ key, value }: Pick<Setting, 'key' | 'value'>): boolean {
  return /^\d+$/.test(value) && (key.includes('_bytes') || (key.includes('_seconds') && !inWords({ key, value }).startsWith(`${value} `)))
}

/** A number of seconds in the largest unit that divides it. */
export function duration(seconds: number): string {
  const [length, name] = LENGTHS.find(([length]) => seconds >= length && seconds % length === 0) ?? [1, 'second']
  const n = seconds / length
  return `${count(n)} ${name}${n === 1 ? '' : 's'}`
}

function count(n: number): string {
  return n.toLocaleString('en-NZ')
}

/** A text with names between backticks, in turns: text, name, text. */
export function spans(text: string): { code: boolean; text: string }[] {
  return text.split('`').map((part, at) => ({ code: at % 2 === 1, text: part })).filter((span) => span.text)
}
