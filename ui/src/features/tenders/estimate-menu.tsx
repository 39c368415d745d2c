import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { EstimateSummary, Tender } from '~/api/types'
import { useMay, useWhyNot } from '~/app/rights'
import { IconButton } from '~/ui/button'
import { Confirm } from '~/ui/dialog'
import { Menu } from '~/ui/menu'
import { toast } from '~/ui/toast'
import { FROZEN_STATES } from '~/ui/words'
import { ChangeLead } from './change-lead'
import { RenameEstimate } from './rename-estimate'

/** What can be done with one revision. */
export function EstimateMenu({ estimate, tender }: { estimate: EstimateSummary; tender: Tender }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const edits = useMay('edit')
  const why = useWhyNot('decide')
  const [leading, setLeading] = useState(false)
  const [renaming, setRenaming] = useState(false)
  const [archiving, setArchiving] = useState(false)
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
  const archive = async () => {
    await api.post(`/estimates/${estimate.id}/archive`, {})
    await Promise.all([client.invalidateQueries({ queryKey: keys.tenders }), client.invalidateQueries({ queryKey: keys.estimate(estimate.id) })])
    toast.done(`${estimate.code} revision ${estimate.revision} archived`)
  }
  return (
    <>
    <Menu
      trigger={<IconButton icon="more" label={`${estimate.code} revision ${estimate.revision}`} tip="More" />}
      items={[
        { label: 'Submission', onSelect: () => void navigate({ to: '/estimates/$estimateId/submission', params }) },
        edits && { label: 'New revision', onSelect: () => void revise() },
        edits && { label: 'Rename…', disabled: FROZEN_STATES.includes(estimate.state), onSelect: () => setRenaming(true) },
        edits && { label: 'Change the lead…', why, disabled: FROZEN_STATES.includes(estimate.state), onSelect: () => setLeading(true) },
        { label: 'Compare', onSelect: () => void navigate({ to: '/estimates/$estimateId/compare', params, search: {} }) },
        edits && 'separator',
        edits && { label: 'Archive…', danger: true, why, disabled: estimate.state === 'submitted' || estimate.state === 'archived', onSelect: () => setArchiving(true) },
      ]}
    />
    <Confirm open={archiving} danger onOpenChange={(open) => { if (!open) setArchiving(false) }} title={`Archive ${estimate.code} revision ${estimate.revision}?`} action="Archive" onConfirm={archive}>
      It is frozen and kept for the record. It can be read and compared, and not be brought back.
    </Confirm>
    {renaming && <RenameEstimate estimate={estimate} onClose={() => setRenaming(false)} />}
    {leading && <ChangeLead tender={tender} estimate={estimate} onClose={() => setLeading(false)} />}
    </>
  )
}
