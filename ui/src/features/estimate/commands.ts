/** Every command of the workspace with its shortcuts: the one source of the keymap, the menus, the palette and the `?` sheet. */

export type CommandId =
  | 'insert-item' | 'insert-sub-item' | 'insert-heading' | 'delete' | 'duplicate' | 'indent' | 'outdent' | 'move-up' | 'move-down' | 'convert'
  | 'fill-down' | 'copy' | 'cut' | 'paste' | 'paste-rows' | 'reviewed' | 'not-reviewed' | 'bulk-edit' | 'undo' | 'redo' | 'find' | 'replace'
  | 'filter' | 'edit' | 'clear' | 'fold' | 'expand-all' | 'collapse-all' | 'level-1' | 'level-2' | 'level-3' | 'select-all' | 'select-rows' | 'worksheet' | 'history'
  | 'checks' | 'variables' | 'palette' | 'shortcuts' | 'reprice' | 'time-travel'

export interface Command {
  id: CommandId
  label: string
  group: 'Rows' | 'Cells' | 'Clipboard' | 'View' | 'Find' | 'Estimate'
  /** Chords as `chordOf` writes them; the first is shown. */
  keys: readonly string[]
  /** Refused while the estimate is frozen. */
  edits?: boolean
}

export const COMMANDS: readonly Command[] = [
  { id: 'insert-item', label: 'Insert item below', group: 'Rows', keys: ['Ctrl+Enter', 'Insert', 'Ctrl+Shift++', 'Ctrl+Shift+='], edits: true },
  { id: 'insert-sub-item', label: 'Insert sub-item', group: 'Rows', keys: ['Ctrl+Alt+Enter'], edits: true },
  { id: 'insert-heading', label: 'Insert heading', group: 'Rows', keys: ['Ctrl+Shift+H'], edits: true },
  { id: 'duplicate', label: 'Duplicate rows', group: 'Rows', keys: ['Ctrl+Shift+D'], edits: true },
  { id: 'delete', label: 'Delete rows', group: 'Rows', keys: ['Ctrl+-', 'Shift+Delete', 'Ctrl+Delete'], edits: true },
  { id: 'indent', label: 'Indent', group: 'Rows', keys: ['Alt+ArrowRight'], edits: true },
  { id: 'outdent', label: 'Outdent', group: 'Rows', keys: ['Alt+ArrowLeft'], edits: true },
  { id: 'move-up', label: 'Move up', group: 'Rows', keys: ['Alt+ArrowUp'], edits: true },
  { id: 'move-down', label: 'Move down', group: 'Rows', keys: ['Alt+ArrowDown'], edits: true },
  { id: 'convert', label: 'Turn heading into item or back', group: 'Rows', keys: [], edits: true },
  { id: 'reviewed', label: 'Mark reviewed', group: 'Rows', keys: ['Ctrl+Shift+R'], edits: true },
  { id: 'not-reviewed', label: 'Take back the review', group: 'Rows', keys: [], edits: true },
  { id: 'bulk-edit', label: 'Edit selected rows together…', group: 'Rows', keys: ['Ctrl+E'], edits: true },
  { id: 'edit', label: 'Edit cell', group: 'Cells', keys: ['F2'], edits: true },
  { id: 'clear', label: 'Clear figures; on a code or description, delete the rows', group: 'Cells', keys: ['Delete'], edits: true },
  { id: 'fill-down', label: 'Fill down', group: 'Cells', keys: ['Ctrl+D'], edits: true },
  { id: 'undo', label: 'Undo', group: 'Cells', keys: ['Ctrl+Z'], edits: true },
  { id: 'redo', label: 'Redo', group: 'Cells', keys: ['Ctrl+Y', 'Ctrl+Shift+Z'], edits: true },
  { id: 'copy', label: 'Copy', group: 'Clipboard', keys: ['Ctrl+C'] },
  { id: 'cut', label: 'Cut', group: 'Clipboard', keys: ['Ctrl+X'], edits: true },
  { id: 'paste', label: 'Paste', group: 'Clipboard', keys: ['Ctrl+V'], edits: true },
  { id: 'paste-rows', label: 'Paste as new rows', group: 'Clipboard', keys: ['Ctrl+Shift+V'], edits: true },
  { id: 'fold', label: 'Fold or unfold', group: 'View', keys: ['Space'] },
  { id: 'expand-all', label: 'Unfold everything', group: 'View', keys: ['Ctrl+Shift+E'] },
  { id: 'collapse-all', label: 'Fold to top headings', group: 'View', keys: ['Ctrl+Shift+1'] },
  { id: 'level-1', label: 'Unfold to level 2', group: 'View', keys: ['Ctrl+Shift+2'] },
  { id: 'level-2', label: 'Unfold to level 3', group: 'View', keys: ['Ctrl+Shift+3'] },
  { id: 'level-3', label: 'Unfold to level 4', group: 'View', keys: ['Ctrl+Shift+4'] },
  { id: 'select-all', label: 'Select all', group: 'View', keys: ['Ctrl+A'] },
  { id: 'select-rows', label: 'Select whole rows', group: 'View', keys: ['Shift+Space'] },
  { id: 'worksheet', label: 'Go to the worksheet and back', group: 'View', keys: ['F4'] },
  { id: 'checks', label: 'Show checks', group: 'View', keys: ['F8'] },
  { id: 'history', label: 'Show the history of the row', group: 'View', keys: ['Ctrl+Shift+Y'] },
  { id: 'find', label: 'Find', group: 'Find', keys: ['Ctrl+F'] },
  { id: 'replace', label: 'Find and replace…', group: 'Find', keys: ['Ctrl+H'], edits: true },
  { id: 'filter', label: 'Filter rows by category', group: 'Find', keys: ['Ctrl+Shift+L'] },
  { id: 'palette', label: 'Find or run', group: 'Find', keys: ['Ctrl+K'] },
  { id: 'time-travel', label: 'History: the estimate as it was', group: 'Estimate', keys: ['F9'] },
  { id: 'variables', label: 'Variables of the estimate…', group: 'Estimate', keys: [], edits: true },
  { id: 'reprice', label: 'Reprice from the price book…', group: 'Estimate', keys: [], edits: true },
  { id: 'shortcuts', label: 'Keyboard shortcuts', group: 'Estimate', keys: ['?', 'F1'] },
]

