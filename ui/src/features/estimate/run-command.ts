import { toast } from '~/ui/toast'
import { clearCells, convertRow, deleteRows, duplicateRows, fillDown, insertHeading, insertItem, redo, review, shiftRows, startEdit, undo } from './actions'
import { pasteRows } from './clipboard'
import { editText } from './columns'
import { type CommandId, commandOf } from './commands'
import { selectAll, wholeRows } from './grid/selection'
import { EXPAND_ALL } from './model/view'
import type { Workspace } from './workspace'

const ADDS = new Set<CommandId>(['insert-item', 'insert-sub-item', 'insert-heading', 'duplicate', 'paste-rows'])

/** Runs a command of the workspace, from wherever it was chosen. */
export function runCommand(workspace: Workspace, id: CommandId): void {
  if (workspace.frozen && commandOf(id).edits) {
    toast.info(workspace.frozenWords)
    return
  }
  // A new row carries nothing yet: it would go where nobody sees it.
  if (ADDS.has(id) && workspace.session.view.options) void workspace.filter([]).then(() => run(workspace, id))
  else void run(workspace, id)
}

function run(workspace: Workspace, id: CommandId): unknown {
  const { session } = workspace
  switch (id) {
    case 'insert-item': return insertItem(workspace)
    case 'insert-sub-item': return insertItem(workspace, true)
    case 'insert-heading': return insertHeading(workspace)
    case 'delete': return deleteRows(workspace)
    case 'duplicate': return duplicateRows(workspace)
    case 'indent':
    case 'outdent':
    case 'move-up':
    case 'move-down': return shiftRows(workspace, id)
    case 'convert': return convertRow(workspace)
    case 'fill-down': return fillDown(workspace)
    case 'clear': return clearCells(workspace)
    case 'copy':
    case 'cut':
    case 'paste': {
      workspace.focusGrid()
      if (id === 'paste' || !document.execCommand(id)) toast.info(`Press Ctrl+${id === 'copy' ? 'C' : id === 'cut' ? 'X' : 'V'} in the grid.`)
      return
    }
    case 'paste-rows': return pasteRows(workspace)
    case 'reviewed': return review(workspace, true)
    case 'not-reviewed': return review(workspace, false)
    case 'bulk-edit': return workspace.set({ dialog: { kind: 'bulk' } })
    case 'undo': return undo(workspace)
    case 'redo': return redo(workspace)
    case 'find': return workspace.set({ findOpen: true })
    case 'filter': return workspace.set({ filterOpen: true })
    case 'replace': return workspace.set({ dialog: { kind: 'replace' } })
    case 'edit': {
      const row = workspace.activeRow
      const column = workspace.activeColumn
      if (row && column) startEdit(workspace, 'edit', editText(column, row))
      return
    }
    case 'fold': {
      const row = workspace.activeRow
      if (row) session.toggle(row)
      return
    }
    case 'expand-all': return workspace.foldTo(EXPAND_ALL)
    case 'collapse-all': return workspace.foldTo(1)
    case 'level-1': return workspace.foldTo(2)
    case 'level-2': return workspace.foldTo(3)
    case 'level-3': return workspace.foldTo(4)
    case 'select-all': return workspace.select(selectAll(workspace.selection, workspace.bounds), null)
    case 'select-rows': return workspace.select(wholeRows(workspace.selection), null)
    case 'worksheet':
      return workspace.toSheet()
    case 'checks': return workspace.set({ panel: 'checks', panelOpen: true })
    case 'history': return workspace.set({ panel: 'history', panelOpen: true })
    case 'time-travel': return workspace.openHistory()
    case 'palette': return workspace.set({ dialog: { kind: 'palette' } })
    case 'shortcuts': return workspace.set({ dialog: { kind: 'shortcuts' } })
    case 'variables': return workspace.set({ dialog: { kind: 'variables' } })
    case 'reprice': return workspace.set({ dialog: { kind: 'reprice' } })
  }
}
