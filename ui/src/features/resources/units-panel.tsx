import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api } from '~/api/client'
import { keys, unitsQuery } from '~/api/queries'
import type { Unit } from '~/api/types'
import { useMay, useWhyNot } from '~/app/rights'
import { Skeleton } from '~/ui/bits'
import { Button, IconButton } from '~/ui/button'
import { compareDecimal, formatQuantity, readDecimal } from '~/ui/decimal'
import { Confirm } from '~/ui/dialog'
import { Field, Select, TextInput } from '~/ui/form'
import { ProblemPanel, problemText } from '~/ui/problem'
import { useSubmit } from '~/ui/use-submit'
import { unitText } from '~/ui/words'
import { EditableCell } from './editable-cell'

/** Commas, semicolons and line ends part the aliases; each once, trimmed. */
function readAliases(text: string): string[] {
  return [...new Set(text.split(/[,;\n]/).map((one) => one.trim()).filter(Boolean))]
}

/** The unit list with the spellings each is read from, and the conversions between units. */
export function UnitsPanel() {
  const units = useQuery(unitsQuery)
  const client = useQueryClient()
  const [deleting, setDeleting] = useState<Unit | null>(null)
  const edits = useMay('edit')
  const why = useWhyNot('decide')
  const refresh = () => client.invalidateQueries({ queryKey: keys.units })
  const patch = async (unit: Unit, part: Partial<Pick<Unit, 'name' | 'aliases'>>): Promise<string | null> => {
    try {
      await api.patch(`/units/${encodeURIComponent(unit.code)}`, part)
      await refresh()
      return null
    } catch (error) {
      return problemText(error)
    }
  }
  const remove = async (unit: Unit) => {
    await api.delete(`/units/${encodeURIComponent(unit.code)}`)
    await refresh()
  }
  if (units.isError) return <ProblemPanel error={units.error} retry={() => void units.refetch()} />
  return (
    <div role="region" aria-label="Units and conversions" {...(edits ? {} : { tabIndex: 0 })} className="grid min-h-0 flex-1 grid-cols-[minmax(0,3fr)_minmax(18rem,2fr)] gap-4 overflow-auto p-4 -outline-offset-2!">
      <section aria-labelledby="units" className="min-w-0 self-start overflow-hidden rounded-lg border border-line bg-pane">
        <h2 id="units" className="px-4 pt-3 pb-2 text-base font-semibold">Units</h2>
        {edits && <NewUnit onAdded={refresh} />}
        <table className="table">
          <thead><tr><th className="w-20">Code</th><th className="w-48">Name</th><th>Also read from</th><th className="w-12"><span className="sr-only">Actions</span></th></tr></thead>
          <tbody>
            {units.data?.items.map((unit) => (
              <tr key={unit.code}>
                <td className="font-medium" title={unit.code}>{unitText(unit.code)}</td>
                <td><EditableCell disabled={!edits} label={`Name of ${unit.code}`} value={unit.name} onSave={(text) => patch(unit, { name: text })}>{unit.name || '–'}</EditableCell></td>
                <td className="max-w-0"><EditableCell disabled={!edits} label={`Spellings of ${unit.code}`} value={unit.aliases.join(', ')} onSave={(text) => patch(unit, { aliases: readAliases(text) })}>{unit.aliases.join(', ') || (edits && <span className="text-ink3">Add spellings</span>)}</EditableCell></td>
                <td className="num">{edits && <IconButton icon="trash" why={why} label={`Delete ${unit.code}`} onClick={() => setDeleting(unit)} />}</td>
              </tr>
            ))}
            {!units.data && <tr><td colSpan={4}><Skeleton className="h-4" /></td></tr>}
          </tbody>
        </table>
      </section>
      <Conversions codes={units.data?.items.map((unit) => unit.code) ?? []} conversions={units.data?.conversions ?? []} onSaved={refresh} />
      {deleting && (
        <Confirm open onOpenChange={(open) => { if (!open) setDeleting(null) }} danger title={`Delete the unit ${deleting.code}?`} action="Delete unit" onConfirm={() => remove(deleting)}>
          A unit that an item, resource or recipe is measured in stays.
        </Confirm>
      )}
    </div>
  )
}

