import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { EstimateSummary, Tender } from '~/api/types'
import { useMay, useWhyNot } from '~/app/rights'
import { IconButton } from '~/ui/button'
import { Menu } from '~/ui/menu'
import { toast } from '~/ui/toast'
import { FROZEN_STATES } from '~/ui/words'
import { ChangeLead } from './change-lead'

/** What can be done with one revision. */
export function EstimateMenu({ estimate, tender }: { estimate: EstimateSummary; tender: Tender }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const edits = useMay('edit')
  const why = useWhyNot('decide')
  const [leading, setLeading] = useState(false)
  const params = { estimateId: estimate.id }
  const revise = async () => {
    try {
      const made = await api.post<EstimateSummary>(`/estimates/${estimate.id}/revise`)
      await client.invalidateQueries({ queryKey: keys.tender(tender.id) })
      toast.done(`Revision ${made.revision} of ${made.code} made`)
    } catch (error) {
      toast.refused('No revision was made', error)
    }
  }
  return (
    <>
    <Menu
      trigger={<IconButton icon="more" label={`${estimate.code} revision ${estimate.revision}`} tip="More" />}
      items={[
        { label: 'Submission', onSelect: () => void navigate({ to: '/estimates/$estimateId/submission', params }) },
        edits && { label: 'New revision', onSelect: () => void revise() },
        edits && { label: 'Change the lead…', why, disabled: FROZEN_STATES.includes(estimate.state), onSelect: () => setLeading(true) },
        { label: 'Compare', onSelect: () => void navigate({ to: '/estimates/$estimateId/compare', params, search: {} }) },
      ]}
    />
    {leading && <ChangeLead tender={tender} estimate={estimate} onClose={() => setLeading(false)} />}
    </>
  )
}
