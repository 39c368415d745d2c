import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Tender } from '~/api/types'
import { FormDialog } from '~/ui/dialog'
import { Field, TextInput } from '~/ui/form'
import { toast } from '~/ui/toast'
import { useSubmit } from '~/ui/use-submit'

/** A new tender with the estimates of an old one. */
export function DuplicateTender({ tender, onClose }: { tender: Pick<Tender, 'id' | 'number' | 'name'>; onClose: () => void }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [number, setNumber] = useState('')
  const [name, setName] = useState(tender.name)
  const { busy, refusal, clear, run } = useSubmit()
  const missing = number.trim() === '' || name.trim() === ''

  const duplicate = async () => {
    if (missing) return
    const copy = await api.post<Tender>(`/tenders/${tender.id}/duplicate`, { number: number.trim(), name: name.trim() })
    client.setQueryData(keys.tender(copy.id), copy)
    void client.invalidateQueries({ queryKey: keys.tenders })
    toast.done(`${copy.number} made from ${tender.number}`)
    onClose()
    await navigate({ to: '/tenders/$tenderId', params: { tenderId: copy.id } })
  }
  return (
    <FormDialog
      width="narrow" className="grid gap-3" title={`Duplicate ${tender.number}`} action="Duplicate"
      description="The newest estimate is copied with its worksheets, rates and packages; quotes stay with this tender."
      busy={busy} disabled={missing} onClose={onClose} onSubmit={(event) => run(duplicate, event)}
    >
      <Field label="Number of the new tender" error={refusal}><TextInput autoFocus required value={number} onChange={(event) => { setNumber(event.target.value); clear() }} /></Field>
      <Field label="Name"><TextInput required value={name} onChange={(event) => setName(event.target.value)} /></Field>
    </FormDialog>
  )
}
