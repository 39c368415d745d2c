import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Estimate, Tender } from '~/api/types'
import { FormDialog } from '~/ui/dialog'
import { Field, TextInput } from '~/ui/form'
import { useSubmit } from '~/ui/use-submit'
import { LeadSelect, useLeads } from './lead-select'

/** A further estimate of a tender: an alternative, or another way of building it. */
export function NewEstimate({ tender, onClose }: { tender: Tender; onClose: () => void }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [code, setCode] = useState('')
  const [name, setName] = useState('')
  const { usual } = useLeads()
  const [chosen, setChosen] = useState<string | null>(null)
  const lead = chosen ?? usual
  const { busy, refusal, clear, run } = useSubmit()
  const missing = code.trim() === '' || name.trim() === ''
  const create = async () => {
    if (missing) return
    const estimate = await api.post<Estimate>(`/tenders/${tender.id}/estimates`, { code: code.trim(), name: name.trim(), ...(lead ? { leadId: lead } : {}) })
    void client.invalidateQueries({ queryKey: keys.tenders })
    await navigate({ to: '/estimates/$estimateId', params: { estimateId: estimate.id } })
  }
  return (
    <FormDialog
      width="narrow" className="grid gap-3" title="New estimate" description={`For ${tender.number} ${tender.name}.`} action="Create estimate"
      busy={busy} disabled={missing} onClose={onClose} onSubmit={(event) => run(create, event)}
    >
      <Field label="Code" hint="Short, and unique in the tender: ALT-1" error={refusal}><TextInput autoFocus required value={code} onChange={(event) => { setCode(event.target.value); clear() }} /></Field>
      <Field label="Name"><TextInput required value={name} onChange={(event) => setName(event.target.value)} /></Field>
      <LeadSelect value={lead} onChange={setChosen} />
    </FormDialog>
  )
}
