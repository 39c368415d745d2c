import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LiveConnection, backoffMs } from './connection'

class Socket {
  static all: Socket[] = []
  sent: unknown[] = []
  readyState = 1
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: (() => void) | null = null
  constructor() { Socket.all.push(this) }
  send(text: string) { this.sent.push(JSON.parse(text)) }
  close() { this.readyState = 3; this.onclose?.() }
  says(message: unknown) { this.onmessage?.({ data: JSON.stringify(message) }) }
}

const listener = (lsn?: number) => ({ lsn: () => lsn, onDelta: vi.fn(), onReload: vi.fn(), onPresence: vi.fn() })

describe('the live connection', () => {
  let live: LiveConnection
  beforeEach(() => {
    vi.useFakeTimers()
    Socket.all = []
    vi.stubGlobal('window', { addEventListener: () => {}, removeEventListener: () => {} })
    vi.stubGlobal('location', { protocol: 'http:', host: 'localhost' })
    vi.stubGlobal('navigator', { onLine: true })
    live = new LiveConnection(() => new Socket() as unknown as WebSocket)
    live.start()
  })
  afterEach(() => {
    live.stop()
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })
  const last = () => Socket.all.at(-1) as Socket
  const hello = { type: 'hello', heartbeatSeconds: 10, lsn: 5 }

  it('subscribes from the commit it has, and answers pings', () => {
    live.subscribe('e', listener(7))
    last().says(hello)
    last().says({ type: 'ping' })
    expect(live.state).toBe('live')
    expect(last().sent).toEqual([{ type: 'subscribe', estimateId: 'e', fromLsn: 7 }, { type: 'pong' }])
  })

  it('comes back by itself after a break and subscribes again', () => {
    live.subscribe('e', listener(7))
    last().says(hello)
    last().close()
    expect(live.state).toBe('reconnecting')
    vi.advanceTimersByTime(1_000)
    expect(Socket.all).toHaveLength(2)
    last().says(hello)
    expect(live.state).toBe('live')
    expect(last().sent).toHaveLength(1)
  })

  it('goes on after a break from what it was told, however much newer its own answers are', () => {
    let answered = 7
    live.subscribe('e', { ...listener(), lsn: () => answered })
    last().says(hello)
    last().says({ type: 'subscribed', estimateId: 'e', lsn: 9, mode: 'catch-up' })
    last().says({ type: 'delta', estimateId: 'e', lsn: 8 })
    last().close()
    // The server is back, and answered an edit before the connection was there again.
    answered = 12
    vi.advanceTimersByTime(1_000)
    last().says(hello)
    expect(last().sent).toEqual([{ type: 'subscribe', estimateId: 'e', fromLsn: 8 }])
    last().says({ type: 'subscribed', estimateId: 'e', lsn: 12, mode: 'reload' })
    last().close()
    vi.advanceTimersByTime(1_000)
    last().says(hello)
    expect(last().sent).toEqual([{ type: 'subscribe', estimateId: 'e', fromLsn: 12 }])
  })

  it('says offline when it keeps failing, and keeps trying', () => {
    last().says(hello)
    for (let attempt = 0; attempt < 6; attempt += 1) {
      last().close()
      vi.advanceTimersByTime(15_000)
    }
    expect(live.state).toBe('offline')
    expect(Socket.all.length).toBeGreaterThan(5)
  })

  it('takes silence for a dead link', () => {
    last().says(hello)
    vi.advanceTimersByTime(26_000)
    expect(Socket.all.length).toBe(2)
  })

  it('tells deltas, presence and the need to reload to whoever follows the estimate', () => {
    const mine = listener()
    const others = listener()
    live.subscribe('e', mine)
    live.subscribe('other', others)
    last().says(hello)
    last().says({ type: 'delta', estimateId: 'e', lsn: 6 })
    last().says({ type: 'subscribed', estimateId: 'e', lsn: 6, mode: 'reload' })
    last().says({ type: 'presence', estimateId: 'e', users: [{ id: 'u', name: 'U' }] })
    expect(mine.onDelta).toHaveBeenCalledOnce()
    expect(mine.onReload).toHaveBeenCalledWith(6)
    expect(mine.onPresence).toHaveBeenCalledWith([{ id: 'u', name: 'U' }])
    expect(others.onDelta).not.toHaveBeenCalled()
  })

  it('unsubscribes when the last listener goes', () => {
    const off = live.subscribe('e', listener())
    last().says(hello)
    off()
    expect(last().sent.at(-1)).toEqual({ type: 'unsubscribe', estimateId: 'e' })
  })
})

it('waits longer with every attempt, never much longer than its cap', () => {
  expect(backoffMs(0, 0)).toBe(200)
  expect(backoffMs(3, 1)).toBe(3_200)
  expect(backoffMs(30, 1)).toBe(15_000)
})
