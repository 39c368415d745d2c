import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type Dispatch, useState } from 'react'
import { api } from '~/api/client'
import { keys, unitsQuery } from '~/api/queries'
import type { Plan, Unit } from '~/api/types'
import { Chip, EmptyState, Spinner } from '~/ui/bits'
import { ProblemPanel } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { count } from '~/ui/words'
import { pickedUnit, planRequest } from '../model/mapping'
import type { Wizard, WizardAction } from '../model/wizard'
import { planQuery } from '../queries'

const ADD = '+add'

/** Spellings of units that are not in the list (BR-019): each is given a unit, none is taken by itself. */
export function UnitsStep({ state, send, estimateId }: { state: Wizard; send: Dispatch<WizardAction>; estimateId: string }) {
  const plan = useQuery(planQuery(state.file?.id ?? '', planRequest(state, estimateId)))
  const units = useQuery(unitsQuery)
  const client = useQueryClient()
  const [busy, setBusy] = useState<string | null>(null)

  const add = async (spelling: string) => {
    setBusy(spelling)
    try {
      const unit = await api.post<Unit>('/units', { code: spelling, name: spelling, aliases: [] })
      await client.invalidateQueries({ queryKey: keys.units })
      send({ type: 'unit', spelling, code: unit.code })
      toast.done(`${unit.code} added to the units`)
    } catch (error) {
      toast.refused(`${spelling} could not be added to the units`, error)
    } finally {
      setBusy(null)
    }
  }
  if (plan.isError) return <ProblemPanel error={plan.error} retry={() => void plan.refetch()} />
  if (!plan.data) return <div className="grid place-items-center p-16"><Spinner label="Reading the rows" /></div>
  const unknown = plan.data.unknownUnits
  const remembered = Object.entries(state.layout?.unitMap ?? {})
  const open = unknown.filter((one) => pickedUnit(one, state.unitPicks) === '').length
  const options = units.data?.items ?? []
  return (
    <div className="mx-auto w-full max-w-3xl p-4">
      {unknown.length === 0 ? (
        <EmptyState icon="check" title="Every unit is known">Each unit of the file is in the unit list{remembered.length ? ' or was given one before' : ''}.</EmptyState>
      ) : (
        <>
          <p className="mb-3 text-ink2" role="status">
            {count(unknown.length, 'unit')} of the file {unknown.length === 1 ? 'is' : 'are'} not in the unit list. Suggestions are filled in: check them.
            {open > 0 && <b className="font-medium text-warn"> {count(open, 'unit')} still open: rows with {open === 1 ? 'it' : 'them'} cannot be imported.</b>}
          </p>
          <table className="table rounded-lg border border-line">
            <thead><tr><th>In the file</th><th className="num w-20">Rows</th><th className="w-72">Unit</th><th className="w-28" /></tr></thead>
            <tbody>
              {unknown.map((one) => <UnknownRow key={one.unit} unknown={one} state={state} options={options} busy={busy === one.unit} send={send} onAdd={() => void add(one.unit)} />)}
            </tbody>
          </table>
        </>
      )}
      {remembered.length > 0 && (
        <section aria-labelledby="remembered" className="mt-6">
          <h3 id="remembered" className="mb-2 font-semibold">Given a unit before</h3>
          <table className="table rounded-lg border border-line">
            <tbody>
              {remembered.map(([spelling, code]) => (
                <tr key={spelling}>
                  <td>{spelling}</td>
                  <td className="w-72"><UnitSelect label={`Unit of ${spelling}`} value={code} options={options} onChange={(to) => send({ type: 'mapped-unit', spelling, code: to })} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  )
}

interface UnknownRowProps {
  unknown: Plan['unknownUnits'][number]; state: Wizard; options: Unit[]; busy: boolean; send: Dispatch<WizardAction>; onAdd: () => void
}

function UnknownRow({ unknown, state, options, busy, send, onAdd }: UnknownRowProps) {
  const picked = pickedUnit(unknown, state.unitPicks)
  const suggested = unknown.suggest != null && picked === unknown.suggest
  return (
    <tr>
      <td className="font-medium">{unknown.unit}</td>
      <td className="num">{unknown.count.toLocaleString('en-NZ')}</td>
      <td>
        <UnitSelect
          label={`Unit of ${unknown.unit}`} value={picked} options={options} busy={busy} add={unknown.unit}
          onChange={(code) => { if (code === ADD) onAdd(); else send({ type: 'unit', spelling: unknown.unit, code }) }}
        />
      </td>
      <td>{picked === '' ? <Chip look="warn">Open</Chip> : suggested ? <Chip look="accent">Suggested</Chip> : <Chip>Chosen</Chip>}</td>
    </tr>
  )
}

interface UnitSelectProps { label: string; value: string; options: Unit[]; busy?: boolean; add?: string; onChange: (code: string) => void }

function UnitSelect({ label, value, options, busy, add, onChange }: UnitSelectProps) {
  return (
    <select aria-label={label} value={value} disabled={busy} onChange={(event) => onChange(event.target.value)} className="field pl-1.5! pr-5!">
      <option value="">Not chosen</option>
      {value !== '' && !options.some((unit) => unit.code === value) && <option value={value}>{value}</option>}
      {options.map((unit) => <option key={unit.code} value={unit.code}>{unit.code} {unit.name}</option>)}
      {add && <option value={ADD}>Add “{add}” to the unit list</option>}
    </select>
  )
}
