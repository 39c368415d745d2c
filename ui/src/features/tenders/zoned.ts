/** Wall-clock times of a zone as `<input type="datetime-local">` has them ("2026-12-04T16:00"), to and from UTC. */

const INPUT = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/

function wall(at: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-NZ', {
    timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  }).formatToParts(at)
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? ''
  return `${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}`
}

function asUtc(text: string): number | null {
  const match = INPUT.exec(text)
  if (!match) return null
  const [year, month, day, hour, minute] = match.slice(1).map(Number)
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute)
}

/** "2026-12-04T03:00:00Z" in Pacific/Auckland -> "2026-12-04T16:00"; empty for no time. */
export function toZonedInput(at: string | null | undefined, zone: string): string {
  return at ? wall(new Date(at).getTime(), zone) : ''
}

/**
 * "2026-12-04T16:00" in Pacific/Auckland -> "2026-12-04T03:00:00.000Z"; null for what is no time.
 * A time that daylight saving skips becomes the one an hour later.
 */
export function fromZonedInput(text: string, zone: string): string | null {
  const wanted = asUtc(text)
  if (wanted === null) return null
  const offset = (at: number) => (asUtc(wall(at, zone)) ?? at) - at
  // The offset at the wanted time read as UTC may lie on the other side of a change: look again at the result.
  const first = wanted - offset(wanted)
  const second = wanted - offset(first)
  return new Date(second).toISOString()
}
