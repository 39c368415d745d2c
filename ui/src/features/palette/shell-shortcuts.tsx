import { Dialog } from '~/ui/dialog'
import { KeyList } from '~/ui/key-list'

const EVERYWHERE = [['Ctrl+K', 'Find or go to a tender, a row or a screen'], ['Ctrl+Z', 'Undo'], ['Ctrl+Y', 'Redo'], ['?, F1', 'These shortcuts'], ['Esc', 'Close what lies over the screen']] as const
const CELLS = [['Enter', 'Edit; while editing: accept'], ['Esc', 'Leave the cell as it was'], ['Arrows', 'In the comparison of quotes: from cell to cell']] as const
const COMMERCIALS = [['Alt+↑, Alt+↓', 'Move the rule']] as const
const TEXTS = [['Ctrl+Enter', 'Keep a clause; send a comment']] as const

/** The keys of the screens beside the grid, which has a list of its own under the same key. */
export default function ShellShortcuts({ onClose }: { onClose: () => void }) {
  return (
    <Dialog open onOpenChange={(open) => { if (!open) onClose() }} title="Keyboard shortcuts" description="On a Mac, Command does what Ctrl does. In an estimate the same key lists those of the grid.">
      <KeyList title="Everywhere" rows={EVERYWHERE} />
      <KeyList title="Figures and words in lists" rows={CELLS} />
      <KeyList title="Commercials" rows={COMMERCIALS} />
      <KeyList title="Texts" rows={TEXTS} />
    </Dialog>
  )
}
