import { type ClipboardEvent } from 'react'
import { toast } from '~/ui/toast'
import { count } from '~/ui/words'
import { clearCells } from './actions'
import { clipboardText } from './columns'
import { columnRange, rowRange, selectedRowCount } from './grid/selection'
import { readTsv, writeTsv } from './grid/tsv'
import { PASTE_ROWS_MAX, planPaste, planSchedule } from './model/paste'
import type { Workspace } from './workspace'

/** Whole rows copied inside oxFlow carry their ids: pasting them copies worksheets and all. */
const ROWS_MIME = 'application/x-oxflow-rows'

interface CopiedRows {
  estimateId: string
  ids: string[]
  /** Pasting moves them instead of copying. */
  cut: boolean
}

/** The block as tab-separated text; null when part of it is not here yet. */
function blockText(workspace: Workspace): string | null {
  const { selection, session } = workspace
  const [from, to] = rowRange(selection)
  const [first, last] = columnRange(selection, workspace.columns.length)
  const columns = workspace.columns.slice(first, last + 1).filter((column) => column.id !== 'mix')
  const lines: string[][] = []
  for (let index = from; index <= to; index += 1) {
    const row = session.rowAt(index)
    if (!row) return null
    lines.push(columns.map((column) => clipboardText(column, row)))
  }
  return writeTsv(lines)
}

export function onCopy(workspace: Workspace, event: ClipboardEvent, cut = false): void {
  if (workspace.editing) return
  event.preventDefault()
  const text = blockText(workspace)
  if (text === null) {
    void copyFar(workspace)
    return
  }
  event.clipboardData.setData('text/plain', text)
  if (workspace.selection.wholeRows) {
    const [from, to] = rowRange(workspace.selection)
    const ids: string[] = []
    for (let index = from; index <= to; index += 1) {
      const row = workspace.session.rowAt(index)
      if (row) ids.push(row.id)
    }
    const copied: CopiedRows = { estimateId: workspace.session.estimateId, ids, cut }
    event.clipboardData.setData(ROWS_MIME, JSON.stringify(copied))
  }
}

/** Rows beyond what has been scrolled past are read first. */
async function copyFar(workspace: Workspace): Promise<void> {
  try {
    await workspace.session.loadRows(...rowRange(workspace.selection))
    const text = blockText(workspace)
    if (text !== null) await navigator.clipboard.writeText(text)
    toast.done(`${count(selectedRowCount(workspace.selection), 'row')} copied`)
  } catch (error) {
    toast.refused('The rows could not be copied', error)
  }
}

export function onCut(workspace: Workspace, event: ClipboardEvent): void {
  if (workspace.editing) return
  onCopy(workspace, event, true)
  if (!workspace.selection.wholeRows) void clearCells(workspace)
  else toast.info('The rows move to where they are pasted.')
}

export function onPaste(workspace: Workspace, event: ClipboardEvent): void {
  if (workspace.editing) return
  event.preventDefault()
  const copied = readCopied(event.clipboardData.getData(ROWS_MIME))
  if (copied && copied.estimateId === workspace.session.estimateId) {
    void pasteCopies(workspace, copied)
    return
  }
  void pasteText(workspace, event.clipboardData.getData('text/plain'))
}

function readCopied(text: string): CopiedRows | null {
  try {
    const value = JSON.parse(text) as CopiedRows
    return Array.isArray(value.ids) ? value : null
  } catch {
    return null
  }
}

async function pasteCopies(workspace: Workspace, copied: CopiedRows): Promise<void> {
  await workspace.atRest()
  const row = workspace.activeRow
  const parentId = row?.kind === 'heading' && row.open && row.hasChildren ? row.id : (row?.parentId ?? null)
  const place = row && parentId !== row.id ? { after: row.id } : ('last' as const)
  const what = count(copied.ids.length, 'row')
  const result = copied.cut
    ? await workspace.run(`Move ${what}`, [{ op: 'move', ids: copied.ids, parentId, place }])
    : await workspace.run(`Paste ${what}`, [{ op: 'duplicate', ids: copied.ids, parentId, place }])
  const first = result?.results[0]?.ids[0]
  if (first) workspace.awaitRow(first, workspace.activeColumn?.id ?? 'description', false)
}

/** Text from a spreadsheet over the cells from the active one on; past the end it makes rows. One commit. */
export async function pasteText(workspace: Workspace, text: string): Promise<void> {
  const cells = readTsv(text)
  if (cells.length === 0) return
  if (cells.length > PASTE_ROWS_MAX) {
    toast.bad(`${count(cells.length, 'row')} are too many to paste at once`, { detail: `One paste takes ${count(PASTE_ROWS_MAX, 'row')}. Import the workbook instead.` })
    return
  }
  // A row just deleted or moved is no place to paste: first it goes.
  await workspace.atRest()
  if (!workspace.total) return pasteSchedule(workspace, cells)
  const { selection, session } = workspace
  const [from, to] = rowRange(selection)
  const [first] = columnRange(selection, workspace.columns.length)
  const single = cells.length === 1 && cells[0]?.length === 1
  const rows = await session.loadRows(from, Math.min(single ? to : from + cells.length - 1, workspace.total - 1))
  const last = rows.at(-1)
  const plan = planPaste({
    cells, rows, columns: workspace.columns.slice(first).filter((column) => column.id !== 'mix'), units: workspace.units,
    parentId: last?.kind === 'heading' ? last.id : (last?.parentId ?? null), afterId: last && last.kind === 'item' ? last.id : null,
  })
  const what = [plan.updated && count(plan.updated, 'row'), plan.added && count(plan.added, 'new row')].filter(Boolean).join(', ')
  const result = await workspace.run(`Paste ${what}`, plan.edits, { overlay: plan.overlay, seen: rows })
  if (result && plan.refused.length) toast.bad(`${count(plan.refused.length, 'cell')} could not be pasted`, { detail: plan.refused.slice(0, 3).join(' ') })
}

/** Text from a spreadsheet as new rows: below the active row, or a whole schedule into an empty estimate. */
export async function pasteRows(workspace: Workspace): Promise<void> {
  try {
    const cells = readTsv(await navigator.clipboard.readText())
    if (cells.length === 0) return
    const row = workspace.activeRow
    if (!row) return await pasteSchedule(workspace, cells)
    const plan = planPaste({
      cells, rows: [], columns: workspace.columns.slice(workspace.selection.column).filter((column) => column.id !== 'mix'), units: workspace.units,
      parentId: row.kind === 'heading' ? row.id : (row.parentId ?? null), afterId: row.kind === 'item' ? row.id : null,
    })
    await workspace.run(`Paste ${count(plan.added, 'new row')}`, plan.edits)
  } catch (error) {
    toast.refused('The clipboard could not be read', error)
  }
}

async function pasteSchedule(workspace: Workspace, cells: string[][]): Promise<void> {
  const plan = planSchedule(cells, workspace.units, 'Schedule of prices')
  const result = await workspace.run(`Paste a schedule of ${count(plan.items, 'item')}`, plan.edits)
  if (result) toast.done(`${count(plan.headings, 'heading')} and ${count(plan.items, 'item')} pasted`)
}

