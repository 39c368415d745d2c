import type { Edit, LiveLease, LivePlace, LivePresence, LiveServerMessage } from '~/api/types'

/** Rest between two messages about where this person is, ms: others follow closely enough, the server hears little. */
const PLACE_EVERY_MS = 200
/** How long a row stays held after the keyboard has left it, ms: people come back to the row they were on. */
const LINGER_MS = 1_500
/** How long a row that was taken over is held for whoever took it to go there, ms. */
const TAKEN_OVER_MS = 30_000

/** Somebody at a place of the estimate. */
export interface Other {
  clientId: string
  id: string
  name: string
  place: LivePlace
}

/** What a grid row shows of others: who holds it and who is on it. Stable while nothing changed, so that the row does not repaint. */
export interface RowOthers {
  holder: LiveLease | null
  here: readonly Other[]
}

export interface TogetherHooks {
  clientId: string
  say: (message: { type: 'take' | 'release'; estimateId: string; rowId: string } | ({ type: 'at'; estimateId: string } & LivePlace)) => void
  changed: () => void
  /** Whether edits are still on their way: what they touch stays held. */
  busy: () => boolean
  onBroken: (lease: LiveLease, by: string, reason: string) => void
}

const NOBODY: RowOthers = { holder: null, here: [] }

/** Who holds which row of one estimate and who is where, as this tab knows it. */
export class Together {
  private readonly estimateId: string
  private readonly hooks: TogetherHooks
  private readonly leases = new Map<string, LiveLease>()
  private readonly others = new Map<string, Other>()
  private rows = new Map<string, RowOthers>()
  /** Rows this person is at work on, and when they are let go. */
  private readonly wanted = new Map<string, ReturnType<typeof setTimeout> | null>()
  private place: LivePlace = { rowId: null, field: null, typing: false }
  private placeTimer: ReturnType<typeof setTimeout> | undefined
  private told = ''

  constructor(estimateId: string, hooks: TogetherHooks) {
    this.estimateId = estimateId
    this.hooks = hooks
  }

  // ---- what the server says

  hear(message: LiveServerMessage): void {
    switch (message.type) {
      case 'leases':
        this.leases.clear()
        for (const lease of message.leases) this.leases.set(lease.rowId, lease)
        // The connection is new: what was held before is asked for again, and so is the place told.
        for (const rowId of this.wanted.keys()) this.take(rowId)
        this.told = ''
        this.tellPlace()
        break
      case 'lease-held':
      case 'lease-refused':
        this.leases.set(message.lease.rowId, message.lease)
        // Let go while the answer was on its way.
        if (this.isMine(message.lease) && !this.wanted.has(message.lease.rowId)) this.release(message.lease.rowId)
        break
      case 'lease-freed':
        this.leases.delete(message.rowId)
        break
      case 'lease-broken':
        this.leases.delete(message.lease.rowId)
        if (this.isMine(message.lease)) {
          this.forget(message.lease.rowId)
          this.hooks.onBroken(message.lease, message.by, message.reason)
        }
        break
      case 'places':
        for (const one of message.places) this.moved(one)
        break
      default:
        return
    }
    this.rows = new Map()
    this.hooks.changed()
  }

  private moved({ clientId, person, place }: LivePresence): void {
    if (clientId === this.hooks.clientId) return
    if (place) this.others.set(clientId, { clientId, id: person.id, name: person.name, place })
    else this.others.delete(clientId)
  }

  /** The connection is gone: nobody is known to be anywhere until it is back. */
  lost(): void {
    if (this.others.size === 0 && this.leases.size === 0) return
    this.others.clear()
    this.leases.clear()
    this.rows = new Map()
    this.hooks.changed()
  }

  // ---- what this person does

  /** Starts work on a row: it is taken without waiting, and edits may go out before the answer. */
  hold(rowId: string): void {
    const timer = this.wanted.get(rowId)
    if (timer) clearTimeout(timer)
    this.wanted.set(rowId, null)
    const lease = this.leases.get(rowId)
    if (!lease || !this.isMine(lease)) this.take(rowId)
  }

