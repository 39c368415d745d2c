import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { api, isProblem } from '~/api/client'
import { keys } from '~/api/queries'
import type { Thresholds, ThresholdsInput } from '~/api/types'
import { useMay } from '~/app/rights'
import { Spinner } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatMoment } from '~/ui/dates'
import { editableDecimal, formatMoney, readDecimal } from '~/ui/decimal'
import { Dialog } from '~/ui/dialog'
import { Field, TextInput } from '~/ui/form'
import { ProblemPanel, problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'

export const thresholdsQuery = queryOptions({ queryKey: keys.thresholds, queryFn: ({ signal }) => api.get<Thresholds>('/thresholds', { signal }) })

type Figures = Record<'award' | 'approval' | 'misclose' | 'misclosePercent', string>
const FIELDS: readonly (readonly [name: keyof Figures, label: string, hint: string])[] = [
  ['award', 'Three quotes from, $', 'A package awarded above this has three conforming quotes (BR-072).'],
  ['approval', 'Second pair of eyes from, $', 'Above this price excluding GST, another Lead approves than changed rules last (BR-094).'],
  ['misclose', 'Rounding may leave, $', 'However small the price; without a balancing item (BR-085).'],
  ['misclosePercent', 'Or in percent of the price', 'The larger of both holds (BR-085).'],
]

/** The figures of rules that the organisation sets; an Admin changes them. */
export function ThresholdsDialog({ onClose }: { onClose: () => void }) {
  const figures = useQuery(thresholdsQuery)
  const admin = useMay('administer')
  const form = useId()
  return (
    <Dialog
      open onOpenChange={(open) => { if (!open) onClose() }} title="Figures of rules" description={admin ? 'What was awarded, approved or submitted before stays as it is.' : 'An Administrator changes them.'}
      footer={<><Button onClick={onClose}>{admin ? 'Cancel' : 'Close'}</Button>{admin && <Button look="primary" type="submit" form={form} disabled={!figures.data}>Save figures</Button>}</>}
    >
      {figures.error ? <ProblemPanel error={figures.error} retry={() => void figures.refetch()} /> : !figures.data ? <div className="grid place-items-center p-8"><Spinner /></div> : (
        <Editor key={figures.data.version} id={form} now={figures.data} admin={admin} onClose={onClose} />
      )}
    </Dialog>
  )
}

function Editor({ id, now, admin, onClose }: { id: string; now: Thresholds; admin: boolean; onClose: () => void }) {
  const client = useQueryClient()
  const [typed, setTyped] = useState<Figures>({
    award: formatMoney(now.award), approval: formatMoney(now.approval), misclose: formatMoney(now.misclose), misclosePercent: editableDecimal(now.misclosePercent),
  })
  const [refusal, setRefusal] = useState<{ field: string | null; message: string } | null>(null)
  const save = async () => {
    setRefusal(null)
    const read = (text: string) => readDecimal(text) ?? text.trim()
    const body: ThresholdsInput = { version: now.version, award: read(typed.award), approval: read(typed.approval), misclose: read(typed.misclose), misclosePercent: read(typed.misclosePercent) }
    try {
      client.setQueryData(keys.thresholds, await api.put<Thresholds>('/thresholds', body))
      // Checks and prices of every estimate are measured by them.
      void client.invalidateQueries({ queryKey: ['estimate'] })
      toast.done('Figures of rules saved')
      onClose()
    } catch (error) {
      const field = isProblem(error) ? error.at : null
      setRefusal({ field, message: problemText(error) })
    }
  }
  return (
    <form id={id} noValidate className="grid gap-3" onSubmit={(event) => { event.preventDefault(); void save() }}>
      {FIELDS.map(([name, label, hint]) => (
        <Field key={name} label={label} hint={hint} error={refusal?.field === name ? refusal.message : undefined}>
          <TextInput inputMode="decimal" readOnly={!admin} className="max-w-48 text-right" value={typed[name]} onChange={(event) => { setTyped({ ...typed, [name]: event.target.value }); setRefusal(null) }} />
        </Field>
      ))}
      {refusal && !FIELDS.some(([name]) => name === refusal.field) && <p role="alert" className="text-bad">{refusal.message}</p>}
      {now.updatedBy && now.updatedAt && <p className="text-xs text-ink2">Set by {now.updatedBy.name}, {formatMoment(now.updatedAt)}.</p>}
    </form>
  )
}
