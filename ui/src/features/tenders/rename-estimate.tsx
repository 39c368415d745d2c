import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Estimate, EstimateSummary } from '~/api/types'
import { FormDialog } from '~/ui/dialog'
import { Field, TextInput } from '~/ui/form'
import { useSubmit } from '~/ui/use-submit'

/** Gives an estimate another name. */
export function RenameEstimate({ estimate, onClose }: { estimate: EstimateSummary; onClose: () => void }) {
  const client = useQueryClient()
  const [name, setName] = useState(estimate.name)
  const { busy, refusal, run } = useSubmit()
  const save = async () => {
    await api.patch<Estimate>(`/estimates/${estimate.id}`, { name })
    await Promise.all([client.invalidateQueries({ queryKey: keys.tenders }), client.invalidateQueries({ queryKey: keys.estimate(estimate.id) })])
    onClose()
  }
  return (
    <FormDialog
      width="narrow" title={`Rename ${estimate.code} revision ${estimate.revision}`} action="Rename"
      busy={busy} disabled={name.trim() === '' || name.trim() === estimate.name} onClose={onClose} onSubmit={(event) => run(save, event)}
    >
      <Field label="Name" error={refusal}><TextInput value={name} onChange={(event) => setName(event.target.value)} /></Field>
    </FormDialog>
  )
}
