import type { Edit, Place, Row } from '~/api/types'
import { api, isProblem } from '~/api/client'
import { keys } from '~/api/queries'
import { toast } from '~/ui/toast'
import { count } from '~/ui/words'
import { readCell } from './cell-edit'
import { type Column, type ColumnId, clipboardText, isEditable } from './columns'
import { columnRange, rowRange, selectedRowCount } from './grid/selection'
import { TheirsStands } from './model/edit-queue'
import { NEW_ITEM, type RowFields, updateOf } from './model/edits'
import { uuidV7 } from './model/paste'
import { COMMAND_ROWS_MAX, type Workspace } from './workspace'

/** "3 rows", or the code or description of the only one. */
export function nameRows(rows: readonly Row[]): string {
  const [only] = rows
  return rows.length === 1 && only ? only.code || only.description || 'a row' : count(rows.length, 'row')
}

// ---- cells

/** Takes what was typed into the active cell. False when it cannot be sent: the editor stays open with why. */
export function commitCell(workspace: Workspace, row: Row, column: Column, text: string): { ok: true } | { ok: false; message: string } {
  const { session } = workspace
  const read = readCell(column, row, text, workspace.units)
  if (!read.ok) return read
  session.setCellError(row.id, column.id, null)
  const label = `${column.label} of ${row.code || row.description || 'a row'}`
  const seen = session.cachedRow(session.indexOf(row.id)) ?? row
  session.submit([updateOf(row, read.edit.set, seen.version)], {
    label, overlay: new Map([[row.id, read.edit.overlay]]), seen: [seen],
  }).catch((error: unknown) => {
    if (error instanceof TheirsStands) return
    const message = isProblem(error) ? refusalText(error) : String(error)
    session.setCellError(row.id, column.id, message, text)
    if (isProblem(error) && error.code === 'stale-version') return conflict(workspace, row, column, text, label)
    workspace.report(label, error)
  })
  return { ok: true }
}

/** Somebody else changed the same cell meanwhile: theirs stands unless this person insists. */
function conflict(workspace: Workspace, row: Row, column: Column, text: string, label: string): void {
  void workspace.session.client.invalidateQueries({ queryKey: keys.rows(workspace.session.estimateId) })
  toast.bad(`Somebody else changed the ${label.charAt(0).toLowerCase()}${label.slice(1)} meanwhile`, {
    detail: `Theirs stands. Yours was “${text}”.`,
    action: {
      label: 'Put mine in',
      run: () => {
        const read = readCell(column, row, text, workspace.units)
        workspace.session.setCellError(row.id, column.id, null)
        if (read.ok) void workspace.run(label, [updateOf(row, read.edit.set)], { overlay: new Map([[row.id, read.edit.overlay]]) })
      },
    },
  })
}

function refusalText(error: { message: string; violations: { rule: string; message: string }[] }): string {
  const [first] = error.violations
  return first ? `${first.rule}: ${first.message}` : error.message
}

/** The same value into one column of many rows, as one commit. */
export async function setCells(workspace: Workspace, label: string, rows: readonly Row[], columns: readonly Column[], textOf: (row: Row, column: Column) => string): Promise<void> {
  const edits: Edit[] = []
  const overlay = new Map<string, Partial<Row>>()
  for (const row of rows) {
    let set: RowFields = {}
    let shown: Partial<Row> = {}
    for (const column of columns) {
      if (!isEditable(column, row)) continue
      const read = readCell(column, row, textOf(row, column), workspace.units)
      if (!read.ok) continue
      set = { ...set, ...read.edit.set }
      shown = { ...shown, ...read.edit.overlay }
    }
    if (Object.keys(set).length === 0) continue
    edits.push(updateOf(row, set))
    overlay.set(row.id, shown)
  }
  await workspace.run(label, edits, { overlay, seen: rows })
}

/** Columns without which a row says nothing: clearing them means the row. */
const NAMING: readonly ColumnId[] = ['code', 'description']

/** Empties the selected figures; where the block takes in what names a row, or nothing that is typed, the rows go. */
export async function clearCells(workspace: Workspace): Promise<void> {
  const [from, to] = columnRange(workspace.selection, workspace.columns.length)
  const columns = workspace.columns.slice(from, to + 1).filter((column) => column.editor !== null && column.id !== 'type')
  if (workspace.selection.wholeRows || columns.length === 0 || columns.some((column) => NAMING.includes(column.id))) return deleteRows(workspace)
  const rows = await workspace.selectedRows()
  await setCells(workspace, `Clear ${columns.map((column) => column.label.toLowerCase()).join(', ')}`, rows, columns, () => '')
}

/** The first row of the block into the rows under it; with one row, the row above into it. */
export async function fillDown(workspace: Workspace): Promise<void> {
  const { selection, session } = workspace
  const [from, to] = rowRange(selection)
  const top = from === to ? from - 1 : from
  if (top < 0) return
  const rows = await session.loadRows(top, Math.min(to, top + COMMAND_ROWS_MAX))
  const [source, ...targets] = rows
  if (!source) return
  const [first, last] = columnRange(selection, workspace.columns.length)
  const columns = workspace.columns.slice(first, last + 1).filter((column) => column.editor !== null)
  await setCells(workspace, `Fill down ${columns.map((column) => column.label.toLowerCase()).join(', ')}`, targets, columns, (_, column) =>
    column.id === 'quantity' && source.quantityFormula ? source.quantityFormula : clipboardText(column, source))
}

