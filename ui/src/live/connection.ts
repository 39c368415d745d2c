import { API, clientId } from '~/api/client'
import type { LiveClientMessage, LiveDelta, LiveServerMessage, Lsn } from '~/api/types'

/** live: deltas flow; reconnecting: the link broke and is being mended; offline: nothing reaches the server. */
export type LinkState = 'connecting' | 'live' | 'reconnecting' | 'offline'

const BACKOFF_FIRST_MS = 400
const BACKOFF_MAX_MS = 15_000
/** Attempts after which the link is called offline rather than reconnecting. */
const ATTEMPTS_BEFORE_OFFLINE = 4
const HEARTBEAT_DEFAULT_S = 20
/** Silence of this many heartbeats means the link is dead even if the socket looks open. */
const SILENT_HEARTBEATS = 2.5

/** What an open estimate wants to hear. */
export interface EstimateListener {
  /** The commit this client has; the server answers with what came after. */
  lsn: () => Lsn | undefined
  onDelta: (delta: LiveDelta) => void
  /** Too far behind to catch up: read everything again. */
  onReload: (lsn: Lsn) => void
  onPresence: (users: { id: string; name: string }[]) => void
  /** Who holds which row and who is where. */
  onTogether?: (message: LiveServerMessage) => void
}

export type SocketFactory = (url: string) => WebSocket

/** Waiting time before attempt `n` (0-based), in milliseconds; `jitter` between 0 and 1. */
export function backoffMs(attempt: number, jitter: number): number {
  const full = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** attempt)
  return Math.round(full / 2 + (full / 2) * jitter)
}

/** One WebSocket per tab, mended by itself, shared by whatever is open. */
export class LiveConnection {
  private socket: WebSocket | null = null
  private wanted = false
  private attempt = 0
  private retryTimer: ReturnType<typeof setTimeout> | undefined
  private silenceTimer: ReturnType<typeof setTimeout> | undefined
  private heartbeatS = HEARTBEAT_DEFAULT_S
  private readonly estimates = new Map<string, Set<EstimateListener>>()
  /**
   * Up to which commit of each estimate everything was told here. Answers to one's own requests may be
   * newer while commits of others before them were missed: after a break it goes on from here.
   */
  private readonly heard = new Map<string, Lsn>()
  private readonly stateListeners = new Set<() => void>()
  private readonly libraryListeners = new Set<(changed: { entity: string; id: string }[]) => void>()
  private readonly open: SocketFactory
  state: LinkState = 'connecting'

  constructor(open: SocketFactory = (url) => new WebSocket(url)) {
    this.open = open
  }

  start(): void {
    if (this.wanted) return
    this.wanted = true
    window.addEventListener('online', this.onOnline)
    window.addEventListener('offline', this.onOffline)
    this.connect()
  }

  stop(): void {
    this.wanted = false
    window.removeEventListener('online', this.onOnline)
    window.removeEventListener('offline', this.onOffline)
    clearTimeout(this.retryTimer)
    clearTimeout(this.silenceTimer)
    this.socket?.close()
    this.socket = null
    this.setState('connecting')
  }

