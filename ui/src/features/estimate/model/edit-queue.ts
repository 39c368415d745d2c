import { type ApiProblem, isProblem, newKey } from '~/api/client'
import type { Edit, EditResult, Row } from '~/api/types'
import { type RowFields, isUpdate } from './edits'

/** Edits that may wait for the connection. Beyond this, new ones are refused rather than risked. */
export const WAITING_MAX = 500
/** How often a waiting queue tries again by itself, in milliseconds. */
const RETRY_MS = 3_000
/** Times one edit is merged with what others changed meanwhile before it is reported. */
const MERGES_MAX = 3

/** One field two people changed. */
export interface Clash {
  field: keyof Row
  mine: unknown
  theirs: unknown
}

/** Whose values stand; undecided: theirs do for now, and what was typed is kept with its cell. */
export type Whose = 'mine' | 'theirs' | 'undecided'

/** The person chose what somebody else had made of it: nothing is left to tell. */
export class TheirsStands extends Error {}

/** What two people made of the same row. */
export interface Conflict {
  /** The row as it is now. */
  row: Row
  clashes: Clash[]
  label: string | undefined
}

/** The values shown while the server has not answered. */
export type Overlay = ReadonlyMap<string, Partial<Row>>

export interface Queued {
  key: string
  label: string | undefined
  edits: Edit[]
  overlay: Overlay
  /** The rows as this person saw them when editing: tells a conflict from a harmless change elsewhere in the row. */
  seen: ReadonlyMap<string, Row>
  merges: number
  resolve: (result: EditResult) => void
  reject: (problem: unknown) => void
}

export interface QueueHooks {
  send: (body: { label?: string; edits: Edit[] }, key: string) => Promise<EditResult>
  /** Puts off sending what already shows until it has been painted. */
  soon?: (then: () => void) => void
  onResult: (result: EditResult) => void
  /** The queue or its state changed: repaint. */
  onChange: () => void
  /** Whether the person who typed the edits is the one signed in: only then are they sent. */
  isSignedIn: () => boolean
  /** The person is not signed in any more: the edits wait until they are. */
  onSignedOut: () => void
  /** The server has forgotten the leases the edits were made under: they are taken again before the next try. */
  onLeaseLost?: (edits: readonly Edit[]) => void
  /** Somebody else changed the same fields meanwhile: whose stand? */
  onConflict?: (conflict: Conflict) => Promise<Whose>
}

/**
 * Sends edits one at a time, in the order they were made. While the server cannot be reached they wait
 * and are sent again under the same idempotency key, so that none is lost or made twice.
 */
export class EditQueue {
  private queue: Queued[] = []
  private sending = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly hooks: QueueHooks
  /** The server could not be reached at the last attempt, or did not know the person. */
  waiting = false
  private idle: ((sent: boolean) => void)[] = []

  constructor(hooks: QueueHooks) {
    this.hooks = hooks
  }

  get size(): number {
    return this.queue.length
  }

  /** Pending values by row, later edits over earlier ones. */
  overlay(): Map<string, Partial<Row>> {
    const merged = new Map<string, Partial<Row>>()
    for (const entry of this.queue) {
      for (const [id, fields] of entry.overlay) merged.set(id, { ...merged.get(id), ...fields })
    }
    return merged
  }

  submit(edits: Edit[], options: { label?: string; overlay?: Overlay; seen?: ReadonlyMap<string, Row> } = {}): Promise<EditResult> {
    return new Promise((resolve, reject) => {
      if (this.queue.length >= WAITING_MAX) {
        reject(new Error(`${WAITING_MAX} edits are waiting for the connection. No more are taken until they are sent.`))
        return
      }
      this.queue.push({
        key: newKey(), label: options.label, edits, overlay: options.overlay ?? new Map(), seen: options.seen ?? new Map(), merges: 0, resolve, reject,
      })
      this.hooks.onChange()
      const go = () => void this.run()
      if (options.overlay?.size && this.hooks.soon) this.hooks.soon(go)
      else go()
    })
  }

  /** The connection is back: send what waits. */
  resume(): void {
    clearTimeout(this.timer)
    void this.run()
  }

  /** True as soon as everything is sent; false when what is here has to wait. */
  settled(): Promise<boolean> {
    if (this.queue.length === 0) return Promise.resolve(true)
    return this.waiting ? Promise.resolve(false) : new Promise((resolve) => this.idle.push(resolve))
  }

  private tellIdle(sent: boolean): void {
    for (const tell of this.idle.splice(0)) tell(sent)
  }

  dispose(): void {
    clearTimeout(this.timer)
  }

  private async run(): Promise<void> {
    if (this.sending) return
    this.sending = true
    try {
      for (let head = this.queue[0]; head; head = this.queue[0]) {
        if (!this.hooks.isSignedIn()) {
          this.wait()
          return this.tellIdle(false)
        }
        const settled = await this.sendOne(head)
        if (!settled) return this.tellIdle(false)
      }
      this.tellIdle(true)
    } finally {
      this.sending = false
    }
  }

