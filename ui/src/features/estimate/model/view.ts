import type { TreeView } from '~/api/types'

/** Levels an estimate may have; "everything open" is one past the deepest item. */
export const EXPAND_ALL = 99
export const VIEW_DEFAULT: TreeView = { expandLevel: EXPAND_ALL, toggled: [] }
/** Beyond this many exceptions the view is sent in a body rather than in the address. */
export const TOGGLED_IN_ADDRESS_MAX = 40

/** Whether a node with children is open: above the level, inverted for the exceptions. */
export function isOpen(view: TreeView, id: string, depth: number): boolean {
  return depth < view.expandLevel !== view.toggled.includes(id)
}

export function toggle(view: TreeView, id: string): TreeView {
  const toggled = view.toggled.includes(id) ? view.toggled.filter((other) => other !== id) : [...view.toggled, id].sort()
  return { ...view, toggled }
}

/** Opens the ancestors (from the top) of a row so that it shows. */
export function openAncestors(view: TreeView, ancestors: readonly string[]): TreeView {
  return ancestors.reduce((next, id, index) => (isOpen(next, id, index + 1) ? next : toggle(next, id)), view)
}

/** Everything down to `level` open and nothing below. */
export function expandTo(level: number): TreeView {
  return { expandLevel: level, toggled: [] }
}

/** The view with only what carries these options, everything in it open; all rows again where there are none. */
export function filtered(view: TreeView, options: string[]): TreeView {
  return options.length > 0 ? { ...expandTo(EXPAND_ALL), options } : { expandLevel: view.expandLevel, toggled: view.toggled }
}

export function viewKey(view: TreeView): string {
  return `${view.expandLevel}:${view.toggled.join(',')}${view.options ? `|${view.options.join(',')}` : ''}`
}