  /** Hears of one estimate until the returned function is called. */
  subscribe(estimateId: string, listener: EstimateListener): () => void {
    const listeners = this.estimates.get(estimateId) ?? new Set()
    listeners.add(listener)
    this.estimates.set(estimateId, listeners)
    if (this.state === 'live') this.sendSubscribe(estimateId, listener)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) {
        this.estimates.delete(estimateId)
        this.heard.delete(estimateId)
        this.send({ type: 'unsubscribe', estimateId })
      }
    }
  }

  onLibrary(listener: (changed: { entity: string; id: string }[]) => void): () => void {
    this.libraryListeners.add(listener)
    return () => this.libraryListeners.delete(listener)
  }

  onState = (listener: () => void): (() => void) => {
    this.stateListeners.add(listener)
    return () => this.stateListeners.delete(listener)
  }

  /** A request just failed for want of a connection: look at the link now rather than at the next heartbeat. */
  suspect(): void {
    if (this.state === 'live') this.socket?.close()
  }

  private readonly onOnline = () => {
    this.attempt = 0
    this.connect()
  }

  private readonly onOffline = () => {
    this.setState('offline')
    this.socket?.close()
  }

  private connect(): void {
    if (!this.wanted || this.socket) return
    clearTimeout(this.retryTimer)
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    const socket = this.open(`${scheme}://${location.host}${API}/live?client=${clientId}`)
    this.socket = socket
    socket.onmessage = (event) => this.receive(String(event.data))
    socket.onclose = () => this.lost(socket)
    this.listenForSilence()
  }

  private lost(socket: WebSocket): void {
    if (this.socket !== socket) return
    this.socket = null
    clearTimeout(this.silenceTimer)
    if (!this.wanted) return
    const offline = !navigator.onLine || this.attempt >= ATTEMPTS_BEFORE_OFFLINE
    this.setState(offline ? 'offline' : this.state === 'connecting' && this.attempt === 0 ? 'connecting' : 'reconnecting')
    this.retryTimer = setTimeout(() => this.connect(), backoffMs(this.attempt, Math.random()))
    this.attempt += 1
  }

  private listenForSilence(): void {
    clearTimeout(this.silenceTimer)
    this.silenceTimer = setTimeout(() => {
      const silent = this.socket
      if (!silent) return
      silent.close()
      this.lost(silent)
    }, this.heartbeatS * SILENT_HEARTBEATS * 1000)
  }

  private receive(text: string): void {
    let message: LiveServerMessage
    try {
      message = JSON.parse(text) as LiveServerMessage
    } catch {
      return
    }
    if (message.type === 'hello') this.heartbeatS = message.heartbeatSeconds || HEARTBEAT_DEFAULT_S
    this.listenForSilence()
    switch (message.type) {
      case 'hello':
        this.attempt = 0
        this.setState('live')
        for (const [estimateId, listeners] of this.estimates) {
          const [first] = listeners
          if (first) this.sendSubscribe(estimateId, first, this.heard.get(estimateId))
        }
        return
      case 'ping':
        return this.send({ type: 'pong' })
      case 'subscribed':
        // What is to be caught up with follows, and is heard of one by one.
        if (message.mode !== 'catch-up') this.heard.set(message.estimateId, message.lsn)
        if (message.mode === 'reload') this.each(message.estimateId, (listener) => listener.onReload(message.lsn))
        return
      case 'delta':
        this.heard.set(message.estimateId, Math.max(this.heard.get(message.estimateId) ?? 0, message.lsn))
        return this.each(message.estimateId, (listener) => listener.onDelta(message))
      case 'presence':
        return this.each(message.estimateId, (listener) => listener.onPresence(message.users))
      case 'leases':
      case 'lease-held':
      case 'lease-freed':
      case 'lease-refused':
      case 'lease-broken':
      case 'places':
        return this.each(message.estimateId, (listener) => listener.onTogether?.(message))
      case 'library':
        for (const listener of this.libraryListeners) listener(message.changed)
        return
      case 'bye':
        this.socket?.close()
        return
      case 'refused':
        // A message of ours that the server does not know: a newer page meets an older server.
        return
    }
  }

  private each(estimateId: string, tell: (listener: EstimateListener) => void): void {
    for (const listener of this.estimates.get(estimateId) ?? []) tell(listener)
  }

  private sendSubscribe(estimateId: string, listener: EstimateListener, heard?: Lsn): void {
    const fromLsn = heard ?? listener.lsn()
    this.send({ type: 'subscribe', estimateId, ...(fromLsn === undefined ? {} : { fromLsn }) })
  }

  /** Says something while the link is there; what is lost is said again by whoever hears of the new link. */
  say(message: LiveClientMessage): void {
    this.send(message)
  }

  private send(message: LiveClientMessage): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message))
  }

  private setState(state: LinkState): void {
    if (this.state === state) return
    this.state = state
    for (const listener of this.stateListeners) listener()
  }
}

export const live = new LiveConnection()
