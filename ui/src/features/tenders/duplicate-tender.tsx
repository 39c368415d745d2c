import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useId, useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Tender } from '~/api/types'
import { Button } from '~/ui/button'
import { Dialog } from '~/ui/dialog'
import { Field, TextInput } from '~/ui/form'
import { problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'

/** A new tender with the estimates of an old one. */
export function DuplicateTender({ tender, onClose }: { tender: Pick<Tender, 'id' | 'number' | 'name'>; onClose: () => void }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [number, setNumber] = useState('')
  const [name, setName] = useState(tender.name)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string | null>(null)
  const id = useId()
  const missing = number.trim() === '' || name.trim() === ''

  const duplicate = async (event: FormEvent) => {
    event.preventDefault()
    if (missing) return
    setBusy(true)
    setRefusal(null)
    try {
      const copy = await api.post<Tender>(`/tenders/${tender.id}/duplicate`, { number: number.trim(), name: name.trim() })
      client.setQueryData(keys.tender(copy.id), copy)
      void client.invalidateQueries({ queryKey: keys.tenders })
      toast.done(`${copy.number} made from ${tender.number}`)
      onClose()
      await navigate({ to: '/tenders/$tenderId', params: { tenderId: copy.id } })
    } catch (error) {
      setRefusal(problemText(error))
      setBusy(false)
    }
  }
  return (
    <Dialog
      open onOpenChange={(open) => { if (!open) onClose() }} width="narrow" title={`Duplicate ${tender.number}`} description="The newest estimate is copied with its worksheets, rates and packages; quotes stay with this tender."
      footer={<><Button onClick={onClose}>Cancel</Button><Button look="primary" type="submit" form={id} busy={busy} disabled={missing}>Duplicate</Button></>}
    >
      <form id={id} className="grid gap-3" onSubmit={(event) => void duplicate(event)}>
        <Field label="Number of the new tender" error={refusal}><TextInput autoFocus required value={number} onChange={(event) => { setNumber(event.target.value); setRefusal(null) }} /></Field>
        <Field label="Name"><TextInput required value={name} onChange={(event) => setName(event.target.value)} /></Field>
      </form>
    </Dialog>
  )
}
