/** Dates in en-NZ and the organisation's time zone. */
const ZONE = 'Pacific/Auckland'

const DAY_TIME = new Intl.DateTimeFormat('en-NZ', { timeZone: ZONE, weekday: 'short', day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit', hour12: true })
const FULL = new Intl.DateTimeFormat('en-NZ', { timeZone: ZONE, dateStyle: 'medium', timeStyle: 'medium' })
const MOMENT = new Intl.DateTimeFormat('en-NZ', { timeZone: ZONE, dateStyle: 'medium', timeStyle: 'short' })
const TIME = new Intl.DateTimeFormat('en-NZ', { timeZone: ZONE, timeStyle: 'short' })
const DAY = new Intl.DateTimeFormat('en-NZ', { timeZone: ZONE, day: 'numeric', month: 'short', year: 'numeric' })
const RELATIVE = new Intl.RelativeTimeFormat('en-NZ', { numeric: 'auto' })

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY_MS = 24 * HOUR

/** "Thu, 4 Dec, 4:00 pm". */
export function formatDayTime(at: string): string {
  return DAY_TIME.format(new Date(at))
}
/** "22 Nov 2026, 6:45:12 pm". */
export function formatFull(at: string): string {
  return FULL.format(new Date(at))
}
/** "22 Nov 2026, 6:45 pm": when something was decided. */
export function formatMoment(at: string): string {
  return MOMENT.format(new Date(at))
}
/** "6:45 pm". */
export function formatTime(at: string): string {
  return TIME.format(new Date(at))
}
/** "22 Nov 2026". */
export function formatDay(at: string): string {
  return DAY.format(new Date(at))
}
/** "in 11 days", "3 minutes ago", "yesterday". */
export function formatRelative(at: string, now = Date.now()): string {
  const ms = new Date(at).getTime() - now
  const size = Math.abs(ms)
  if (size < MINUTE) return 'just now'
  if (size < HOUR) return RELATIVE.format(Math.trunc(ms / MINUTE), 'minute')
  if (size < DAY_MS) return RELATIVE.format(Math.trunc(ms / HOUR), 'hour')
  return RELATIVE.format(Math.trunc(ms / DAY_MS), 'day')
}
/** "11 days", "5 hours", or null when the moment is past. */
export function timeLeft(at: string, now = Date.now()): string | null {
  const ms = new Date(at).getTime() - now
  if (ms <= 0) return null
  const [size, noun] = ms >= DAY_MS ? [Math.floor(ms / DAY_MS), 'day'] : ms >= HOUR ? [Math.floor(ms / HOUR), 'hour'] : [Math.max(1, Math.floor(ms / MINUTE)), 'minute']
  return `${size} ${noun}${size === 1 ? '' : 's'}`
}
