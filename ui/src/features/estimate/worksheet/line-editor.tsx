import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { api, isProblem } from '~/api/client'
import { unitsQuery } from '~/api/queries'
import type { LineMethod, Recipe, ResourceType } from '~/api/types'
import { Button } from '~/ui/button'
import { formatQuantity } from '~/ui/decimal'
import { Checkbox } from '~/ui/form'
import { METHOD_NAMES, RESOURCE_TYPES, TYPE_NAMES, unitText } from '~/ui/words'
import type { Later } from './add-line'
import { FormulaInput } from './formula-input'
import { FORMULA_FIELDS, type LineField, type LineInput, METHODS_OF, MODIFIER_WORDS, filledIn, kindOf, missingOf, modifiersOf, sentence, withMethod } from './methods'

export interface LineEditorProps {
  estimateId: string
  itemId: string
  /** Absent while the line is new. */
  lineId?: string
  initial: LineInput
  /** More of what it starts with, for inputs nobody has touched by then. */
  later?: Later | undefined
  /** Quantity and unit of the item, for the sentence. */
  quantity: string
  unit: string
  onSave: (input: LineInput) => Promise<void>
  onClose: () => void
}

/** One line as its working sentence with the inputs in place. Enter saves everything as one step, Esc leaves it as it was. */
export function LineEditor({ estimateId, itemId, lineId, initial, later, quantity, unit, onSave, onClose }: LineEditorProps) {
  const [input, setInput] = useState(initial)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<{ message: string; field: string | null } | null>(null)
  const box = useRef<HTMLDivElement>(null)
  const kind = kindOf(input)
  const free = !input.resourceId && !input.recipeId
  const methods = METHODS_OF[kind]

  useEffect(() => {
    // The first input that still needs a value, otherwise the first one.
    const fields = [...(box.current?.querySelectorAll<HTMLInputElement>('input[data-part]') ?? [])].filter((field) => !field.closest('[data-optional]'))
    const first = fields.find((field) => field.value === '') ?? fields[0]
    first?.focus()
    first?.select()
  }, [input.method])

  const open = useRef(later)
  useEffect(() => {
    let here = true
    void open.current?.then((more) => {
      if (!here || !open.current) return
      open.current = undefined
      setInput((now) => filledIn(now, initial, more))
    })
    return () => { here = false }
  }, []) // eslint-disable-line react-hooks/exhaustive-deps -- what a line starts with is fixed when its editor opens

  const set = (change: Partial<LineInput>) => { setInput((now) => ({ ...now, ...change })); setRefusal(null) }
  const save = async () => {
    const missing = missingOf(input)
    if (missing) return setRefusal({ message: missing, field: null })
    const empty = [...(box.current?.querySelectorAll<HTMLInputElement>('input[data-needed]') ?? [])].find((field) => field.value.trim() === '')
    if (empty) {
      empty.focus()
      return setRefusal({ message: `Give ${empty.dataset.needed ?? 'the parameter'} a value: the recipe has none of its own.`, field: null })
    }
    setBusy(true)
    try {
      await onSave(open.current ? filledIn(input, initial, await open.current) : input)
    } catch (error) {
      const violation = isProblem(error) ? error.violations[0] : undefined
      setRefusal({ message: violation ? `${violation.rule}: ${violation.message}` : error instanceof Error ? error.message : 'It was refused.', field: violation?.field ?? null })
      setBusy(false)
    }
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.defaultPrevented) { event.preventDefault(); event.stopPropagation(); onClose() }
    if (event.key === 'Enter' && !event.defaultPrevented && !(event.target instanceof HTMLButtonElement)) { event.preventDefault(); event.stopPropagation(); void save() }
  }
  const part = (name: LineField, hint: string, width: number) => {
    const common = { 'data-part': name, style: { width }, className: 'h-6! w-auto! px-1.5!' }
    const value = input[name] ?? ''
    if (!FORMULA_FIELDS.has(name)) {
      return <input key={name} {...common} type="text" inputMode="decimal" autoComplete="off" aria-label={hint} title={hint} aria-invalid={refusal?.field === name || undefined} value={value} onChange={(event) => set({ [name]: event.target.value })} className="field h-6! w-auto! px-1.5! font-mono text-xs" />
    }
    return (
      <span key={name} data-part-box="" className="inline-flex">
        <PartFormula {...{ estimateId, itemId, value, hint, width }} {...(lineId ? { lineId } : {})} name={name} refused={refusal?.field === name ? refusal.message : null} onChange={(text) => set({ [name]: text })} onEnter={() => void save()} onEscape={onClose} />
      </span>
    )
  }

  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- Enter and Esc of the inputs inside
    <div ref={box} onKeyDown={onKeyDown} className="grid gap-2 border-b border-line bg-bg px-4 py-2.5">
      {free && <FreeFields input={input} set={set} />}
      <div className="flex flex-wrap items-center gap-x-1.5 gap-y-1.5">
        <select aria-label="Method" value={input.method} onChange={(event) => set(withMethod(input, event.target.value as LineMethod))} className="field h-6! w-auto! pl-1! pr-5! text-xs">
          {methods.map((method) => <option key={method} value={method}>{METHOD_NAMES[method]}</option>)}
        </select>
        {sentence(input.method, formatQuantity(quantity), unitText(unit)).map((piece, at) => (typeof piece === 'string' ? <span key={at} className="text-xs text-ink2">{piece}</span> : part(piece.field, piece.hint, piece.width)))}
        {input.method === 'percent-of' && <OfTypes value={input.ofTypes ?? []} onChange={(ofTypes) => set({ ofTypes })} />}
        {modifiersOf(input.method, kind).map((name) => (
          <span key={name} data-optional="" className="inline-flex items-center gap-1.5">
            <span className="text-xs text-ink3">{MODIFIER_WORDS[name]}</span>
            {part(name, name === 'waste' ? 'Waste in percent' : name === 'pack' ? 'Bought in whole packs of this size' : 'At least this much', 56)}
          </span>
        ))}
      </div>
      {input.recipeId && <Params estimateId={estimateId} itemId={itemId} recipeId={input.recipeId} value={input.params ?? {}} onChange={(params) => set({ params })} onEnter={() => void save()} onEscape={onClose} />}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5">
        <input type="text" aria-label="Note of the line" placeholder="Note" value={input.note ?? ''} onChange={(event) => set({ note: event.target.value })} className="field h-6! min-w-24 flex-1 px-1.5! text-xs" />
        {input.resourceId && input.method !== 'subcontract' && input.method !== 'lump' && input.method !== 'percent-of' && (
          <label className="inline-flex items-center gap-1.5 text-xs text-ink3">
            rate
            <input
              type="text" inputMode="decimal" autoComplete="off" title="The rate of this line: the price book's unless another is typed" value={input.rate ?? ''}
              onChange={(event) => set({ rate: event.target.value })} onBlur={(event) => { if (event.target.value.trim() === '') set({ rate: initial.rate ?? null }) }}
              className="field h-6! w-20! px-1.5! text-right font-mono text-xs"
            />
          </label>
        )}
        <Checkbox label="Credit" className="text-xs" checked={input.credit ?? false} onChange={(event) => set({ credit: event.target.checked })} />
        <Checkbox label="Free issue" className="text-xs" checked={input.freeIssue ?? false} onChange={(event) => set({ freeIssue: event.target.checked })} />
      </div>
      {refusal && <p role="alert" className="text-xs text-bad">{refusal.message}</p>}
      <div className="flex gap-2">
        <Button look="primary" className="h-6! text-xs" busy={busy} onClick={() => void save()}>{lineId ? 'Save line' : 'Add line'}</Button>
        <Button look="plain" className="h-6! text-xs" onClick={onClose}>Cancel</Button>
      </div>
    </div>
  )
}

