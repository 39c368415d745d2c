import { Confirm } from '~/ui/dialog'
import { formatMoney } from '~/ui/decimal'
import { count } from '~/ui/words'
import { deleteRows } from '../actions'
import { useWorkspace } from '../model/workspace-context'

/** BR-017: deleting what is not empty names how much goes, and asks. */
export function DeleteDialog() {
  const workspace = useWorkspace()
  const dialog = workspace.dialog?.kind === 'delete' ? workspace.dialog : null
  if (!dialog) return null
  return (
    <Confirm
      open onOpenChange={(open) => { if (!open) { workspace.set({ dialog: null }); workspace.focusGrid() } }} danger
      title={`Delete ${count(dialog.items, 'item')} worth ${formatMoney(dialog.cost)}?`} action={`Delete ${count(dialog.items, 'item')}`}
      onConfirm={() => deleteRows(workspace, dialog.ids, { items: dialog.items, cost: dialog.cost })}
    >
      <p>{dialog.message}</p>
      <p className="mt-2">Undo (Ctrl+Z) brings everything back.</p>
    </Confirm>
  )
}
