import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { api, clientId } from '~/api/client'
import { keys, pastKey } from '~/api/queries'
import type { Checks, Edit, EditResult, Estimate, LiveDelta, Located, Prices, Row, RowPrice, RowsWindow, Session, Totals, TreeView, UndoState, Worksheet } from '~/api/types'
import { afterPaint } from '~/app/after-paint'
import { live } from '~/live'
import { may } from '~/app/rights'
import { colourOf } from '~/ui/bits'
import { count } from '~/ui/words'
import { type Conflict, EditQueue, type Overlay, type Whose } from './edit-queue'
import { dropSession, keepSession } from './kept-sessions'
import { type Change, type FlashField, RecentChanges, WINDOW_ROWS, byId, changedFields, patchWindow } from './patch'
import { Together } from './together'
import { type Predicted, predict, withPredicted } from './predict'
import { withPrice } from './prices'
import { TOGGLED_IN_ADDRESS_MAX, VIEW_DEFAULT, filtered, isOpen, openAncestors, toggle, viewKey } from './view'

/** How long a flash stays known, a little longer than its animation. */
const FLASH_MS = 1_600
/** Rest after a change before the checks are read again, ms. */
const CHECKS_DELAY_MS = 250
/** Times a window is read again when commits overtake it, before it is shown as it is. */
const REREADS_MAX = 3

export interface Flash {
  fields: readonly FlashField[]
  /** Null: our own change. */
  colour: string | null
  /** Grows with every flash, so that a repeated one starts again. */
  turn: number
  until: number
}

export interface SubmitOptions {
  label?: string
  overlay?: Overlay
  seen?: readonly Row[]
}

/** Everything one open estimate knows in this tab beyond the query cache: the view, pending edits, flashes, who is here. */
export class EstimateSession {
  readonly estimateId: string
  readonly client: QueryClient
  readonly queue: EditQueue
  /** Whose edits these are; null when nobody was signed in. */
  readonly userId: string | null
  private readonly recent = new RecentChanges()
  private readonly listeners = new Set<() => void>()
  private turn = 0
  private checking: ReturnType<typeof setTimeout> | undefined
  private offLive: (() => void) | null = null
  private offLink: (() => void) | null = null
  private predictedCache: Predicted | null = null
  /** Totals after the newest change heard of. */
  private toldTotals: Pick<Estimate, 'totals' | 'lsn'> | null = null
  /** Counts changes: the snapshot of `useSession`. */
  version = 0
  view: TreeView
  /** The commit this shows the estimate as of; undefined: as it is now, live. */
  asOf: number | undefined
  flashes = new Map<string, Flash>()
  /** Refused cells: `rowId:column` to why. */
  cellErrors = new Map<string, string>()
  /** What was typed into them: editing goes on from there. */
  readonly refusedTexts = new Map<string, string>()
  presence: readonly { id: string; name: string }[] = []
  /** Who holds which row and who is where. */
  readonly together: Together
  /** Two people changed the same: shown until this person decides. */
  conflict: (Conflict & { decide: (whose: Whose) => void }) | null = null
  /** A Lead took a row over while this person was at work on it; set by the screen. */
  onTakenOver: (rowId: string, by: string, reason: string) => void = () => {}
  /** What rows sell for, while a column shows it. */
  private prices: ReadonlyMap<string, RowPrice> = new Map()

  constructor(client: QueryClient, estimateId: string) {
    this.client = client
    this.estimateId = estimateId
    this.view = readView(estimateId)
    this.queue = new EditQueue({
      send: (body, key) => api.post<EditResult>(`/estimates/${estimateId}/edits`, body, { idempotencyKey: key, leases: this.together.named(body.edits) }),
      soon: afterPaint,
      onResult: (result) => this.applyResult(result),
      onChange: () => { this.predictedCache = null; this.changed() },
      isSignedIn: () => userOf(client) === this.userId,
      // Asking who is signed in leads to the sign-in page, and back here.
      onSignedOut: () => void client.invalidateQueries({ queryKey: keys.session }),
      onLeaseLost: (edits) => this.together.takeAgain(edits),
      onConflict: (conflict) => this.ask(conflict),
    })
    this.together = new Together(estimateId, {
      clientId, say: (message) => live.say(message), changed: () => this.changed(), busy: () => this.queue.size > 0,
      onBroken: (lease, by, reason) => this.onTakenOver(lease.rowId, by, reason),
    })
    this.userId = userOf(client)
  }

