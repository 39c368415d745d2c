import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Estimate, EstimateSummary, Tender } from '~/api/types'
import { FormDialog } from '~/ui/dialog'
import { useSubmit } from '~/ui/use-submit'
import { LeadSelect, useLeads } from './lead-select'

/** Has another person answer for an estimate (BR-009). */
export function ChangeLead({ tender, estimate, onClose }: { tender: Tender; estimate: EstimateSummary; onClose: () => void }) {
  const client = useQueryClient()
  const { usual } = useLeads()
  const [lead, setLead] = useState(estimate.lead?.id ?? usual)
  const { busy, refusal, run } = useSubmit()
  const save = async () => {
    await api.put<Estimate>(`/estimates/${estimate.id}/lead`, { leadId: lead })
    await client.invalidateQueries({ queryKey: keys.tender(tender.id) })
    onClose()
  }
  return (
    <FormDialog
      width="narrow" title="Change the lead" description={`Who answers for ${estimate.code} revision ${estimate.revision} of ${tender.number}.`} action="Change lead"
      busy={busy} disabled={lead === estimate.lead?.id} onClose={onClose} onSubmit={(event) => run(save, event)}
    >
      <LeadSelect value={lead} onChange={setLead} error={refusal} />
    </FormDialog>
  )
}
