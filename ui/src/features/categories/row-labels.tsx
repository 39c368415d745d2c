import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Categorisation, LabelledKind, RowLabels as Labels } from '~/api/types'
import { useMay } from '~/app/rights'
import { Button } from '~/ui/button'
import { Dialog } from '~/ui/dialog'
import { Checkbox, Field, Select } from '~/ui/form'
import { problemText } from '~/ui/problem'
import { choicesFor, choose, optionName } from './model'
import { categorisationsQuery, labelsQuery } from './queries'

export interface RowLabelsProps { kind: LabelledKind; id: string; estimateId?: string }

/** What a row carries of the categorisations, each chosen at once; nothing where none is given to its kind. */
export function RowLabels({ kind, id, estimateId, empty }: RowLabelsProps & { empty?: boolean }) {
  const client = useQueryClient()
  const edits = useMay('edit')
  const all = useQuery(categorisationsQuery)
  const labels = useQuery(labelsQuery(id))
  const [refusal, setRefusal] = useState<string | null>(null)
  const carried = labels.data ?? []
  const choices = choicesFor(all.data ?? [], kind, carried)
  if (!all.data || !labels.data) return null
  if (choices.length === 0) return empty ? <p className="text-ink2">No categories are given to rows of this kind. <Link to="/categories" className="text-acc hover:underline">Categories</Link></p> : null
  const pick = async (row: Categorisation, option: string) => {
    setRefusal(null)
    try {
      const done = await api.put<Labels>(`/labels/${id}`, { kind, options: choose(carried, row, option), ...(estimateId ? { estimateId } : {}) })
      client.setQueryData(keys.labels(id), done.options)
      void client.invalidateQueries({ queryKey: keys.categorisations })
      if (estimateId) {
        // Rows may be narrowed to it, and sums are by it.
        void client.invalidateQueries({ queryKey: keys.rows(estimateId), predicate: ({ queryKey }) => String(queryKey[3]).includes('|') })
        void client.invalidateQueries({ queryKey: keys.categories(estimateId) })
      }
      if (kind === 'tender') void client.invalidateQueries({ queryKey: keys.tenders })
    } catch (error) {
      setRefusal(problemText(error))
    }
  }
  return (
    <div className="grid grid-cols-2 items-end gap-3">
      {choices.map((row) => {
        const own = row.options.find((option) => carried.includes(option.id))
        const [flag] = row.options
        if (row.kind === 'flag' && flag) return <Checkbox key={row.id} label={row.name} disabled={!edits} checked={own !== undefined} onChange={(event) => void pick(row, event.target.checked ? flag.id : '')} />
        return (
          <Field key={row.id} label={<span className="line-clamp-2" title={row.name}>{row.name}</span>}>
            <Select value={own?.id ?? ''} disabled={!edits} onChange={(event) => void pick(row, event.target.value)}>
              <option value="">Not said</option>
              {row.options.filter((option) => option === own || (!option.archived && !row.archived)).map((option) => <option key={option.id} value={option.id}>{optionName(option)}{option.archived ? ' (archived)' : ''}</option>)}
            </Select>
          </Field>
        )
      })}
      {refusal && <p role="alert" className="col-span-2 text-bad">{refusal}</p>}
    </div>
  )
}

/** The same, for a row of a list. */
export function LabelsDialog({ title, onClose, ...row }: RowLabelsProps & { title: string; onClose: () => void }) {
  const edits = useMay('edit')
  return (
    <Dialog open onOpenChange={(open) => { if (!open) onClose() }} width="narrow" title={title} description={edits ? 'Each choice is saved at once.' : undefined} footer={<Button look="primary" onClick={onClose}>Done</Button>}>
      <RowLabels {...row} empty />
    </Dialog>
  )
}

/** Options a register is narrowed to, one select for each categorisation of its rows. */
export function LabelFilters({ kind, value, onChange }: { kind: LabelledKind; value: string | undefined; onChange: (options: string | undefined) => void }) {
  const all = useQuery(categorisationsQuery)
  const chosen = (value ?? '').split(',').filter(Boolean)
  return choicesFor(all.data ?? [], kind, chosen).map((row) => (
    <Field key={row.id} label={row.name} hideLabel>
      <Select value={chosen.find((id) => row.options.some((option) => option.id === id)) ?? ''} onChange={(event) => onChange(choose(chosen, row, event.target.value).join(',') || undefined)}>
        <option value="">{row.kind === 'flag' ? `${row.name} or not` : `Every ${row.name.toLowerCase()}`}</option>
        {row.options.map((option) => <option key={option.id} value={option.id}>{optionName(option)}</option>)}
      </Select>
    </Field>
  ))
}
