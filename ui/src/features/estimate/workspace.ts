import type { Edit, EditResult, Row, Unit } from '~/api/types'
import { isProblem } from '~/api/client'
import { type Hold, type Press, dropKeys, holdKeys } from '~/ui/held-keys'
import type { MenuEntry } from '~/ui/menu'
import { toast } from '~/ui/toast'
import { COLUMNS, type Column, type ColumnId } from './columns'
import { expandTo, filtered } from './model/view'
import { type Move, SELECTION_START, type Selection, clampTo, goTo, move, rowRange, selectedRowCount, selectedRows } from './grid/selection'
import { TheirsStands } from './model/edit-queue'
import { type EstimateSession, mayTakeOver } from './model/session'

/** Rows one command touches at most; the server's own limit on one commit is of the same size. */
export const COMMAND_ROWS_MAX = 5_000

/** From this width on the panel stands beside the grid instead of over it (Tailwind's xl), px. */
const PANEL_BESIDE_PX = 1280

/** How long typing is ignored after the row it was meant for was refused, ms. */
const DEAF_MS = 700

export interface Editing {
  id: string
  column: ColumnId
  /** What the editor starts with. */
  text: string
  /** replace: typed over the cell, arrows leave it; edit: F2, arrows move the caret. */
  mode: 'replace' | 'edit'
  /** Opened by itself on a new row: left empty, it sends nothing. */
  fresh?: boolean
  /** Refused before and taken up again: sent even when nothing more is typed. */
  again?: boolean
}

export type Panel = 'worksheet' | 'checks' | 'history' | 'comments' | 'files'
export type DialogState =
  | { kind: 'delete'; ids: string[]; items: number; cost: string; message: string }
  | { kind: 'take-over'; rowId: string; holder: string }
  | { kind: 'replace' } | { kind: 'bulk' } | { kind: 'shortcuts' } | { kind: 'palette' } | { kind: 'variables' } | { kind: 'reprice' }

/** What the person is doing in the grid of one estimate: selection, editing, what is open. */
export class Workspace {
  readonly session: EstimateSession
  private readonly listeners = new Set<() => void>()
  version = 0
  selection: Selection = SELECTION_START
  /** The row the keyboard is on; the selection follows it when rows move. */
  activeId: string | null = null
  editing: Editing | null = null
  columns: readonly Column[] = COLUMNS.filter((column) => column.shown)
  units: readonly Unit[] = []
  /** The screen is being left: what is still being typed is taken rather than lost. */
  leaving = false
  /** Rows of the view; undefined until the first window is here. */
  total: number | undefined
  /** Rows of one page. */
  page = 20
  frozen = false
  /** Why nothing can be changed while it is frozen. */
  frozenWords = 'This estimate is frozen. Make a new revision to change it.'
  /** Whether sell rates may be locked here: a Lead's to do. */
  locksRates = true
  /** What the menu of the selected rows offers, where it is not every command. */
  menu: (() => MenuEntry[]) | null = null
  /** Goes to the estimate as it was; set by the screen. */
  openHistory: () => void = () => {}
  panel: Panel = 'worksheet'
  /** Open from the start where it fits beside the grid. */
  panelOpen = typeof window === 'undefined' || window.innerWidth >= PANEL_BESIDE_PX
  findOpen = false
  filterOpen = false
  dialog: DialogState | null = null
  /** A row that is on its way (just inserted): focus goes there when it arrives. */
  private awaited: { id: string; column: ColumnId; edit: boolean; keys: string[] } | null = null
  private deafUntil = 0
  /** Brings a row into view; set by the grid. */
  scrollTo: (index: number, align: 'nearest' | 'centre') => void = () => {}
  /** Gives the keyboard back to the grid; set by the grid. */
  focusGrid: () => void = () => {}
  /** The worksheet that can take the keyboard. */
  private sheet: { itemId: string; focus: () => void } | null = null
  /** Keys on their way to the worksheet of the active row. */
  private sheetHold: Hold | null = null
  /** Keys typed on a row that has not been read yet. */
  private rowHold: Hold | null = null

