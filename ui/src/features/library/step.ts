interface Keys {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  shiftKey: boolean
}

/** Which way a key press goes: Ctrl+Z back, Ctrl+Y or Ctrl+Shift+Z on; Command counts as Ctrl. */
export function stepOf(event: Keys): 'undo' | 'redo' | null {
  if (event.altKey || !(event.ctrlKey || event.metaKey)) return null
  const key = event.key.toLowerCase()
  if (key === 'z') return event.shiftKey ? 'redo' : 'undo'
  return key === 'y' && !event.shiftKey ? 'redo' : null
}

/** Whether a key press is meant for the page: what is typed into has an undo of its own, and a dialog hides the page. */
export function isPlainPage(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return true
  if (target.closest('input:not([type="checkbox"], [type="radio"], [type="button"]), textarea, [contenteditable="true"]')) return false
  return target.closest('[role="dialog"], [role="alertdialog"], [role="menu"]') === null
}
