import type { CatalogueEntry, Line, LineFields, LineMethod, ResourceType } from '~/api/types'
import { editableDecimal, formatQuantity, isZeroDecimal } from '~/ui/decimal'

/** A field of a line that is typed; formulas may use names, plain ones are decimals. */
export type LineField =
  | 'count' | 'production' | 'efficiency' | 'hours' | 'usage' | 'quantity' | 'waste' | 'pack' | 'minimum' | 'amount' | 'percent' | 'rate'
export const FORMULA_FIELDS: ReadonlySet<LineField> = new Set(['count', 'production', 'efficiency', 'hours', 'usage', 'quantity', 'minimum'])

/** A line as it is typed: every input as text, with its method always known. */
export interface LineInput extends Omit<LineFields, 'method' | 'type' | 'ofTypes'> {
  method: LineMethod
  type?: ResourceType | null
  ofTypes?: ResourceType[] | null
}

/** What may price a line: a resource of a type, a recipe, or a free line of a type. */
export type LineKind = ResourceType | 'recipe'

/** The methods each kind of line may use (domain 2.5). */
export const METHODS_OF: Record<LineKind, readonly LineMethod[]> = {
  labour: ['time', 'norm', 'fixed'],
  plant: ['time', 'norm', 'fixed', 'usage'],
  material: ['usage', 'fixed'],
  subcontract: ['subcontract', 'lump', 'fixed'],
  other: ['usage', 'fixed', 'lump', 'percent-of'],
  recipe: ['usage', 'time', 'norm', 'fixed'],
}

/** Modifiers a method takes for a kind of line. */
export function modifiersOf(method: LineMethod, kind: LineKind): LineField[] {
  switch (method) {
    case 'time':
    case 'norm':
      return ['minimum']
    case 'fixed':
      return kind === 'material' ? ['waste', 'pack'] : ['minimum']
    case 'usage':
      return kind === 'material' ? ['waste', 'pack'] : kind === 'plant' || kind === 'other' ? ['minimum'] : []
    case 'subcontract':
    case 'lump':
    case 'percent-of':
      return []
  }
}

/** A part of the working sentence: words, or a field to type into. */
export type Part = string | { field: LineField; hint: string; width: number }

const field = (name: LineField, hint: string, width = 56): Part => ({ field: name, hint, width })

/** The sum in words with its inputs in place, "[1] × 850 m³ ÷ ([68] m³/h × [0.83])". */
export function sentence(method: LineMethod, quantity: string, unit: string): Part[] {
  const q = `${quantity || 'quantity'}${unit ? ` ${unit}` : ''}`
  switch (method) {
    case 'time':
      return [field('count', 'Number of crews or machines', 40), `× ${q} ÷ (`, field('production', `Production: ${unit || 'units'} per hour`, 72), `${unit || 'units'}/h ×`, field('efficiency', 'Efficiency: 0.83 is a 50-minute hour', 48), ')']
    case 'norm':
      return [field('count', 'Number of crews or machines', 40), `× ${q} ×`, field('hours', `Norm hours per ${unit || 'unit'}`, 72), `h/${unit || 'unit'} ÷`, field('efficiency', 'Efficiency: 0.83 is a 50-minute hour', 48)]
    case 'fixed':
      return [field('quantity', 'Quantity: a number or a formula', 180)]
    case 'usage':
      return [`${q} ×`, field('usage', `Usage per ${unit || 'unit'}: a number or a formula`, 140)]
    case 'subcontract':
      return [`${q} at`, field('rate', 'Subcontract rate', 88)]
    case 'lump':
      return ['lump sum of', field('amount', 'Amount', 100)]
    case 'percent-of':
      return [field('percent', 'Percent', 56), '% of earlier lines of']
  }
}

export const MODIFIER_WORDS: Record<string, string> = { minimum: 'at least', waste: 'waste %', pack: 'in packs of' }

export function kindOf(line: Pick<LineInput, 'recipeId' | 'type'>): LineKind {
  return line.recipeId ? 'recipe' : (line.type ?? 'other')
}

/** A 50-minute hour. */
const EFFICIENCY = '0.83'

/** The line with another method: one crew at the usual efficiency where the method asks and nothing was typed yet. */
export function withMethod(input: LineInput, method: LineMethod): LineInput {
  if (method !== 'time' && method !== 'norm') return { ...input, method }
  return { ...input, method, count: input.count || '1', efficiency: input.efficiency || EFFICIENCY }
}

