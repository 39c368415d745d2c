import { useQueryClient } from '@tanstack/react-query'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Tender } from '~/api/types'
import { Confirm } from '~/ui/dialog'
import { toast } from '~/ui/toast'
import { count } from '~/ui/words'

/** BR-008 decides who may and when; a refusal is shown in the dialog. */
export function DeleteTender({ tender, onClose, onDeleted }: { tender: Tender; onClose: () => void; onDeleted?: () => unknown }) {
  const client = useQueryClient()
  const remove = async () => {
    await api.delete(`/tenders/${tender.id}`, { query: { version: tender.version } })
    await onDeleted?.()
    client.removeQueries({ queryKey: keys.tender(tender.id) })
    void client.invalidateQueries({ queryKey: keys.tenders })
    toast.done(`${tender.number} deleted`)
  }
  return (
    <Confirm open onOpenChange={(open) => { if (!open) onClose() }} danger title={`Delete ${tender.number} ${tender.name}?`} action="Delete tender" onConfirm={remove}>
      {tender.estimates.length ? `Its ${count(tender.estimates.length, 'estimate')} with every row and worksheet goes too.` : 'It has no estimates.'}
    </Confirm>
  )
}