  constructor(session: EstimateSession) {
    this.session = session
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  set(change: Partial<Pick<Workspace, 'panel' | 'panelOpen' | 'findOpen' | 'filterOpen' | 'dialog' | 'columns' | 'units' | 'total' | 'page' | 'frozen' | 'frozenWords' | 'locksRates' | 'editing'>>): void {
    Object.assign(this, change)
    this.changed()
  }

  /** The row whose cell is being edited, as it is held. */
  private holding: string | null = null

  private changed(): void {
    this.version += 1
    this.followTogether()
    for (const listener of this.listeners) listener()
  }

  /** What is edited is held for this person, and the others see where they are. */
  private followTogether(): void {
    const { together } = this.session
    const editing = this.editing?.id ?? null
    if (editing !== this.holding) {
      if (this.holding) together.leave(this.holding)
      if (editing) together.hold(editing)
      this.holding = editing
    }
    const column = this.editing?.column ?? this.activeColumn?.id ?? null
    together.at({ rowId: this.activeId, field: column, typing: this.editing !== null && !this.editing.fresh })
  }

  get bounds() {
    return { rows: this.total ?? 0, columns: this.columns.length, page: this.page }
  }

  get activeRow(): Row | undefined {
    return this.session.rowAt(this.selection.row)
  }

  get activeColumn(): Column | undefined {
    return this.columns[this.selection.column]
  }

  // ---- moving

  select(selection: Selection, scroll: 'nearest' | 'centre' | null = 'nearest'): void {
    this.selection = clampTo(selection, this.bounds)
    this.activeId = this.session.cachedRow(this.selection.row)?.id ?? null
    this.awaited = null
    if (scroll) this.scrollTo(this.selection.row, scroll)
    this.changed()
  }

  move(by: Move, extend = false): void {
    this.select(move(this.selection, by, this.bounds, extend))
  }

  /** Goes to a row wherever it is, unfolding what hides it. */
  async goTo(id: string, options: { column?: ColumnId; edit?: boolean } = {}): Promise<void> {
    // What is typed on the way is meant for the row, not for the one the keyboard still is on.
    const hold = holdKeys()
    try {
      const index = await this.session.reveal(id)
      if (index === null) {
        toast.info('That row is not in this estimate any more.')
        return
      }
      this.total = Math.max(this.total ?? 0, index + 1)
      const column = options.column ? this.columns.findIndex((one) => one.id === options.column) : this.selection.column
      this.selection = goTo(this.selection, index, Math.max(0, column))
      this.activeId = id
      this.scrollTo(index, 'centre')
      this.changed()
      this.focusGrid()
    } catch (error) {
      toast.refused('The row could not be found', error)
    } finally {
      hold.release()
    }
  }

  /** The keyboard is on a row that has not been read yet: the key, and those that follow, wait for it. */
  holdForRow(press: Press): boolean {
    if (this.total === 0 || this.activeRow) return false
    this.rowHold ??= holdKeys(() => { this.rowHold = null }, press)
    return true
  }

  /** Rows came: what was typed for the active one goes there. */
  rowsCame(): void {
    if (!this.rowHold || (this.total !== 0 && !this.activeRow)) return
    this.rowHold.release()
    this.rowHold = null
  }

  // ---- the worksheet

  /** The keyboard goes to the worksheet of the active row: now, or as soon as it has been read. */
  toSheet(): void {
    const row = this.activeRow
    this.set({ panel: 'worksheet', panelOpen: true })
    if (!row || row.kind === 'heading' || row.hasChildren) return
    this.sheetHold ??= holdKeys(() => { this.sheetHold = null })
    this.enterSheet()
  }

  /** A worksheet is there and can take the keyboard. */
  sheetCame(itemId: string, focus: () => void): void {
    this.sheet = { itemId, focus }
    this.enterSheet()
  }

  /** The worksheet is no longer shown. */
  sheetWent(itemId: string): void {
    if (this.sheet?.itemId === itemId) this.sheet = null
  }

  /** The worksheet cannot be read: what was typed for it goes nowhere. */
  sheetFailed(): void {
    if (this.sheetHold) dropKeys()
  }

  private enterSheet(): void {
    const { sheet, sheetHold } = this
    if (!sheet || !sheetHold || sheet.itemId !== this.activeRow?.id) return
    this.sheetHold = null
    setTimeout(() => {
      sheet.focus()
      sheetHold.release()
    })
  }

  /** Only rows that carry these options of categorisations, or all again; the keyboard stays on its row where it still shows. */
  async filter(options: string[]): Promise<void> {
    const id = this.activeId
    this.session.setView(filtered(this.session.view, options))
    if (id === null || options.length > 0) return
    try {
      await this.goTo(id)
    } catch {
      // Without a connection the keyboard stays where it was on the screen.
    }
  }

  /** Opens everything down to a level; the keyboard stays on its row, or goes to the heading that now hides it. */
  async foldTo(level: number): Promise<void> {
    const id = this.activeId
    this.session.setView({ ...this.session.view, ...expandTo(level) })
    if (id === null) return
    try {
      await this.goTo(await this.session.shownFor(id))
    } catch {
      // Without a connection the keyboard stays where it was on the screen.
    }
  }

  /**
   * Called when windows changed: keeps the keyboard on its row, or on a row that has just arrived. Gives
   * the keys pressed for that row while it was on its way, to be pressed again.
   */
  follow(): readonly string[] {
    if (this.awaited) {
      const index = this.session.indexOf(this.awaited.id)
      if (index < 0) return []
      const { id, column, edit, keys } = this.awaited
      this.awaited = null
      const at = this.columns.findIndex((one) => one.id === column)
      this.total = Math.max(this.total ?? 0, index + 1)
      this.selection = goTo(this.selection, index, Math.max(0, at))
      this.activeId = id
      this.scrollTo(index, 'nearest')
      if (edit) this.editing = { id, column, text: '', mode: 'replace', fresh: true }
      this.changed()
      return keys
    }
    const here = this.session.cachedRow(this.selection.row)
    const past = this.total !== undefined && this.selection.row >= this.total
    if (here ? here.id === this.activeId : !past) return []
    const index = this.activeId === null ? -1 : this.session.indexOf(this.activeId)
    if (index < 0) {
      // The row is gone: the keyboard stays where it was, on what took its place.
      const row = Math.min(rowRange(this.selection)[0], Math.max(0, (this.total ?? 1) - 1))
      const many = selectedRowCount(this.selection) > 1
      const activeId = this.session.cachedRow(row)?.id ?? null
      // Where there are no rows at all, the keyboard is on none of them and stays there.
      if (!many && row === this.selection.row && activeId === this.activeId) return []
      this.selection = many || past ? goTo(this.selection, row, this.selection.column) : this.selection
      this.activeId = this.session.cachedRow(this.selection.row)?.id ?? null
    } else {
      const by = index - this.selection.row
      const shift = (row: number) => row + by
      this.selection = clampTo({ ...this.selection, row: index, anchorRow: shift(this.selection.anchorRow), extra: this.selection.extra.map(shift) }, this.bounds)
    }
    this.changed()
    return []
  }

  /** Waits until what was done before shows, with the keyboard on the row it ends up on. */
  async atRest(): Promise<void> {
    await this.session.atRest()
    const total = this.session.cachedTotal()
    if (total === undefined || this.awaited) return
    this.total = total
    this.follow()
  }

  /** Focus goes to this row when it arrives; what is typed meanwhile is kept for it. */
  awaitRow(id: string, column: ColumnId, edit: boolean): void {
    this.awaited = { id, column, edit, keys: [] }
    this.changed()
  }

  /** Takes a key that belongs to a row still on its way, or to one that was just refused: it must not land in another cell. */
  typedAhead(...keys: string[]): boolean {
    if (Date.now() < this.deafUntil) {
      this.deafUntil = Date.now() + DEAF_MS
      return true
    }
    if (!this.awaited?.edit) return false
    this.awaited = { ...this.awaited, keys: [...this.awaited.keys, ...keys] }
    return true
  }

  /** `refused`: the row never came, and what is being typed for it goes nowhere. */
  stopAwaiting(refused = false): void {
    if (refused && this.awaited) this.deafUntil = Date.now() + DEAF_MS
    this.awaited = null
  }

  // ---- what commands act on

  /** The selected rows in order, read if need be; at most `COMMAND_ROWS_MAX`. */
  async selectedRows(): Promise<Row[]> {
    const indexes = selectedRows(this.selection, COMMAND_ROWS_MAX).filter((index) => index < (this.total ?? 0))
    const first = indexes[0]
    const last = indexes.at(-1)
    if (first === undefined || last === undefined) return []
    const wanted = new Set(indexes)
    const rows = await this.session.loadRows(first, last)
    return rows.filter((_, at) => wanted.has(first + at))
  }

  /** The selected rows without those whose heading or parent item is selected too. */
  async selectedTops(): Promise<Row[]> {
    const rows = await this.selectedRows()
    const ids = new Map(rows.map((row) => [row.id, row]))
    return rows.filter((row) => {
      for (let parent = row.parentId; parent; parent = ids.get(parent)?.parentId) if (ids.has(parent)) return false
      return true
    })
  }

  /** Sends edits as one commit; a refusal becomes a toast naming the rule, with a way to the place. */
  async run(label: string, edits: Edit[], options: { overlay?: Map<string, Partial<Row>>; seen?: readonly Row[]; quiet?: boolean } = {}): Promise<EditResult | null> {
    if (edits.length === 0) return null
    if (this.frozen) {
      toast.info(this.frozenWords)
      return null
    }
    try {
      return await this.session.submit(edits, { label, ...(options.overlay ? { overlay: options.overlay } : {}), ...(options.seen ? { seen: options.seen } : {}) })
    } catch (error) {
      if (!options.quiet) this.report(label, error)
      return null
    }
  }

  report(label: string, error: unknown): void {
    if (error instanceof TheirsStands) return
    const place = isProblem(error) ? error.violations.flatMap((violation) => violation.objects)[0] : undefined
    const stale = isProblem(error) && error.code === 'stale-version'
    const held = isProblem(error) ? error.violations.find((violation) => violation.code === 'item-locked-by-other') : undefined
    const row = held?.objects[0]
    if (held && row && mayTakeOver(this.session.client)) {
      const holder = String(held.facts?.['holder'] ?? 'somebody')
      toast.refused(`Refused: ${label.charAt(0).toLowerCase()}${label.slice(1)}`, error, { label: 'Take over…', run: () => this.set({ dialog: { kind: 'take-over', rowId: row, holder } }) })
      return
    }
    toast.refused(
      stale ? 'Somebody else changed this row meanwhile' : `Refused: ${label.charAt(0).toLowerCase()}${label.slice(1)}`, error,
      place ? { label: 'Go there', run: () => void this.goTo(place) } : undefined,
    )
  }
}