interface PartFormulaProps {
  estimateId: string; itemId: string; lineId?: string; value: string; hint: string; width: number; name: string; refused: string | null
  onChange: (text: string) => void; onEnter: () => void; onEscape: () => void
}

function PartFormula({ name, hint, width, ...rest }: PartFormulaProps) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => { input.current?.setAttribute('data-part', name) }, [name])
  return <FormulaInput {...rest} inputRef={input} label={hint} hint={hint} className="h-6! px-1.5!" style={{ width }} />
}

function FreeFields({ input, set }: { input: LineInput; set: (change: Partial<LineInput>) => void }) {
  const { data: units } = useQuery(unitsQuery)
  return (
    <div className="grid grid-cols-[1fr_6.5rem_4.5rem_5rem] gap-1.5">
      <input data-part="description" type="text" aria-label="Description of the line" placeholder="Description" value={input.description ?? ''} onChange={(event) => set({ description: event.target.value })} className="field h-6! px-1.5!" />
      <select
        aria-label="Cost type" value={input.type ?? 'other'} className="field h-6! pl-1! pr-5! text-xs"
        onChange={(event) => {
          const type = event.target.value as ResourceType
          set({ type, method: METHODS_OF[type].includes(input.method) ? input.method : (METHODS_OF[type][0] ?? 'fixed') })
        }}
      >
        {RESOURCE_TYPES.map((type) => <option key={type} value={type}>{TYPE_NAMES[type]}</option>)}
      </select>
      <input type="text" aria-label="Unit" placeholder="Unit" list="line-units" value={input.unit ?? ''} onChange={(event) => set({ unit: event.target.value })} className="field h-6! px-1.5!" />
      <datalist id="line-units">{units?.items.map((unit) => <option key={unit.code} value={unit.code}>{unit.name}</option>)}</datalist>
      <input data-part="rate" type="text" inputMode="decimal" aria-label="Rate" placeholder="Rate" value={input.rate ?? ''} disabled={input.method === 'lump' || input.method === 'percent-of' || input.method === 'subcontract'} onChange={(event) => set({ rate: event.target.value })} className="field h-6! px-1.5! text-right" />
    </div>
  )
}

