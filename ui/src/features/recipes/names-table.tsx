import type { Unit } from '~/api/types'
import { Button, IconButton } from '~/ui/button'
import { formatQuantity } from '~/ui/decimal'
import { type DraftName, type DraftParam, emptyParam } from './model/draft'

function patched<T extends { key: string }>(list: readonly T[], key: string, part: Partial<T>): T[] {
  return list.map((one) => (one.key === key ? { ...one, ...part } : one))
}

const CELL = 'field h-6! px-1.5! text-xs'

/** The parameters a line that uses the recipe gives values to (BR-056). */
export function ParamsTable({ params, units, onChange }: { params: DraftParam[]; units: readonly Unit[]; onChange: (params: DraftParam[]) => void }) {
  const input = (param: DraftParam, field: Exclude<keyof DraftParam, 'key'>, label: string, numeric = false) => (
    <input
      type="text" aria-label={`${label} of ${param.name || 'the new parameter'}`} value={param[field]} inputMode={numeric ? 'decimal' : undefined} autoComplete="off" spellCheck={false}
      onChange={(event) => onChange(patched(params, param.key, { [field]: event.target.value }))} className={`${CELL} ${numeric ? 'text-right' : ''} ${field === 'name' ? 'font-mono' : ''}`}
    />
  )
  return (
    <section aria-labelledby="params">
      <div className="mb-1 flex items-baseline gap-2"><h2 id="params" className="font-semibold">Parameters</h2><span className="text-xs text-ink3">Given by each line that uses the recipe.</span></div>
      {params.length > 0 && (
        <table className="table rounded-lg border border-line">
          <thead><tr><th>Name</th><th className="w-24">Unit</th><th className="w-24">Least</th><th className="w-24">Most</th><th className="w-24">Default</th><th>Note</th><th className="w-10"><span className="sr-only">Remove</span></th></tr></thead>
          <tbody>
            {params.map((param) => (
              <tr key={param.key}>
                <td>{input(param, 'name', 'Name')}</td>
                <td>
                  <select aria-label={`Unit of ${param.name || 'the new parameter'}`} value={param.unit} className={CELL} onChange={(event) => onChange(patched(params, param.key, { unit: event.target.value }))}>
                    <option value="">None</option>{units.map((unit) => <option key={unit.code} value={unit.code}>{unit.code}</option>)}
                  </select>
                </td>
                <td>{input(param, 'min', 'Least', true)}</td><td>{input(param, 'max', 'Most', true)}</td><td>{input(param, 'default', 'Default', true)}</td>
                <td>{input(param, 'note', 'Note')}</td>
                <td><IconButton icon="close" className="edits" label={`Remove the parameter ${param.name}`} onClick={() => onChange(params.filter((one) => one.key !== param.key))} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Button look="plain" icon="plus" className="edits mt-1 -ml-2.5" onClick={() => onChange([...params, emptyParam()])}>Add a parameter</Button>
    </section>
  )
}

export interface NamesTableProps {
  title: string
  says: string
  add: string
  names: DraftName[]
  values: readonly { name: string; value?: string | null; error?: { message: string } | null }[]
  make: () => DraftName
  withUnit?: boolean
  onChange: (names: DraftName[]) => void
}

/** Named formulas, each with what it comes to at the sample parameters. */
export function NamesTable({ title, says, add, names, values, make, withUnit, onChange }: NamesTableProps) {
  const known = new Map(values.map((one) => [one.name, one]))
  const id = title.toLowerCase().replace(/\s/g, '-')
  return (
    <section aria-labelledby={id}>
      <div className="mb-1 flex items-baseline gap-2"><h2 id={id} className="font-semibold">{title}</h2><span className="text-xs text-ink3">{says}</span></div>
      {names.length > 0 && (
        <table className="table rounded-lg border border-line">
          <thead><tr><th className="w-44">Name</th><th>Formula</th>{withUnit && <th className="w-20">Unit</th>}<th className="num w-32">Value</th><th className="w-10"><span className="sr-only">Remove</span></th></tr></thead>
          <tbody>
            {names.map((one) => {
              const value = known.get(one.name.trim())
              return (
                <tr key={one.key}>
                  <td><input type="text" aria-label={`Name in ${title.toLowerCase()}`} value={one.name} spellCheck={false} className={`${CELL} font-mono`} onChange={(event) => onChange(patched(names, one.key, { name: event.target.value }))} /></td>
                  <td><input type="text" aria-label={`Formula of ${one.name || 'the new name'}`} aria-invalid={value?.error ? true : undefined} value={one.formula} spellCheck={false} className={`${CELL} font-mono`} onChange={(event) => onChange(patched(names, one.key, { formula: event.target.value }))} /></td>
                  {withUnit && <td><input type="text" aria-label={`Unit of ${one.name}`} value={one.unit} className={CELL} onChange={(event) => onChange(patched(names, one.key, { unit: event.target.value }))} /></td>}
                  <td className="num">{value?.error ? <span className="text-xs whitespace-normal text-bad">{value.error.message}</span> : formatQuantity(value?.value, 6)}</td>
                  <td><IconButton icon="close" className="edits" label={`Remove ${one.name || 'the new name'}`} onClick={() => onChange(names.filter((other) => other.key !== one.key))} /></td>
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
      <Button look="plain" icon="plus" className="edits mt-1 -ml-2.5" onClick={() => onChange([...names, make()])}>{add}</Button>
    </section>
  )
}
