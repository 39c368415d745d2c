import type { KeyboardEvent } from 'react'
import { type CommandId, chordOf, commandFor, commandOf } from '../commands'
import { runCommand } from '../run-command'
import { commitCell, insertItem, startEdit } from '../actions'
import { editText } from '../columns'
import type { Move } from './selection'
import type { Workspace } from '../workspace'

const MOVES: Record<string, Move> = {
  ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right', PageUp: 'page-up', PageDown: 'page-down', Home: 'row-start', End: 'row-end',
  'Ctrl+Home': 'first', 'Ctrl+End': 'last', 'Ctrl+ArrowUp': 'column-top', 'Ctrl+ArrowDown': 'column-bottom', Enter: 'down', Tab: 'next-cell',
}
const EXTENDS: Record<string, Move> = {
  'Shift+ArrowUp': 'up', 'Shift+ArrowDown': 'down', 'Shift+ArrowLeft': 'left', 'Shift+ArrowRight': 'right', 'Shift+PageUp': 'page-up',
  'Shift+PageDown': 'page-down', 'Shift+Home': 'row-start', 'Shift+End': 'row-end', 'Ctrl+Shift+Home': 'first', 'Ctrl+Shift+End': 'last',
  'Ctrl+Shift+ArrowUp': 'column-top', 'Ctrl+Shift+ArrowDown': 'column-bottom',
}
/** The clipboard works through the browser's own events. */
const LEFT_TO_BROWSER: readonly CommandId[] = ['copy', 'cut', 'paste']

/** Keys pressed while the grid itself has the keyboard. */
export function onGridKey(workspace: Workspace, event: KeyboardEvent): void {
  if (event.nativeEvent.isComposing) return
  const chord = chordOf(event)
  const { selection, bounds } = workspace
  const stop = () => { event.preventDefault(); event.stopPropagation() }
  if (isTyping(event, chord) && workspace.typedAhead(event.key.length === 1 ? event.key : chord)) { stop(); return }
  if (isForRow(event) && workspace.holdForRow(event)) { stop(); return }

  // Tab at either end of the grid leaves it, so that the keyboard is never caught.
  if (chord === 'Tab' || chord === 'Shift+Tab') {
    const first = selection.row === 0 && selection.column === 0
    const last = selection.row >= bounds.rows - 1 && selection.column >= bounds.columns - 1
    if (chord === 'Tab' ? last : first) return
    stop()
    workspace.move(chord === 'Tab' ? 'next-cell' : 'previous-cell')
    return
  }
  if (chord === 'Shift+Enter') { stop(); workspace.move('up'); return }
  const by = MOVES[chord]
  if (by) { stop(); workspace.move(by); return }
  const extend = EXTENDS[chord]
  if (extend) { stop(); workspace.move(extend, true); return }
  if (chord === 'Ctrl+ArrowLeft' || chord === 'Ctrl+ArrowRight') {
    stop()
    const row = workspace.activeRow
    if (row?.hasChildren && row.open === (chord === 'Ctrl+ArrowLeft')) workspace.session.toggle(row)
    else if (chord === 'Ctrl+ArrowLeft' && row?.parentId) void workspace.goTo(row.parentId)
    return
  }
  if (chord === 'Escape') {
    if (workspace.findOpen) workspace.set({ findOpen: false })
    workspace.stopAwaiting()
    const row = workspace.activeRow
    if (row && workspace.activeColumn) workspace.session.setCellError(row.id, workspace.activeColumn.id, null)
    workspace.select({ ...selection, anchorRow: selection.row, anchorColumn: selection.column, wholeRows: false, extra: [] })
    return
  }
  if (chord === 'Backspace') { stop(); startEdit(workspace, 'replace', ''); return }
  const command = commandFor(chord)
  if (command === 'fold' && !workspace.activeRow?.hasChildren) {
    stop()
    startEdit(workspace, 'replace', '')
    return
  }
  if (command && !LEFT_TO_BROWSER.includes(command)) {
    stop()
    if (command === 'edit') {
      const row = workspace.activeRow
      const column = workspace.activeColumn
      if (row && column) startEdit(workspace, 'edit', editText(column, row))
      return
    }
    runCommand(workspace, commandOf(command).id)
    return
  }
  if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
    stop()
    startEdit(workspace, 'replace', event.key)
  }
}

/** Keys that need to know the row they are pressed on. */
function isForRow(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): boolean {
  return !event.ctrlKey && !event.metaKey && !event.altKey && (event.key.length === 1 || event.key === 'Backspace' || event.key === 'F2' || event.key === 'F4')
}

const ENTERS: Record<string, Move> = { Enter: 'down', 'Shift+Enter': 'up', Tab: 'next-cell', 'Shift+Tab': 'previous-cell' }

/** Keys with which rows are written: a printable sign, and what goes on to the next cell or row. */
export function isTyping(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>, chord: string): boolean {
  if (event.key.length === 1) return !event.ctrlKey && !event.metaKey && !event.altKey
  return chord === 'Backspace' || chord === 'Ctrl+Enter' || chord in ENTERS
}

/** Presses the keys that came while a row was on its way, as if it had been there already. */
export function pressAgain(workspace: Workspace, keys: readonly string[]): void {
  for (const [at, key] of keys.entries()) {
    const { editing, activeRow: row, activeColumn: column } = workspace
    if (!row || !column) return
    if (key.length === 1 || key === 'Backspace') {
      const text = editing?.text ?? ''
      if (editing) workspace.set({ editing: { ...editing, text: key === 'Backspace' ? text.slice(0, -1) : text + key } })
      else startEdit(workspace, 'replace', key === 'Backspace' ? '' : key)
      continue
    }
    if (editing) {
      // What is not taken stays open in its cell, with all that was typed.
      if (!(editing.fresh && editing.text === '') && !commitCell(workspace, row, column, editing.text).ok) return
      workspace.set({ editing: null })
    }
    const by = ENTERS[key]
    if (by) workspace.move(by)
    else {
      void insertItem(workspace)
      workspace.typedAhead(...keys.slice(at + 1))
      return
    }
  }
}
