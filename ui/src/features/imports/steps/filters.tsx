import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { Dispatch } from 'react'
import { Button, IconButton } from '~/ui/button'
import { toast } from '~/ui/toast'
import { whole } from '~/ui/whole'
import { type Layout, columnLetter } from '../model/mapping'
import type { WizardAction } from '../model/wizard'
import { valuesQuery } from '../queries'

export interface FiltersProps {
  importId: string
  layout: Layout
  /** The headings of the columns. */
  names: string[]
  send: Dispatch<WizardAction>
}

/** Only rows that pass every filter are read: one contract of a file with several, one bidder of many. */
export function Filters({ importId, layout, names, send }: FiltersProps) {
  const client = useQueryClient()
  const setColumn = async (index: number, column: number) => {
    try {
      const values = await client.fetchQuery(valuesQuery(importId, layout.sheet, layout.headerRow, column))
      send({ type: 'filter', index, column, equals: values.items[0]?.value ?? '' })
    } catch (error) {
      toast.refused('The values of the column could not be read', error)
    }
  }
  const free = names.findIndex((_, column) => !layout.filters.some((filter) => filter.column === column) && !Object.values(layout.columns).includes(column))
  return (
    <section aria-labelledby="filters">
      <h3 id="filters" className="mb-2 font-semibold">Which rows</h3>
      {layout.filters.length === 0 && <p className="mb-2 text-ink2">Every row below the headings.</p>}
      <ul className="grid gap-2">
        {layout.filters.map((filter, index) => (
          <li key={index} className="grid grid-cols-[minmax(0,1fr)_auto_minmax(0,1.4fr)_auto] items-center gap-1.5">
            <select aria-label={`Filter ${index + 1}: column`} value={filter.column} onChange={(event) => void setColumn(index, whole(event.target.value))} className="field pl-1.5! pr-5!">
              {names.map((name, column) => <option key={column} value={column}>{columnLetter(column)} {name}</option>)}
            </select>
            <span className="text-xs text-ink2">is</span>
            <ValueSelect importId={importId} layout={layout} column={filter.column} value={filter.equals} label={`Filter ${index + 1}: value`} onChange={(equals) => send({ type: 'filter', index, column: filter.column, equals })} />
            <IconButton icon="close" label={`Remove filter ${index + 1}`} onClick={() => send({ type: 'remove-filter', index })} />
          </li>
        ))}
      </ul>
      <Button className="mt-2" icon="filter" disabled={names.length === 0} onClick={() => void setColumn(layout.filters.length, Math.max(0, free))}>Add a filter</Button>
    </section>
  )
}

interface ValueSelectProps { importId: string; layout: Layout; column: number; value: string; label: string; onChange: (value: string) => void }

function ValueSelect({ importId, layout, column, value, label, onChange }: ValueSelectProps) {
  const values = useQuery(valuesQuery(importId, layout.sheet, layout.headerRow, column))
  const items = values.data?.items ?? []
  return (
    <select aria-label={label} value={value} aria-busy={values.isPending} onChange={(event) => onChange(event.target.value)} className="field pl-1.5! pr-5!">
      {!items.some((one) => one.value === value) && <option value={value}>{value || '(empty)'}</option>}
      {items.map((one) => <option key={one.value} value={one.value}>{one.value} ({one.count.toLocaleString('en-NZ')})</option>)}
    </select>
  )
}
