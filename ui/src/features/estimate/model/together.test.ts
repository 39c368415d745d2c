import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LiveLease } from '~/api/types'
import { Together } from './together'

const lease = (rowId: string, clientId: string, id = `lease-${rowId}`): LiveLease =>
  ({ id, rowId, clientId, person: { id: `person-${clientId}`, name: clientId }, since: '2026-04-20T02:05:00Z' })
const set = (id: string) => [{ op: 'update-item' as const, id, set: { quantity: '2' } }]

function start(busy = () => false) {
  const said: { type: string; rowId?: string | null }[] = []
  const broken: string[] = []
  const together = new Together('e', {
    clientId: 'me', say: (message) => said.push(message), changed: () => {}, busy, onBroken: (one, by, reason) => broken.push(`${one.rowId} ${by} ${reason}`),
  })
  return { together, said, broken }
}

describe('together', () => {
  beforeEach(() => { vi.useFakeTimers() })
  afterEach(() => { vi.useRealTimers() })

  it('takes a row at once and names the lease from when it is confirmed', () => {
    const { together, said } = start()
    together.hold('a')
    expect(said).toEqual([{ type: 'take', estimateId: 'e', rowId: 'a' }])
    expect(together.named(set('a'))).toEqual([])
    together.hear({ type: 'lease-held', estimateId: 'e', lease: lease('a', 'me') })
    expect(together.named(set('a'))).toEqual(['lease-a'])
    expect(together.named(set('b'))).toEqual([])
    expect(together.of('a').holder).toBeNull()
  })

  it('lets a row go a moment after it was left, and not while edits are on their way', () => {
    let busy = true
    const { together, said } = start(() => busy)
    together.hold('a')
    together.hear({ type: 'lease-held', estimateId: 'e', lease: lease('a', 'me') })
    together.leave('a')
    vi.advanceTimersByTime(1_600)
    expect(said.some((one) => one.type === 'release')).toBe(false)
    busy = false
    vi.advanceTimersByTime(1_600)
    expect(said.at(-1)).toEqual({ type: 'release', estimateId: 'e', rowId: 'a' })
    expect(together.named(set('a'))).toEqual([])
  })

  it('asks again for what it held when the connection is new, and keeps others apart', () => {
    const { together, said } = start()
    together.hold('a')
    said.length = 0
    together.hear({ type: 'leases', estimateId: 'e', leases: [lease('b', 'other')] })
    expect(said.filter((one) => one.type === 'take')).toEqual([{ type: 'take', estimateId: 'e', rowId: 'a' }])
    expect(together.of('b').holder?.person.name).toBe('other')
    together.hear({ type: 'lease-freed', estimateId: 'e', rowId: 'b' })
    expect(together.of('b').holder).toBeNull()
  })

  it('holds what it took over until this person had time to go there, whichever of the two answers comes first', () => {
    const { together, said } = start()
    together.hear({ type: 'lease-held', estimateId: 'e', lease: lease('a', 'other') })
    together.keep('a')
    together.hear({ type: 'lease-broken', estimateId: 'e', lease: lease('a', 'other'), by: 'Me', reason: 'closing' })
    together.hear({ type: 'lease-held', estimateId: 'e', lease: lease('a', 'me') })
    vi.advanceTimersByTime(20_000)
    expect(said.some((one) => one.type === 'release')).toBe(false)
    expect(together.named(set('a'))).toEqual(['lease-a'])
    together.hold('a')
    vi.advanceTimersByTime(60_000)
    expect(said.some((one) => one.type === 'release')).toBe(false)
    together.leave('a')
    vi.advanceTimersByTime(1_600)
    expect(said.at(-1)).toEqual({ type: 'release', estimateId: 'e', rowId: 'a' })
  })

  it('is told of a takeover once and does not take the row back', () => {
    const { together, said, broken } = start()
    together.hold('a')
    together.hear({ type: 'lease-held', estimateId: 'e', lease: lease('a', 'me') })
    said.length = 0
    together.hear({ type: 'lease-broken', estimateId: 'e', lease: lease('a', 'me'), by: 'Lead', reason: 'closing' })
    together.hear({ type: 'lease-held', estimateId: 'e', lease: lease('a', 'lead') })
    expect(broken).toEqual(['a Lead closing'])
    expect(said).toEqual([])
    expect(together.of('a').holder?.clientId).toBe('lead')
  })

  it('says where the person is a few times a second at most, and hears where others are', () => {
    const { together, said } = start()
    for (const field of ['code', 'description', 'quantity']) together.at({ rowId: 'a', field, typing: false })
    vi.advanceTimersByTime(250)
    expect(said).toEqual([{ type: 'at', estimateId: 'e', rowId: 'a', field: 'quantity', typing: false }])
    const place = { rowId: 'a', field: 'unit', typing: true }
    together.hear({ type: 'places', estimateId: 'e', places: [{ clientId: 'other', person: { id: 'p', name: 'Ben' }, place }] })
    const seen = together.of('a')
    expect(seen.here[0]?.name).toBe('Ben')
    // Nothing changed: the same object, so that the row is not painted again.
    expect(together.of('a')).toBe(seen)
    together.hear({ type: 'places', estimateId: 'e', places: [{ clientId: 'other', person: { id: 'p', name: 'Ben' } }] })
    expect(together.of('a').here).toEqual([])
  })
})