/** The usual way to price a kind of line; a resource brings its own defaults. */
export function defaultLine(entry: CatalogueEntry | null, description: string, defaults: { waste?: string | null; efficiency?: string | null } = {}): LineInput {
  if (!entry) return { method: 'fixed', description, type: 'other', unit: 'LS', quantity: '1', rate: '' }
  if (entry.kind === 'recipe') return { method: 'usage', recipeId: entry.id, unit: entry.unit, usage: '1', params: {} }
  const base = { resourceId: entry.id, type: entry.type ?? 'other', unit: entry.unit }
  switch (base.type) {
    case 'labour':
    case 'plant':
      return { ...base, method: 'time', count: '1', production: '', efficiency: editableDecimal(defaults.efficiency) || EFFICIENCY }
    case 'material':
      return { ...base, method: 'usage', usage: '1', ...(isZeroDecimal(defaults.waste) ? {} : { waste: editableDecimal(defaults.waste) }) }
    case 'subcontract':
      return { ...base, method: 'subcontract', rate: editableDecimal(entry.rate) }
    case 'other':
      return { ...base, method: 'usage', usage: '1' }
  }
}

/** What came later, in the inputs that still are as they began. */
export function filledIn(now: LineInput, initial: LineInput, more: Partial<LineInput>): LineInput {
  const untouched = Object.entries(more).filter(([name]) => (now[name as LineField] ?? '') === (initial[name as LineField] ?? ''))
  return { ...now, ...Object.fromEntries(untouched) }
}

/** The inputs of one method, without those of the others: what is sent when the method changes. */
export function inputsOf(input: LineInput): Partial<LineInput> {
  const kind = kindOf(input)
  const fields = new Set<LineField>([...sentence(input.method, '', '').flatMap((part) => (typeof part === 'string' ? [] : [part.field])), ...modifiersOf(input.method, kind)])
  const all: LineField[] = ['count', 'production', 'efficiency', 'hours', 'usage', 'quantity', 'waste', 'pack', 'minimum', 'amount', 'percent']
  const result: Partial<LineInput> = {}
  for (const name of all) result[name] = fields.has(name) && input[name] !== '' && input[name] != null ? input[name] : null
  return result
}

/** What a line is called. */
export function lineName(line: Line): { code: string; name: string } {
  if (line.resource) return { code: line.resource.code, name: line.resource.description }
  if (line.recipe) return { code: line.recipe.code, name: line.recipe.name }
  return { code: '', name: line.description || 'Free line' }
}

/** A line as a row of a spreadsheet: code, name, quantity, unit, rate, cost. */
export function lineText(line: Line): string[] {
  const { code, name } = lineName(line)
  return [code, name, line.lineQuantity ?? '', line.unit ?? '', line.rate ?? '', line.cost ?? '']
}

/** The working sentence for reading: the server's where it gives one. */
export function workingOf(line: Line): string {
  return line.working ? line.working.replace(/\//g, '÷') : ''
}

export function lineQuantityText(line: Line): string {
  if (line.method === 'lump' || line.method === 'percent-of' || line.lineQuantity == null) return ''
  return formatQuantity(line.lineQuantity)
}

/** The part of a new or edited line that differs from what it was. */
export function changesOf(before: LineInput, after: LineInput): Partial<LineInput> {
  const set: Record<string, unknown> = {}
  const source = { ...after, ...(before.method === after.method ? {} : inputsOf(after)) } as Record<string, unknown>
  for (const [name, value] of Object.entries(source)) {
    const old = (before as unknown as Record<string, unknown>)[name] ?? null
    const next = value === '' ? null : (value ?? null)
    if (JSON.stringify(old) !== JSON.stringify(next)) set[name] = next
  }
  return set as Partial<LineInput>
}

/** A line as the editor holds it: inputs as text, figures without trailing zeros. */
export function inputOf(line: Line): LineInput {
  const figure = (value: string | null | undefined) => (value == null ? null : editableDecimal(value))
  return {
    method: line.method, resourceId: line.resourceId ?? line.resource?.id ?? null, recipeId: line.recipeId ?? line.recipe?.id ?? null,
    description: line.description ?? null, type: line.type ?? null, unit: line.unit ?? null, rate: figure(line.rate),
    count: figure(line.count), production: figure(line.production), efficiency: figure(line.efficiency), hours: figure(line.hours), usage: figure(line.usage),
    quantity: figure(line.quantity), waste: figure(line.waste), pack: figure(line.pack), minimum: figure(line.minimum), amount: figure(line.amount),
    percent: figure(line.percent), ofTypes: line.ofTypes ?? null, params: line.params ?? null, credit: line.credit ?? false, freeIssue: line.freeIssue ?? false, note: line.note ?? null,
  }
}

const WORDS: Record<LineField, string> = {
  count: 'count', production: 'production', efficiency: 'efficiency', hours: 'hours', usage: 'usage', quantity: 'quantity', waste: 'waste', pack: 'pack',
  minimum: 'minimum', amount: 'amount', percent: 'percent', rate: 'rate',
}

/** The first input of the method that still needs a value, in words; null when the line can be sent. */
export function missingOf(input: LineInput): string | null {
  const missing = sentence(input.method, '', '').find((part) => typeof part !== 'string' && !input[part.field]?.trim())
  if (missing && typeof missing !== 'string') return `Give the ${WORDS[missing.field]}.`
  if (!input.resourceId && !input.recipeId && !input.description?.trim()) return 'Say what the line is.'
  return null
}