  /** Ends work on a row; it is free for others in a moment. */
  leave(rowId: string): void {
    if (this.wanted.has(rowId)) this.linger(rowId, LINGER_MS)
  }

  private linger(rowId: string, ms: number): void {
    const timer = this.wanted.get(rowId)
    if (timer) clearTimeout(timer)
    this.wanted.set(rowId, setTimeout(() => this.letGo(rowId), ms))
  }

  private letGo(rowId: string): void {
    if (this.hooks.busy()) return this.leave(rowId)
    this.forget(rowId)
    this.release(rowId)
  }

  /** The row is being taken over: it is held for this person to go to. */
  keep(rowId: string): void {
    this.linger(rowId, TAKEN_OVER_MS)
  }

  /** Lets everything go: the estimate is left. */
  leaveAll(): void {
    for (const rowId of [...this.wanted.keys()]) {
      this.forget(rowId)
      this.release(rowId)
    }
    clearTimeout(this.placeTimer)
  }

  private forget(rowId: string): void {
    const timer = this.wanted.get(rowId)
    if (timer) clearTimeout(timer)
    this.wanted.delete(rowId)
  }

  private take(rowId: string): void {
    this.hooks.say({ type: 'take', estimateId: this.estimateId, rowId })
  }

  private release(rowId: string): void {
    this.hooks.say({ type: 'release', estimateId: this.estimateId, rowId })
  }

  /** A write was refused because the server knows our lease no more: take the rows again. */
  takeAgain(edits: readonly Edit[]): void {
    for (const rowId of rowsOf(edits)) {
      const lease = this.leases.get(rowId)
      if (lease && this.isMine(lease)) this.leases.delete(rowId)
      if (this.wanted.has(rowId)) this.take(rowId)
    }
  }

  /** Says where this person is, now or in a moment. */
  at(place: LivePlace): void {
    this.place = place
    this.placeTimer ??= setTimeout(() => { this.placeTimer = undefined; this.tellPlace() }, PLACE_EVERY_MS)
  }

  private tellPlace(): void {
    const text = JSON.stringify(this.place)
    if (text === this.told) return
    this.told = text
    this.hooks.say({ type: 'at', estimateId: this.estimateId, ...this.place })
  }

  // ---- what others ask

  private isMine(lease: LiveLease): boolean {
    return lease.clientId === this.hooks.clientId
  }

  /** Who else holds a row and who is on it. */
  of(rowId: string): RowOthers {
    const known = this.rows.get(rowId)
    if (known) return known
    const lease = this.leases.get(rowId)
    const here = [...this.others.values()].filter((other) => other.place.rowId === rowId)
    const holder = lease && !this.isMine(lease) ? lease : null
    const others = holder || here.length ? { holder, here } : NOBODY
    this.rows.set(rowId, others)
    return others
  }

  /** Everybody else with a place, by name. */
  everybody(): Other[] {
    return [...this.others.values()].sort((a, b) => a.name.localeCompare(b.name))
  }

  /** The leases an edit is made under. */
  named(edits: readonly Edit[]): string[] {
    const ids: string[] = []
    for (const rowId of rowsOf(edits)) {
      const lease = this.leases.get(rowId)
      if (lease && this.isMine(lease) && this.wanted.has(rowId)) ids.push(lease.id)
    }
    return ids
  }
}

/** Rows whose fields or worksheet edits write. */
function rowsOf(edits: readonly Edit[]): Set<string> {
  const rows = new Set<string>()
  for (const edit of edits) {
    if ('itemId' in edit && typeof edit.itemId === 'string') rows.add(edit.itemId)
    else if (edit.op === 'update-item' || edit.op === 'update-heading') rows.add(edit.id)
  }
  return rows
}
