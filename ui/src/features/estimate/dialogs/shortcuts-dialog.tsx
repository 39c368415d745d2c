import { Dialog } from '~/ui/dialog'
import { KeyList } from '~/ui/key-list'
import { COMMANDS, MOVES, showChord } from '../commands'
import { useWorkspace } from '../model/workspace-context'

const GROUPS = ['Rows', 'Cells', 'Clipboard', 'View', 'Find', 'Estimate'] as const
const WORKSHEET: readonly [string, string][] = [
  ['F4', 'To the worksheet and back'], ['Enter, F2', 'Edit the line'], ['Insert, Ctrl+Enter', 'Add a line'], ['Del', 'Delete lines'], ['Alt+↑, Alt+↓', 'Reorder'], ['Ctrl+D', 'Copy the line'],
]

export function ShortcutsDialog() {
  const workspace = useWorkspace()
  return (
    <Dialog open={workspace.dialog?.kind === 'shortcuts'} onOpenChange={() => workspace.set({ dialog: null })} title="Keyboard shortcuts" width="wide" reading description="On a Mac, Command does what Ctrl does.">
      <div className="columns-1 gap-8 sm:columns-2">
        <KeyList title="Moving" rows={MOVES} />
        {GROUPS.map((group) => (
          <KeyList key={group} title={group} rows={COMMANDS.filter((command) => command.group === group && command.keys.length).map((command) => [command.keys.slice(0, 2).map(showChord).join(', '), command.label] as const)} />
        ))}
        <KeyList title="Worksheet" rows={WORKSHEET} />
      </div>
    </Dialog>
  )
}
