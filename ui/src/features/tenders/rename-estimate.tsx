import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Estimate, EstimateSummary } from '~/api/types'
import { Button } from '~/ui/button'
import { Dialog } from '~/ui/dialog'
import { Field, TextInput } from '~/ui/form'
import { problemText } from '~/ui/problem'

/** Gives an estimate another name. */
export function RenameEstimate({ estimate, onClose }: { estimate: EstimateSummary; onClose: () => void }) {
  const client = useQueryClient()
  const [name, setName] = useState(estimate.name)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string | null>(null)
  const id = useId()
  const save = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setRefusal(null)
    try {
      await api.patch<Estimate>(`/estimates/${estimate.id}`, { name })
      await Promise.all([client.invalidateQueries({ queryKey: keys.tenders }), client.invalidateQueries({ queryKey: keys.estimate(estimate.id) })])
      onClose()
    } catch (error) {
      setRefusal(problemText(error))
      setBusy(false)
    }
  }
  return (
    <Dialog
      open onOpenChange={(open) => { if (!open) onClose() }} width="narrow" title={`Rename ${estimate.code} revision ${estimate.revision}`}
      footer={<><Button onClick={onClose}>Cancel</Button><Button look="primary" type="submit" form={id} busy={busy} disabled={name.trim() === '' || name.trim() === estimate.name}>Rename</Button></>}
    >
      <form id={id} onSubmit={(event) => void save(event)}><Field label="Name" error={refusal ?? undefined}><TextInput value={name} onChange={(event) => setName(event.target.value)} /></Field></form>
    </Dialog>
  )
}