function OfTypes({ value, onChange }: { value: ResourceType[]; onChange: (types: ResourceType[]) => void }) {
  return (
    <span role="group" aria-label="Of which types" className="inline-flex flex-wrap gap-x-3">
      {RESOURCE_TYPES.map((type) => (
        <Checkbox key={type} label={TYPE_NAMES[type].toLowerCase()} className="text-xs" checked={value.includes(type)} onChange={(event) => onChange(event.target.checked ? [...value, type] : value.filter((one) => one !== type))} />
      ))}
    </span>
  )
}

interface ParamFormulaProps {
  estimateId: string; itemId: string; value: string; name: string; hint: string; onChange: (text: string) => void; onEnter: () => void; onEscape: () => void
  /** The recipe's own value, which an empty input stands for; null: one has to be given. */
  initial: string | null
}

function ParamFormula({ name, initial, ...rest }: ParamFormulaProps) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (initial === null) input.current?.setAttribute('data-needed', name)
    else input.current?.removeAttribute('data-needed')
  }, [name, initial])
  return <FormulaInput {...rest} inputRef={input} label={`Parameter ${name}`} placeholder={initial ?? 'needed'} className="h-6! px-1.5!" style={{ width: 72 }} />
}

interface ParamsProps {
  estimateId: string; itemId: string; recipeId: string; value: Record<string, string>; onChange: (params: Record<string, string>) => void
  onEnter: () => void; onEscape: () => void
}

/** The parameters of a recipe line; what is left empty takes the recipe's default. */
function Params({ recipeId, value, onChange, ...rest }: ParamsProps) {
  const { data: recipe } = useQuery({ queryKey: ['recipes', recipeId], queryFn: ({ signal }) => api.get<Recipe>(`/recipes/${recipeId}`, { signal }) })
  const params = recipe?.params ?? Object.keys(value).map((name) => ({ name, unit: null, default: null, min: null, max: null }))
  if (params.length === 0) return null
  return (
    <div role="group" aria-label="Parameters" className="flex flex-wrap gap-x-3 gap-y-1.5">
      {params.map((param) => (
        <span key={param.name} className="inline-flex items-center gap-1.5">
          <span className="font-mono text-xs text-ink2">{param.name} =</span>
          <ParamFormula
            {...rest} value={value[param.name] ?? ''} name={param.name} initial={param.default ? formatQuantity(param.default) : null}
            hint={[param.default ? `default ${formatQuantity(param.default)}` : '', param.min ? `from ${formatQuantity(param.min)}` : '', param.max ? `to ${formatQuantity(param.max)}` : ''].filter(Boolean).join(', ')}
            onChange={(text) => { const next = { ...value }; if (text === '') delete next[param.name]; else next[param.name] = text; onChange(next) }}
          />
          <span className="text-xs text-ink3">{unitText(param.unit)}</span>
        </span>
      ))}
    </div>
  )
}