// ---- rows

/** Where a new row goes: under an open heading, otherwise after the active row. */
function placeBelow(row: Row | undefined, inside: boolean): { parentId: string | null; place: Place } {
  if (!row) return { parentId: null, place: 'last' }
  if (inside || (row.kind === 'heading')) return { parentId: row.id, place: row.kind === 'heading' && row.open ? 'first' : 'last' }
  return { parentId: row.parentId ?? null, place: { after: row.id } }
}

export async function insertItem(workspace: Workspace, inside = false): Promise<void> {
  const row = workspace.activeRow
  const id = uuidV7()
  const { parentId, place } = placeBelow(row, inside)
  // An item needs something above it.
  if (parentId === null) return insertHeading(workspace)
  if (row && parentId === row.id && row.hasChildren && !row.open) workspace.session.toggle(row)
  workspace.awaitRow(id, 'description', true)
  const result = await workspace.run('Add item', [{ op: 'add-item', id, parentId, place, set: NEW_ITEM }])
  if (!result) workspace.stopAwaiting(true)
}

export async function insertHeading(workspace: Workspace): Promise<void> {
  const row = workspace.activeRow
  const id = uuidV7()
  const edit: Edit = row
    ? { op: 'add-heading', id, parentId: row.parentId ?? null, place: { after: row.id }, name: 'New heading' }
    : { op: 'add-heading', id, place: 'last', name: 'New heading' }
  workspace.awaitRow(id, 'description', true)
  const result = await workspace.run('Add heading', [edit])
  if (!result) workspace.stopAwaiting(true)
}

/** Deletes the selected rows; one that is not empty asks first (BR-017), with the figures the server gives. */
export async function deleteRows(workspace: Workspace, ids?: string[], confirm?: { items: number; cost: string }): Promise<void> {
  const rows = ids ? [] : await workspace.selectedTops()
  const chosen = ids ?? rows.map((row) => row.id)
  if (chosen.length === 0) return
  const label = ids ? `Delete ${count(chosen.length, 'row')}` : `Delete ${nameRows(rows)}`
  try {
    if (workspace.frozen) {
      await workspace.run(label, [{ op: 'delete', ids: chosen }])
      return
    }
    const result = await workspace.session.submit([{ op: 'delete', ids: chosen, ...(confirm ? { confirm } : {}) }], { label })
    if (result.removed.length > 1 || result.reload) toast.done(label.replace('Delete', 'Deleted'), { key: 'undo', action: { label: 'Undo', run: () => void undo(workspace) } })
  } catch (error) {
    const asked = isProblem(error) ? error.violations.find((violation) => violation.rule === 'BR-017' && violation.facts) : undefined
    if (asked?.facts && !confirm) {
      workspace.set({
        dialog: { kind: 'delete', ids: chosen, items: Number(asked.facts.items ?? 0), cost: String(asked.facts.cost ?? '0.00'), message: asked.message },
      })
    } else if (confirm) throw error
    else workspace.report(label, error)
  }
}

export async function shiftRows(workspace: Workspace, op: 'indent' | 'outdent' | 'move-up' | 'move-down'): Promise<void> {
  const rows = await workspace.selectedTops()
  const words = { indent: 'Indent', outdent: 'Outdent', 'move-up': 'Move up', 'move-down': 'Move down' }
  await workspace.run(`${words[op]} ${nameRows(rows)}`, [{ op, ids: rows.map((row) => row.id) }])
}

export async function moveRows(workspace: Workspace, rows: readonly Row[], parentId: string | null, place: Place): Promise<void> {
  await workspace.run(`Move ${nameRows(rows)}`, [{ op: 'move', ids: rows.map((row) => row.id), parentId, place }])
}

export async function duplicateRows(workspace: Workspace): Promise<void> {
  const rows = await workspace.selectedTops()
  if (rows.length === 0) return
  const result = await workspace.run(`Duplicate ${nameRows(rows)}`, [{ op: 'duplicate', ids: rows.map((row) => row.id) }])
  const first = result?.results[0]?.ids[0]
  if (first) workspace.awaitRow(first, workspace.activeColumn?.id ?? 'description', false)
}

export async function convertRow(workspace: Workspace): Promise<void> {
  const row = workspace.activeRow
  if (!row) return
  const to = row.kind === 'heading' ? 'item' : 'heading'
  await workspace.run(`Turn ${nameRows([row])} into ${to === 'item' ? 'an item' : 'a heading'}`, [{ op: 'convert', id: row.id, to }])
}