  /** Listens while the estimate is on screen. */
  open(): () => void {
    this.offLive = live.subscribe(this.estimateId, {
      lsn: () => this.recent.lsn || undefined,
      onDelta: (delta) => this.applyDelta(delta),
      onReload: () => this.reload(),
      onPresence: (users) => { this.presence = users; this.changed() },
      onTogether: (message) => this.together.hear(message),
    })
    dropSession(this)
    this.offLink = this.followLink()
    return () => {
      this.together.leaveAll()
      this.conflict?.decide('undecided')
      this.offLive?.()
      this.offLink?.()
      this.queue.dispose()
      keepSession(this, () => this.followLink())
    }
  }

  /** Sends what waits whenever the connection is there, in the name of the person who typed it only. */
  private followLink(): () => void {
    const go = () => {
      if (live.state === 'live') this.queue.resume()
      else this.together.lost()
    }
    go()
    return live.onState(go)
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private changed(): void {
    this.version += 1
    for (const listener of this.listeners) listener()
  }

  /** Shows both sides of a conflict; the edits behind it wait. */
  private ask(conflict: Conflict): Promise<Whose> {
    if (this.listeners.size === 0) return Promise.resolve('undecided')
    return new Promise((resolve) => {
      const decide = (whose: Whose) => { this.conflict = null; this.changed(); resolve(whose) }
      this.conflict = { ...conflict, decide }
      this.changed()
    })
  }

  // ---- the view

  setView(view: TreeView): void {
    this.view = view
    try {
      sessionStorage.setItem(`oxflow.view.${this.estimateId}`, JSON.stringify(view))
    } catch {
      // Storage may be full or blocked; the view lasts until the page is left.
    }
    this.changed()
  }

  toggle(row: Row): void {
    if (row.hasChildren) this.setView(toggle(this.view, row.id))
  }

  // ---- reading

  /** Shows the estimate as of a commit: for a session that is never opened. */
  travel(lsn: number): void {
    if (this.asOf === lsn) return
    this.asOf = lsn
    this.changed()
  }

  private get rowsKey(): readonly unknown[] {
    return this.asOf === undefined ? keys.rows(this.estimateId) : [...pastKey(this.estimateId, this.asOf), 'rows']
  }

  windowQuery(index: number) {
    const { view, asOf } = this
    return queryOptions({
      queryKey: [...this.rowsKey, viewKey(view), index] as const,
      queryFn: ({ signal }) => (asOf === undefined ? this.readWindow(index, view, signal) : this.fetchWindow(index, view, signal, asOf)),
      staleTime: Infinity,
      gcTime: 120_000,
    })
  }

  private async readWindow(index: number, view: TreeView, signal: AbortSignal): Promise<RowsWindow> {
    let answer = await this.fetchWindow(index, view, signal)
    for (let again = 0; again < REREADS_MAX; again += 1) {
      const { window, stale } = this.recent.bringUp(answer)
      answer = window
      if (!stale) break
      answer = await this.fetchWindow(index, view, signal)
    }
    this.recent.saw(answer.lsn)
    return answer
  }

  private fetchWindow(index: number, view: TreeView, signal: AbortSignal, asOf?: number): Promise<RowsWindow> {
    const slice = { offset: index * WINDOW_ROWS, limit: WINDOW_ROWS }
    const path = `/estimates/${this.estimateId}/rows`
    return view.toggled.length > TOGGLED_IN_ADDRESS_MAX
      ? api.post<RowsWindow>(`${path}/query`, { ...slice, ...view }, { query: { asOf }, signal, idempotencyKey: null })
      : api.get<RowsWindow>(path, { query: { ...slice, ...asked(view), asOf }, signal })
  }

  /** Something of this estimate was read at this commit: the live connection goes on from there. */
  saw(lsn: number): void {
    this.recent.saw(lsn)
  }

  /** The window as cached for the view of now. */
  cachedWindow(index: number): RowsWindow | undefined {
    return this.client.getQueryData(this.windowQuery(index).queryKey)
  }

  /** Rows of the view as last told. */
  cachedTotal(): number | undefined {
    return this.client.getQueriesData<RowsWindow>({ queryKey: [...this.rowsKey, viewKey(this.view)] })
      .reduce<RowsWindow | undefined>((newest, [, window]) => (window && window.lsn >= (newest?.lsn ?? 0) ? window : newest), undefined)?.total
  }

  /** The row as the server last told it, or undefined while its window is not here. */
  cachedRow(index: number): Row | undefined {
    return this.cachedWindow(Math.floor(index / WINDOW_ROWS))?.rows[index % WINDOW_ROWS]
  }

  /** The row with what is typed but not yet confirmed. */
  rowAt(index: number): Row | undefined {
    const row = this.cachedRow(index)
    return row && this.withPending(row)
  }

  withPending(row: Row): Row {
    const pending = this.overlay().get(row.id)
    return withPrice(pending ? { ...row, ...pending } : row, this.prices.get(row.id))
  }

  /** What the rows on screen sell for; none while no column shows it. */
  setPrices(prices: ReadonlyMap<string, RowPrice>): void {
    this.prices = prices
    this.changed()
  }

  /** Whether rows show more than the server last told of them. */
  get adds(): boolean {
    return this.prices.size > 0 || this.overlay().size > 0
  }

  /** What is typed and what follows from it, until the server has said so itself. */
  overlay(): Predicted['rows'] {
    return this.predicted().rows
  }

  /** The totals as the server last told them, with what is on its way. A change may be heard of before the answer that was asked for earlier. */
  pendingTotals({ totals, lsn }: Pick<Estimate, 'totals' | 'lsn'>): Totals {
    const told = this.toldTotals
    return withPredicted(told && told.lsn > lsn ? told.totals : totals, this.predicted().totals)
  }

  private predicted(): Predicted {
    if (this.predictedCache) return this.predictedCache
    const typed = this.queue.overlay()
    const known = new Map<string, Row>()
    if (typed.size > 0) {
      for (const [, window] of this.client.getQueriesData<RowsWindow>({ queryKey: [...this.rowsKey, viewKey(this.view)] })) {
        for (const row of window?.rows ?? []) known.set(row.id, row)
      }
    }
    this.predictedCache = predict(typed, (id) => known.get(id))
    return this.predictedCache
  }

  /** Rows `from` to `to` inclusive, reading windows that are not here yet. */
  async loadRows(from: number, to: number): Promise<Row[]> {
    const rows: Row[] = []
    for (let index = Math.floor(from / WINDOW_ROWS); index <= Math.floor(to / WINDOW_ROWS); index += 1) {
      const window = await this.client.ensureQueryData(this.windowQuery(index))
      window.rows.forEach((row, at) => {
        const place = window.offset + at
        if (place >= from && place <= to) rows.push(this.withPending(row))
      })
    }
    return rows
  }

  /** The index of a row among the windows that are here, or -1. */
  indexOf(id: string): number {
    for (const [, window] of this.client.getQueriesData<RowsWindow>({ queryKey: [...this.rowsKey, viewKey(this.view)] })) {
      const at = window?.rows.findIndex((row) => row.id === id) ?? -1
      if (window && at >= 0) return window.offset + at
    }
    return -1
  }

  /** Opens the ancestors of a row and tells its index; null when it does not exist any more. */
  async reveal(id: string): Promise<number | null> {
    const here = this.indexOf(id)
    if (here >= 0) return here
    const found = await this.locate(id)
    if (found.index != null) return found.index
    this.setView(openAncestors(this.view, found.ancestors))
    const { index } = await this.locate(id)
    if (index != null || !this.view.options) return index ?? null
    // The filter hides it: all rows show again.
    this.setView(openAncestors(filtered(this.view, []), found.ancestors))
    return (await this.locate(id)).index ?? null
  }

  /** The row itself while it shows, otherwise the folded heading that hides it. */
  async shownFor(id: string): Promise<string> {
    const { index, ancestors } = await this.locate(id)
    return index != null ? id : (ancestors.find((ancestor, at) => !isOpen(this.view, ancestor, at + 1)) ?? id)
  }

  private locate(id: string): Promise<Located> {
    return api.get<Located>(`/estimates/${this.estimateId}/rows/${id}/locate`, { query: { ...asked(this.view), asOf: this.asOf } })
  }

  // ---- writing

  async submit(edits: Edit[], options: SubmitOptions = {}): Promise<EditResult> {
    return this.queue.submit(edits, {
      ...(options.label ? { label: options.label } : {}),
      ...(options.overlay ? { overlay: options.overlay } : {}),
      seen: byId(options.seen ?? []),
    })
  }

  /** Undo follows what was typed before it, however slow the connection. */
  private async afterEdits(): Promise<void> {
    if (!(await this.queue.settled())) throw new Error(`${count(this.queue.size, 'edit')} waiting for the connection: undo works again when everything is sent.`)
  }

  /** Resolves when what was sent before is answered and the rows it moved are here again, or has to wait for the connection. */
  async atRest(): Promise<void> {
    if (!(await this.queue.settled())) return
    await Promise.all(this.client.getQueryCache().findAll({ queryKey: keys.rows(this.estimateId), fetchStatus: 'fetching' }).map((query) => query.promise?.catch(() => null)))
  }

  async undo(): Promise<EditResult> {
    await this.afterEdits()
    const result = await api.post<EditResult>(`/estimates/${this.estimateId}/undo`)
    this.applyResult(result)
    return result
  }

  async redo(): Promise<EditResult> {
    await this.afterEdits()
    const result = await api.post<EditResult>(`/estimates/${this.estimateId}/redo`)
    this.applyResult(result)
    return result
  }

  setCellError(id: string, column: string, message: string | null, typed?: string): void {
    const key = `${id}:${column}`
    if (message !== null && typed !== undefined) this.refusedTexts.set(key, typed)
    else this.refusedTexts.delete(key)
    if (message === null ? !this.cellErrors.has(key) : this.cellErrors.get(key) === message) return
    this.cellErrors = new Map(this.cellErrors)
    if (message === null) this.cellErrors.delete(key)
    else this.cellErrors.set(key, message)
    this.changed()
  }

  // ---- what changed

  applyResult(result: EditResult): void {
    this.client.setQueryData<UndoState>(keys.undo(this.estimateId), result.undo)
    // The commit such an answer names is another's, which is heard of by itself.
    if (result.made) this.apply(result, null)
  }

  private applyDelta(delta: LiveDelta): void {
    // Our own commit may be heard of here before its answer arrives.
    const own = delta.origin === clientId
    this.apply(delta, own ? null : colourOf(delta.actor.id))
    if (!own) void this.client.invalidateQueries({ queryKey: keys.undo(this.estimateId) })
  }

  private apply(change: Change, colour: string | null): void {
    const newest = change.lsn >= this.recent.lsn
    if (!this.recent.add(change)) return
    if (newest) this.toldTotals = { totals: change.totals, lsn: change.lsn }
    if (change.reload) return this.reload()
    this.client.setQueryData<Estimate>(keys.estimate(this.estimateId), (estimate) =>
      estimate && newest ? { ...estimate, totals: change.totals, lsn: change.lsn } : estimate)
    this.followState(change)
    this.patchWindows(change, colour)
    if (change.structure) this.rowsMoved()
    for (const itemId of change.worksheets) {
      void this.client.invalidateQueries({ queryKey: keys.worksheet(this.estimateId, itemId) })
    }
    // The price follows every cost and every rule.
    void this.client.invalidateQueries({ queryKey: keys.commercials(this.estimateId) })
    void this.client.invalidateQueries({ queryKey: keys.content(this.estimateId) })
    // What packages ask for follows their items; their own edits touch no row at all.
    void this.client.invalidateQueries({ queryKey: keys.packages(this.estimateId) })
    for (const id of change.removed) this.client.removeQueries({ queryKey: keys.worksheet(this.estimateId, id), type: 'inactive' })
    this.client.setQueriesData<Worksheet>({ queryKey: ['estimate', this.estimateId, 'worksheet'] }, (sheet) => {
      const row = sheet && change.rows.find((one) => one.id === sheet.itemId)
      if (!sheet || !row || change.worksheets.includes(sheet.itemId)) return sheet
      return { ...sheet, cost: row.cost, costRate: row.costRate ?? null, unit: row.unit ?? null, quantity: row.quantity ?? null, quantityFormula: row.quantityFormula ?? null }
    })
    this.checkSoon()
    // What was foreseen of this commit is known now.
    this.predictedCache = null
    this.changed()
  }

  /** The checks and the price go through the whole estimate: asked for once typing pauses, not in the way of each edit. */
  private checkSoon(): void {
    clearTimeout(this.checking)
    this.checking = setTimeout(() => {
      void this.client.invalidateQueries({ queryKey: keys.checks(this.estimateId) })
      void this.client.invalidateQueries({ queryKey: keys.prices(this.estimateId) })
    }, CHECKS_DELAY_MS)
  }

  private patchWindows(change: Change, colour: string | null): void {
    const rows = this.recent.freshRows(change)
    const shown = this.queue.overlay()
    const until = Date.now() + FLASH_MS
    const flashes = new Map([...this.flashes].filter(([, flash]) => flash.until > Date.now()))
    this.client.setQueriesData<RowsWindow>({ queryKey: keys.rows(this.estimateId) }, (window) => {
      if (!window) return window
      for (const row of window.rows) {
        const after = rows.get(row.id)
        if (!after || window.lsn >= change.lsn) continue
        const before = shown.has(row.id) && colour === null ? { ...row, ...shown.get(row.id) } : row
        const fields = changedFields(before, after)
        if (fields.length) flashes.set(row.id, { fields, colour, turn: (this.turn += 1), until })
      }
      return patchWindow(window, rows, change.lsn)
    })
    this.flashes = flashes
  }

  /** Rows came, went or moved: what shows is read again at once, the rest when it is scrolled to. */
  private rowsMoved(): void {
    // A window being read brings itself up to date when it arrives.
    this.client.removeQueries({ queryKey: keys.rows(this.estimateId), type: 'inactive', fetchStatus: 'idle' })
    void this.client.invalidateQueries({ queryKey: keys.rows(this.estimateId) })
  }

  /** Everything of this estimate is read again. */
  /** The state turns with the last review, and back with the next change (BR-018): no edit says so. */
  private followState(change: Change): void {
    const key = keys.estimate(this.estimateId)
    const known = this.client.getQueryData<Estimate>(key)
    if (!known || (known.state === 'in-progress' && !change.rows.some((row) => row.status === 'reviewed'))) return
    void api.get<Estimate>(`/estimates/${this.estimateId}`).then(
      ({ state, version }) => this.client.setQueryData<Estimate>(key, (now) => now && { ...now, state, version }), () => undefined)
  }

  reload(): void {
    this.client.removeQueries({ queryKey: ['estimate', this.estimateId], type: 'inactive', fetchStatus: 'idle' })
    void this.client.invalidateQueries({ queryKey: ['estimate', this.estimateId] })
    this.changed()
  }
}

/** The signed-in person, as far as it is known. */
export function userOf(client: QueryClient): string | null {
  return client.getQueryData<Session>(keys.session)?.user.id ?? null
}

/** Whether the signed-in person may take a row over from somebody (BR-100). */
export function mayTakeOver(client: QueryClient): boolean {
  const role = client.getQueryData<Session>(keys.session)?.user.role
  return role !== undefined && may(role, 'decide')
}

/** A view as the address of a request says it. */
function asked({ expandLevel, toggled, options }: TreeView) {
  return { expandLevel, toggled, ...(options ? { options } : {}) }
}

function readView(estimateId: string): TreeView {
  try {
    const stored = JSON.parse(sessionStorage.getItem(`oxflow.view.${estimateId}`) ?? 'null') as TreeView | null
    if (stored && typeof stored.expandLevel === 'number' && Array.isArray(stored.toggled)) return stored
  } catch {
    // An unreadable view is no view.
  }
  return VIEW_DEFAULT
}

// ---- queries of one estimate

export const undoQuery = (id: string) => queryOptions({
  queryKey: keys.undo(id), queryFn: ({ signal }) => api.get<UndoState>(`/estimates/${id}/undo`, { signal }), staleTime: Infinity,
})
export const worksheetQuery = (id: string, itemId: string, asOf?: number) => queryOptions({
  queryKey: asOf === undefined ? keys.worksheet(id, itemId) : [...pastKey(id, asOf), 'worksheet', itemId], staleTime: Infinity,
  queryFn: ({ signal }) => api.get<Worksheet>(`/estimates/${id}/items/${itemId}/worksheet`, { query: { asOf }, signal }),
})
/** Rest before what is still being read of the past is asked for again, ms. */
export const PAST_AGAIN_MS = 2_000
export const checksQuery = (id: string) => queryOptions({
  queryKey: keys.checks(id), queryFn: ({ signal }) => api.get<Checks>(`/estimates/${id}/checks`, { query: { limit: 200 }, signal }),
  refetchInterval: ({ state }) => (state.data?.stillReading ? PAST_AGAIN_MS : false),
})
export const dismissedQuery = (id: string) => queryOptions({
  queryKey: [...keys.checks(id), 'dismissed'], queryFn: ({ signal }) => api.get<Checks>(`/estimates/${id}/checks`, { query: { limit: 200, dismissed: true }, signal }),
})
/** The price of the estimate and of rows, in one answer. */
export const pricesQuery = (id: string, rowIds: readonly string[], asOf?: number) => queryOptions({
  queryKey: [...(asOf === undefined ? keys.prices(id) : [...pastKey(id, asOf), 'prices']), rowIds.join()] as const, staleTime: Infinity, gcTime: 30_000,
  queryFn: ({ signal }) => api.post<Prices>(`/estimates/${id}/prices`, { ids: rowIds }, { query: { asOf }, signal, idempotencyKey: null }),
})
