import { api } from '~/api/client'
import { ReasonDialog } from '~/features/submission/reason-dialog'
import { toast } from '~/ui/toast'
import { useWorkspace } from '../model/workspace-context'

/** BR-100: a Lead takes a row over from whoever is at work on it, and says why. */
export default function TakeOverDialog({ rowId, holder }: { rowId: string; holder: string }) {
  const workspace = useWorkspace()
  const { estimateId } = workspace.session
  return (
    <ReasonDialog
      title={`Take the item over from ${holder}?`} label="Reason" action="Take over"
      description={`${holder} is told, and keeps what they were typing. The reason stands in the audit trail.`}
      onClose={() => { workspace.set({ dialog: null }); workspace.focusGrid() }}
      onSubmit={async (reason) => {
        const { together } = workspace.session
        // Wanted before it is given: the live connection may tell of it before the request is answered.
        together.keep(rowId)
        try {
          await api.post(`/estimates/${estimateId}/leases/${rowId}/take-over`, { reason })
        } catch (error) {
          together.leave(rowId)
          throw error
        }
        toast.done('The item is yours', { detail: `${holder} has been told.` })
      }}
    />
  )
}
