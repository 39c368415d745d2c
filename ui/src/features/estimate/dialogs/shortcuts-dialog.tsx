import { Kbd } from '~/ui/bits'
import { Dialog } from '~/ui/dialog'
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
        <Section title="Moving" rows={MOVES} />
        {GROUPS.map((group) => (
          <Section key={group} title={group} rows={COMMANDS.filter((command) => command.group === group && command.keys.length).map((command) => [command.keys.slice(0, 2).map(showChord).join(', '), command.label] as const)} />
        ))}
        <Section title="Worksheet" rows={WORKSHEET} />
      </div>
    </Dialog>
  )
}

function Section({ title, rows }: { title: string; rows: readonly (readonly [string, string])[] }) {
  return (
    <section className="mb-4 break-inside-avoid">
      <h3 className="mb-1 text-2xs font-medium text-ink3">{title}</h3>
      <dl>
        {rows.map(([keys, what]) => (
          <div key={what} className="flex items-center justify-between gap-3 border-b border-line2 py-1 last:border-0">
            <dt className="order-2 flex gap-1 whitespace-nowrap">{keys.split(', ').map((key) => <Kbd key={key}>{key}</Kbd>)}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
