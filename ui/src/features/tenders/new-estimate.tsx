import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useId, useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Estimate, Tender } from '~/api/types'
import { Button } from '~/ui/button'
import { Dialog } from '~/ui/dialog'
import { Field, TextInput } from '~/ui/form'
import { problemText } from '~/ui/problem'
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
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string | null>(null)
  const id = useId()
  const missing = code.trim() === '' || name.trim() === ''
  const create = async (event: FormEvent) => {
    event.preventDefault()
    if (missing) return
    setBusy(true)
    setRefusal(null)
    try {
      const estimate = await api.post<Estimate>(`/tenders/${tender.id}/estimates`, { code: code.trim(), name: name.trim(), ...(lead ? { leadId: lead } : {}) })
      void client.invalidateQueries({ queryKey: keys.tenders })
      await navigate({ to: '/estimates/$estimateId', params: { estimateId: estimate.id } })
    } catch (error) {
      setRefusal(problemText(error))
      setBusy(false)
    }
  }
  return (
    <Dialog
      open onOpenChange={(open) => { if (!open) onClose() }} width="narrow" title="New estimate" description={`For ${tender.number} ${tender.name}.`}
      footer={<><Button onClick={onClose}>Cancel</Button><Button look="primary" type="submit" form={id} busy={busy} disabled={missing}>Create estimate</Button></>}
    >
      <form id={id} className="grid gap-3" onSubmit={(event) => void create(event)}>
        <Field label="Code" hint="Short, and unique in the tender: ALT-1" error={refusal}><TextInput autoFocus required value={code} onChange={(event) => { setCode(event.target.value); setRefusal(null) }} /></Field>
        <Field label="Name"><TextInput required value={name} onChange={(event) => setName(event.target.value)} /></Field>
        <LeadSelect value={lead} onChange={setChosen} />
      </form>
    </Dialog>
  )
}
