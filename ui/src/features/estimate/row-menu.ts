import type { MenuEntry } from '~/ui/menu'
import { type CommandId, commandOf, keysOf } from './commands'
import { runCommand } from './run-command'
import { setRows } from './actions'
import type { Workspace } from './workspace'

/** The context menu of the selected rows: every command that acts on them. */
export function rowMenu(workspace: Workspace): MenuEntry[] {
  const row = workspace.activeRow
  const entry = (id: CommandId, more: { label?: string; danger?: boolean; disabled?: boolean } = {}): MenuEntry => {
    const keys = keysOf(id)
    return {
      label: more.label ?? commandOf(id).label, ...(keys ? { keys } : {}), ...(more.danger ? { danger: true } : {}),
      disabled: more.disabled ?? (workspace.frozen && commandOf(id).edits === true), onSelect: () => runCommand(workspace, id),
    }
  }
  const item = row?.kind === 'item'
  return [
    entry('insert-item'), entry('insert-sub-item', { disabled: workspace.frozen || !item }), entry('insert-heading'), 'separator',
    entry('copy'), entry('paste-rows'), entry('duplicate'), entry('fill-down'), 'separator',
    { label: 'Move', children: [entry('move-up'), entry('move-down'), entry('indent'), entry('outdent')] },
    {
      label: 'Set', children: [
        entry('bulk-edit'), 'separator', entry('reviewed'), entry('not-reviewed'), 'separator',
        toggleEntry(workspace, row?.inactive === true, 'Inactive', (on) => setRows(workspace, on ? 'Make inactive' : 'Make active', { inactive: on }, { inactive: on })),
        toggleEntry(workspace, row?.indirectFlag === true, 'Indirect', (on) => setRows(workspace, on ? 'Make indirect' : 'Make direct', { indirect: on }, { indirectFlag: on })),
        'separator', entry('convert', { label: item ? 'Turn into a heading' : 'Turn into an item' }),
      ],
    },
    'separator',
    { label: 'Fold', children: [entry('fold', { disabled: !row?.hasChildren }), entry('expand-all'), entry('collapse-all'), entry('level-1'), entry('level-2'), entry('level-3')] },
    entry('worksheet', { disabled: !item }), entry('history', { disabled: !row }), 'separator',
    entry('delete', { danger: true }),
  ]
}

function toggleEntry(workspace: Workspace, checked: boolean, label: string, set: (on: boolean) => unknown): MenuEntry {
  return { label, checked, disabled: workspace.frozen || workspace.activeRow?.kind !== 'item', onSelect: () => void set(!checked) }
}
