import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Estimate, EstimateSummary, Tender } from '~/api/types'
import { Button } from '~/ui/button'
import { Dialog } from '~/ui/dialog'
import { problemText } from '~/ui/problem'
import { LeadSelect, useLeads } from './lead-select'

/** Has another person answer for an estimate (BR-009). */
export function ChangeLead({ tender, estimate, onClose }: { tender: Tender; estimate: EstimateSummary; onClose: () => void }) {
  const client = useQueryClient()
  const { usual } = useLeads()
  const [lead, setLead] = useState(estimate.lead?.id ?? usual)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string | null>(null)
  const id = useId()
  const save = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setRefusal(null)
    try {
      await api.put<Estimate>(`/estimates/${estimate.id}/lead`, { leadId: lead })
      await client.invalidateQueries({ queryKey: keys.tender(tender.id) })
      onClose()
    } catch (error) {
      setRefusal(problemText(error))
      setBusy(false)
    }
  }
  return (
    <Dialog
      open onOpenChange={(open) => { if (!open) onClose() }} width="narrow" title="Change the lead" description={`Who answers for ${estimate.code} revision ${estimate.revision} of ${tender.number}.`}
      footer={<><Button onClick={onClose}>Cancel</Button><Button look="primary" type="submit" form={id} busy={busy} disabled={lead === estimate.lead?.id}>Change lead</Button></>}
    >
      <form id={id} onSubmit={(event) => void save(event)}><LeadSelect value={lead} onChange={setLead} error={refusal} /></form>
    </Dialog>
  )
}