/** Moves that need no command: listed in the `?` sheet only. */
export const MOVES: readonly [keys: string, what: string][] = [
  ['Arrows', 'Move'], ['Shift + arrows', 'Extend the selection'], ['Tab, Shift+Tab', 'Next and previous cell'],
  ['Enter, Shift+Enter', 'Down and up; while editing: accept first'], ['Esc', 'Leave the cell as it was'],
  ['Home, End', 'First and last column'], ['Ctrl+Home, Ctrl+End', 'First and last row'], ['Ctrl+↑, Ctrl+↓', 'Top and bottom of the column'],
  ['Ctrl+←, Ctrl+→', 'Fold; unfold'], ['Page Up, Page Down', 'One page'], ['Ctrl+click, Shift+click', 'Pick rows; extend to a row'],
  ['Type, Backspace', 'Replace the cell'],
  ['←, →', 'In the history: one commit back; on'], ['Page Down, Page Up', 'In the history: one day back; on'], ['Home, End, Esc', 'In the history: first commit; newest; leave'],
]

const BY_ID = new Map(COMMANDS.map((command) => [command.id, command]))
const BY_CHORD = new Map(COMMANDS.flatMap((command) => command.keys.map((key) => [key, command.id] as const)))

export function commandOf(id: CommandId): Command {
  const command = BY_ID.get(id)
  if (!command) throw new Error(`no command ${id}`)
  return command
}

export function commandFor(chord: string): CommandId | undefined {
  return BY_CHORD.get(chord)
}

interface Keys {
  key: string
  code?: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  shiftKey: boolean
}

/** "Ctrl+Shift+Z", "Alt+ArrowUp", "Space", "?": how a key press is named. Command counts as Ctrl. */
export function chordOf(event: Keys): string {
  const control = event.ctrlKey || event.metaKey
  const digit = /^Digit(\d)$/.exec(event.code ?? '')?.[1]
  let key = event.key === ' ' ? 'Space' : event.key
  if (key.length === 1 && /[a-z]/i.test(key)) key = key.toUpperCase()
  if (control && event.shiftKey && digit) key = digit
  // A printable sign already says that Shift was held.
  const shift = event.shiftKey && (control || event.altKey || key.length > 1)
  return `${control ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${key}`
}

const SIGNS: Record<string, string> = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→', Delete: 'Del', Insert: 'Ins' }

/** The chord as shown to people: "Alt+↑". */
export function showChord(chord: string): string {
  return chord.replace(/Arrow\w+|Delete|Insert/g, (name) => SIGNS[name] ?? name)
}

/** The first shortcut of a command, for menus. */
export function keysOf(id: CommandId): string | undefined {
  const [first] = commandOf(id).keys
  return first === undefined ? undefined : showChord(first)
}