  private wait(): void {
    this.waiting = true
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.run(), RETRY_MS)
    this.hooks.onChange()
  }

  /** False when the queue has to wait. */
  private async sendOne(head: Queued): Promise<boolean> {
    try {
      const result = await this.hooks.send({ ...(head.label ? { label: head.label } : {}), edits: head.edits }, head.key)
      this.queue.shift()
      this.waiting = false
      this.rebase(head, result)
      this.hooks.onResult(result)
      head.resolve(result)
    } catch (error) {
      const signedOut = isProblem(error) && error.code === 'not-signed-in'
      if (signedOut || (isProblem(error) && (error.offline || error.code === 'overloaded' || error.code === 'timeout' || error.code === 'vault-awaited'))) {
        this.wait()
        if (signedOut) this.hooks.onSignedOut()
        return false
      }
      if (isProblem(error) && error.code === 'lock-lease-expired' && head.merges < MERGES_MAX && this.hooks.onLeaseLost) {
        // The rows are free or the next answer names who has them: versions tell what was changed meanwhile.
        head.merges += 1
        this.hooks.onLeaseLost(head.edits)
        return true
      }
      const stale = isProblem(error) && error.code === 'stale-version' ? error : null
      const merged = stale && (mergedWith(head, stale) ?? (await this.decided(head, stale)))
      if (Array.isArray(merged)) {
        head.edits = merged
        head.key = newKey()
        head.merges += 1
      } else {
        this.queue.shift()
        this.waiting = false
        head.reject(merged === 'theirs' ? new TheirsStands() : error)
      }
    }
    this.hooks.onChange()
    return true
  }

  /** Shows both sides of a conflict to the person; null where nothing was decided. */
  private async decided(head: Queued, problem: ApiProblem): Promise<Edit[] | 'theirs' | null> {
    const current = problem.current as Row | undefined
    const clashes = current?.id ? clashesOf(head, current) : []
    if (!current || !this.hooks.onConflict || clashes.length === 0) return null
    const whose = await this.hooks.onConflict({ row: current, clashes, label: head.label })
    if (whose !== 'mine') return whose === 'theirs' ? whose : null
    return head.edits.map((edit): Edit => (isUpdate(edit) && edit.id === current.id ? { ...edit, version: current.version } : edit))
  }

  /** Our own commit moved the versions of its rows: edits waiting behind it saw those rows through us. */
  private rebase(sent: Queued, result: EditResult): void {
    const versions = new Map(result.rows.map((row) => [row.id, row.version]))
    const mine = new Map<string, number | null | undefined>()
    for (const edit of sent.edits) if (isUpdate(edit)) mine.set(edit.id, edit.version)
    for (const entry of this.queue) {
      entry.edits = entry.edits.map((edit) => {
        if (!isUpdate(edit) || edit.version == null) return edit
        const version = versions.get(edit.id)
        return version !== undefined && mine.get(edit.id) === edit.version ? { ...edit, version } : edit
      })
    }
  }
}

const ROW_FIELD: Partial<Record<keyof RowFields, keyof Row>> = { name: 'description', indirect: 'indirectFlag' }

/**
 * The edits against the row as it is now, when nothing this edit sets was changed by somebody else
 * meanwhile. Null when it was: then a person decides.
 */
function mergedWith(head: Queued, problem: ApiProblem): Edit[] | null {
  const current = problem.current as Row | undefined
  if (!current?.id || head.merges >= MERGES_MAX) return null
  const seen = head.seen.get(current.id)
  if (!seen) return null
  let found = false
  const edits = head.edits.map((edit): Edit => {
    if (!isUpdate(edit) || edit.id !== current.id) return edit
    found = true
    return { ...edit, version: current.version }
  })
  return found && clashesOf(head, current).length === 0 ? edits : null
}

/** Fields this edit sets that somebody else has changed since they were seen. */
function clashesOf(head: Queued, current: Row): Clash[] {
  const seen = head.seen.get(current.id)
  if (!seen) return []
  const clashes: Clash[] = []
  for (const edit of head.edits) {
    if (!isUpdate(edit) || edit.id !== current.id) continue
    for (const [name, mine] of Object.entries(edit.set) as [keyof RowFields, unknown][]) {
      const field = ROW_FIELD[name] ?? (name as keyof Row)
      const value = (row: Row): unknown => (name === 'quantity' ? (row.quantityFormula ?? row.quantity ?? null) : (row[field] ?? null))
      if (JSON.stringify(value(seen)) !== JSON.stringify(value(current))) clashes.push({ field, mine, theirs: value(current) })
    }
  }
  return clashes
}
