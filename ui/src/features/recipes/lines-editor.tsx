import { useQuery } from '@tanstack/react-query'
import { Fragment, useEffect, useRef } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { CatalogueEntry, Recipe, Resource, ResourceType } from '~/api/types'
import { TypeDot } from '~/ui/bits'
import { IconButton } from '~/ui/button'
import { cx } from '~/ui/cx'
import { editableDecimal, formatQuantity } from '~/ui/decimal'
import { Icon } from '~/ui/icons'
import { unitText } from '~/ui/words'
import { CataloguePicker } from './catalogue-picker'
import { type DraftLine, lineOf, moved } from './model/draft'
import type { Preview } from './use-preview'

const CELL = 'field h-6! px-1.5! text-xs'

/** What one output unit takes: factor of each resource or recipe, with waste, pack or minimum where they apply. */
export function LinesEditor({ lines, preview, onChange }: { lines: DraftLine[]; preview: Preview; onChange: (lines: DraftLine[]) => void }) {
  const patch = (key: string, part: Partial<DraftLine>) => onChange(lines.map((line) => (line.key === key ? { ...line, ...part } : line)))
  const latest = useRef(lines)
  useEffect(() => { latest.current = lines }, [lines])
  const add = (entry: CatalogueEntry) => {
    const line = lineOf(entry)
    onChange([...lines, line])
    if (entry.type !== 'material') return
    // The resource's own waste becomes that of the line, unless another was typed meanwhile.
    void api.get<Resource>(`/resources/${entry.id}`).then(({ defaultWaste }) => {
      if (defaultWaste == null) return
      onChange(latest.current.map((one) => (one.key === line.key && one.waste === '' ? { ...one, waste: editableDecimal(defaultWaste) } : one)))
    }, () => { /* The line stands without it. */ })
  }
  // A saved line does not say the type of its resource; the preview does.
  const types = new Map((preview.data?.leaves ?? []).map((leaf) => [leaf.resourceId, leaf.type]))
  return (
    <section aria-labelledby="lines">
      <div className="mb-1 flex items-baseline gap-2"><h2 id="lines" className="font-semibold">Lines</h2><span className="text-xs text-ink3">Factors are per output unit; they may use parameters and variables.</span></div>
      <table className="table rounded-lg border border-line">
        <thead><tr><th>Resource or recipe</th><th className="w-72">Factor</th><th className="w-16">Unit</th><th className="w-16">Waste %</th><th className="w-16">Pack</th><th className="w-20">Minimum</th><th className="w-24"><span className="sr-only">Actions</span></th></tr></thead>
        <tbody>
          {lines.map((line, index) => {
            const refusal = preview.refusal?.line === index ? preview.refusal : null
            const type: ResourceType | null = line.of.type ?? types.get(line.of.id) ?? null
            const material = line.of.kind === 'resource' && (type === null || type === 'material')
            const minimum = line.of.kind === 'resource' && type !== 'material'
            const input = (field: 'factor' | 'waste' | 'pack' | 'minimum', label: string, enabled: boolean) => (
              <input
                type="text" aria-label={`${label} of ${line.of.code}`} aria-invalid={refusal?.field === field ? true : undefined} autoComplete="off" spellCheck={false} disabled={!enabled} value={line[field]} title={line[field]}
                onChange={(event) => patch(line.key, { [field]: event.target.value })} className={cx(CELL, field === 'factor' ? 'font-mono' : 'text-right')}
              />
            )
            return (
              <Fragment key={line.key}>
                <tr>
                  <td className="max-w-0">
                    <span className="flex items-center gap-2">
                      {line.of.kind === 'recipe' ? <Icon name="recipes" size={13} className="shrink-0 text-acc" /> : type ? <TypeDot type={type} /> : <span className="size-2" />}
                      <b className="shrink-0 font-medium">{line.of.code}</b><span className="truncate text-ink2" title={line.of.name}>{line.of.name}</span>
                    </span>
                  </td>
                  <td>{input('factor', 'Factor', true)}</td>
                  <td className="text-ink2">{line.of.unit || line.of.kind === 'resource' ? unitText(line.of.unit) : <RecipeUnit id={line.of.id} />}</td>
                  <td>{input('waste', 'Waste', material || line.waste !== '')}</td>
                  <td>{input('pack', 'Pack', material || line.pack !== '')}</td>
                  <td>{input('minimum', 'Minimum', minimum || line.minimum !== '')}</td>
                  <td className="num">
                    <span className="edits inline-flex">
                      <IconButton icon="chevronUp" label={`Move ${line.of.code} up`} disabled={index === 0} onClick={() => onChange(moved(lines, index, -1))} />
                      <IconButton icon="chevronDown" label={`Move ${line.of.code} down`} disabled={index === lines.length - 1} onClick={() => onChange(moved(lines, index, 1))} />
                      <IconButton icon="close" label={`Remove ${line.of.code}`} onClick={() => onChange(lines.filter((one) => one.key !== line.key))} />
                    </span>
                  </td>
                </tr>
                {line.of.kind === 'recipe' && <NestedParams line={line} onChange={(params) => patch(line.key, { params })} />}
                {refusal && <tr><td colSpan={7} className="text-bad"><span role="alert">{refusal.message}</span></td></tr>}
              </Fragment>
            )
          })}
          <tr className="edits"><td colSpan={7} className="py-1.5!"><CataloguePicker onPick={add} /></td></tr>
        </tbody>
      </table>
    </section>
  )
}

/** What a nested recipe makes one of: a saved line does not say it. */
function RecipeUnit({ id }: { id: string }) {
  const { data } = useQuery({ queryKey: [...keys.recipes, id], queryFn: ({ signal }) => api.get<Recipe>(`/recipes/${id}`, { signal }) })
  return <>{unitText(data?.unit ?? '')}</>
}

/** Values for the parameters of a nested recipe: formulas over this recipe's own names; empty takes the default. */
function NestedParams({ line, onChange }: { line: DraftLine; onChange: (params: Record<string, string>) => void }) {
  const { data } = useQuery({ queryKey: [...keys.recipes, line.of.id], queryFn: ({ signal }) => api.get<Recipe>(`/recipes/${line.of.id}`, { signal }) })
  if (!data || data.params.length === 0) return null
  return (
    <tr>
      <td colSpan={7}>
        <span role="group" aria-label={`Parameters of ${line.of.code}`} className="flex flex-wrap gap-x-4 gap-y-1 py-1 pl-5">
          {data.params.map((param) => (
            <label key={param.name} className="inline-flex items-center gap-1.5 text-xs">
              <span className="font-mono text-ink2">{param.name} =</span>
              <input type="text" spellCheck={false} value={line.params[param.name] ?? ''} placeholder={param.default ? formatQuantity(param.default) : 'needed'} onChange={(event) => onChange({ ...line.params, [param.name]: event.target.value })} className={cx(CELL, 'w-24! font-mono')} />
              <span className="text-ink3">{unitText(param.unit)}</span>
            </label>
          ))}
        </span>
      </td>
    </tr>
  )
}