/** One change to every selected item, as one commit. */
export async function setRows(workspace: Workspace, label: string, set: RowFields, overlay: Partial<Row> = {}): Promise<boolean> {
  const rows = (await workspace.selectedRows()).filter((row) => row.kind === 'item')
  if (rows.length === 0) {
    toast.info('Only headings are selected: choose items.')
    return false
  }
  const result = await workspace.run(`${label} of ${nameRows(rows)}`, rows.map((row) => updateOf(row, set)), {
    overlay: new Map(rows.map((row) => [row.id, overlay])), seen: rows,
  })
  return result !== null
}

/** Rows whose categories one request sets: the server's own limit. */
const LABELLED_MAX = 500

/** Gives every selected item options of categorisations, or takes them away; what it carries of others stays. */
export async function labelRows(workspace: Workspace, options: readonly (readonly [categorisationId: string, optionId: string | null])[]): Promise<boolean> {
  const rows = (await workspace.selectedRows()).filter((row) => row.kind === 'item')
  if (rows.length === 0) {
    toast.info('Only headings are selected: choose items.')
    return false
  }
  const { client, estimateId } = workspace.session
  let commits = 0
  const refresh = () => { for (const queryKey of [keys.everyLabel, keys.categorisations, keys.categories(estimateId), keys.libraryUndo]) void client.invalidateQueries({ queryKey }) }
  // A category is a row of the library: Ctrl+Z in the grid takes back what is in the estimate, so the way back is offered here.
  const takeBack = async () => {
    try {
      for (; commits > 0; commits -= 1) await api.post('/library/undo', {})
      toast.info('Undone: the categories are as they were', { key: 'undo' })
    } catch (error) {
      toast.refused('Undo', error)
    }
    refresh()
  }
  try {
    for (const [categorisationId, optionId] of options) {
      for (let at = 0; at < rows.length; at += LABELLED_MAX) {
        const ids = rows.slice(at, at + LABELLED_MAX).map((row) => row.id)
        await api.put('/labels', { kind: 'item', estimateId, ids, categorisationId, optionId })
        commits += 1
      }
    }
    refresh()
    toast.done(`Categories of ${nameRows(rows)} set`, { key: 'undo', action: { label: 'Undo', run: () => void takeBack() } })
    return true
  } catch (error) {
    toast.refused('The categories were not set', error)
    return false
  }
}

export async function review(workspace: Workspace, reviewed: boolean): Promise<void> {
  const rows = (await workspace.selectedRows()).filter((row) => row.kind === 'item')
  if (rows.length === 0) return
  const label = reviewed ? `Mark ${nameRows(rows)} reviewed` : `Take back the review of ${nameRows(rows)}`
  await workspace.run(label, rows.map((row) => updateOf(row, { reviewed })), { seen: rows })
}

// ---- undo

export async function undo(workspace: Workspace): Promise<void> {
  await step(workspace, 'undo')
}

export async function redo(workspace: Workspace): Promise<void> {
  await step(workspace, 'redo')
}

async function step(workspace: Workspace, which: 'undo' | 'redo'): Promise<void> {
  const words = which === 'undo' ? 'Undone' : 'Done again'
  try {
    const result = await workspace.session[which]()
    toast.info(`${words}: ${result.label.charAt(0).toLowerCase()}${result.label.slice(1)}`, { key: 'undo' })
    const changed = result.rows.find((row) => row.kind === 'item') ?? result.rows[0]
    if (changed && workspace.session.indexOf(changed.id) < 0 && !result.structure) void workspace.goTo(changed.id)
  } catch (error) {
    if (isProblem(error) && error.code === 'nothing-to-undo') toast.info(which === 'undo' ? 'There is nothing to undo.' : 'There is nothing to do again.', { key: 'undo' })
    else workspace.report(which === 'undo' ? 'Undo' : 'Redo', error)
  }
}

/** Starts typing into the active cell. */
export function startEdit(workspace: Workspace, mode: 'replace' | 'edit', text: string): void {
  const row = workspace.activeRow
  const column = workspace.activeColumn
  if (!row || !column) return
  if (workspace.frozen) {
    toast.info(workspace.frozenWords)
    return
  }
  if (!isEditable(column, row)) {
    if (mode === 'edit') toast.info(whyNot(column.id, row))
    return
  }
  if (column.id === 'sellRate' && !workspace.locksRates) {
    toast.info('A Lead Estimator locks sell rates.')
    return
  }
  const refused = mode === 'edit' ? workspace.session.refusedTexts.get(`${row.id}:${column.id}`) : undefined
  workspace.session.setCellError(row.id, column.id, null)
  workspace.set({ editing: { id: row.id, column: column.id, text: refused ?? text, mode, ...(refused === undefined ? {} : { again: true }) } })
}

function whyNot(column: ColumnId, row: Row): string {
  if (row.kind === 'heading') return 'A heading adds up what is under it: only its code and name are typed.'
  if (column === 'costRate') return row.hasChildren ? 'The rate comes from the sub-items.' : 'The rate comes from the worksheet. Press F4 to work there.'
  return 'This figure is worked out.'
}

/** "12 rows selected" beside the totals, or null for a single one. */
export function selectionWords(workspace: Workspace): string | null {
  const rows = selectedRowCount(workspace.selection)
  return rows > 1 ? `${count(rows, 'row')} selected` : null
}