function NewUnit({ onAdded }: { onAdded: () => Promise<unknown> }) {
  const [code, setCode] = useState('')
  const [name, setName] = useState('')
  const { busy, refusal, clear, run } = useSubmit()
  const add = async () => {
    if (code.trim() === '') return
    await api.post('/units', { code: code.trim(), name: name.trim() || code.trim(), aliases: [] })
    setCode('')
    setName('')
    await onAdded()
  }
  return (
    <form className="flex items-start gap-2 px-4 pb-3" onSubmit={(event) => run(add, event)}>
      <Field label="Code of a new unit" hideLabel className="w-28" error={refusal}><TextInput placeholder="Code" value={code} onChange={(event) => { setCode(event.target.value); clear() }} /></Field>
      <Field label="Name of a new unit" hideLabel className="flex-1"><TextInput placeholder="Name" value={name} onChange={(event) => setName(event.target.value)} /></Field>
      <Button type="submit" icon="plus" className="h-[1.875rem]!" busy={busy} disabled={code.trim() === ''}>Add unit</Button>
    </form>
  )
}

interface ConversionsProps { codes: string[]; conversions: readonly { from: string; to: string; factor: string }[]; onSaved: () => Promise<unknown> }

function Conversions({ codes, conversions, onSaved }: ConversionsProps) {
  const edits = useMay('edit')
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('')
  const [factor, setFactor] = useState('')
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const put = async (body: { from: string; to: string; factor: string }): Promise<string | null> => {
    const read = readDecimal(body.factor)
    if (read === null || compareDecimal(read, '0') <= 0) return 'A factor is a number above zero.'
    try {
      await api.put('/units/conversions', { ...body, factor: read })
      await onSaved()
      return null
    } catch (refusal) {
      return problemText(refusal)
    }
  }
  const add = async (event: FormEvent) => {
    event.preventDefault()
    if (from === '' || to === '') return
    setBusy(true)
    const refusal = await put({ from, to, factor })
    setBusy(false)
    setError(refusal)
    if (!refusal) { setFrom(''); setTo(''); setFactor('') }
  }
  const options = codes.map((code) => <option key={code} value={code}>{code}</option>)
  return (
    <section aria-labelledby="conversions" className="self-start overflow-hidden rounded-lg border border-line bg-pane">
      <h2 id="conversions" className="px-4 pt-3 text-base font-semibold">Conversions</h2>
      <p className="px-4 pb-2 text-ink2">A line may be measured in another unit than its resource when a conversion links them (BR-042).</p>
      {edits && <form className="flex items-center gap-2 px-4 pb-3" onSubmit={(event) => void add(event)}>
        <span>1</span>
        <Field label="From" hideLabel><Select value={from} onChange={(event) => setFrom(event.target.value)}><option value="">Unit</option>{options}</Select></Field>
        <span>=</span>
        <Field label="Factor" hideLabel className="w-24"><TextInput inputMode="decimal" className="text-right" value={factor} onChange={(event) => { setFactor(event.target.value); setError(null) }} /></Field>
        <Field label="To" hideLabel><Select value={to} onChange={(event) => setTo(event.target.value)}><option value="">Unit</option>{options}</Select></Field>
        <Button type="submit" className="h-[1.875rem]!" busy={busy} disabled={from === '' || to === '' || factor.trim() === ''}>Save</Button>
      </form>}
      {error && <p role="alert" className="px-4 pb-3 text-bad">{error}</p>}
      <table className="table">
        <thead><tr><th>From</th><th className="num w-36">Factor</th><th>To</th></tr></thead>
        <tbody>
          {conversions.map((one) => (
            <tr key={`${one.from} ${one.to}`}>
              <td>1 {unitText(one.from)}</td>
              <td className="num"><EditableCell numeric disabled={!edits} label={`Factor from ${one.from} to ${one.to}`} value={formatQuantity(one.factor, 6).replaceAll(',', '')} onSave={(text) => put({ from: one.from, to: one.to, factor: text })}>{formatQuantity(one.factor, 6)}</EditableCell></td>
              <td>{unitText(one.to)}</td>
            </tr>
          ))}
          {conversions.length === 0 && <tr><td colSpan={3} className="text-ink3">None yet.</td></tr>}
        </tbody>
      </table>
    </section>
  )
}
