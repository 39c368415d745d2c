import { newKey } from '~/api/client'
import type { CatalogueEntry, Recipe, RecipeInput, RecipeParam, ResourceType } from '~/api/types'
import { editableDecimal } from '~/ui/decimal'
import { whole } from '~/ui/whole'

export interface DraftParam { key: string; name: string; unit: string; min: string; max: string; default: string; note: string }
/** A named formula; only blocks carry a unit. */
export interface DraftName { key: string; name: string; formula: string; unit: string; note: string }
export interface Ingredient { kind: 'resource' | 'recipe'; id: string; code: string; name: string; unit: string; type: ResourceType | null }
export interface DraftLine {
  key: string
  /** Set once the server knows the line. */
  id: string | null
  of: Ingredient
  factor: string; waste: string; pack: string; minimum: string; note: string
  params: Record<string, string>
}
/** A recipe as it is typed: every figure is text. */
export interface Draft { code: string; name: string; unit: string; params: DraftParam[]; variables: DraftName[]; blocks: DraftName[]; lines: DraftLine[] }

export const EMPTY_DRAFT: Draft = { code: '', name: '', unit: '', params: [], variables: [], blocks: [], lines: [] }

export const emptyParam = (): DraftParam => ({ key: newKey(), name: '', unit: '', min: '', max: '', default: '', note: '' })
export const emptyName = (): DraftName => ({ key: newKey(), name: '', formula: '', unit: '', note: '' })

export function lineOf(entry: CatalogueEntry): DraftLine {
  const of: Ingredient = { kind: entry.kind, id: entry.id, code: entry.code, name: entry.description, unit: entry.unit, type: entry.type ?? null }
  return { key: newKey(), id: null, of, factor: '1', waste: '', pack: '', minimum: '', note: '', params: {} }
}

export function draftOf(recipe: Recipe): Draft {
  return {
    code: recipe.code, name: recipe.name, unit: recipe.unit,
    params: recipe.params.map((param, at) => ({
      key: `p${at}`, name: param.name, unit: param.unit ?? '', min: editableDecimal(param.min), max: editableDecimal(param.max), default: editableDecimal(param.default), note: param.note ?? '',
    })),
    variables: recipe.variables.map((one, at) => ({ key: `v${at}`, name: one.name, formula: one.formula, unit: '', note: one.note ?? '' })),
    blocks: recipe.blocks.map((one, at) => ({ key: `b${at}`, name: one.name, formula: one.formula, unit: one.unit ?? '', note: one.note ?? '' })),
    lines: recipe.lines.flatMap((line): DraftLine[] => {
      const of: Ingredient | null = line.resource ? { kind: 'resource', id: line.resource.id, code: line.resource.code, name: line.resource.description, unit: line.resource.unit, type: null }
        : line.recipe ? { kind: 'recipe', id: line.recipe.id, code: line.recipe.code, name: line.recipe.name, unit: '', type: null } : null
      return of ? [{
        key: line.id, id: line.id, of, factor: line.factor, waste: editableDecimal(line.waste), pack: editableDecimal(line.pack), minimum: editableDecimal(line.minimum), note: line.note ?? '', params: line.params ?? {},
      }] : []
    }),
  }
}

const orNull = (text: string): string | null => text.trim() || null

/** What is sent: names and lines without text are left out. */
export function inputOf(draft: Draft): RecipeInput {
  const named = (list: DraftName[]) => list.filter((one) => one.name.trim() !== '' || one.formula.trim() !== '')
  return {
    code: draft.code.trim(), name: draft.name.trim(), unit: draft.unit,
    params: draft.params.filter((param) => param.name.trim() !== '').map((param): RecipeParam => ({
      name: param.name.trim(), unit: orNull(param.unit), min: orNull(param.min), max: orNull(param.max), default: orNull(param.default), note: orNull(param.note),
    })),
    variables: named(draft.variables).map((one) => ({ name: one.name.trim(), formula: one.formula.trim(), note: orNull(one.note) })),
    blocks: named(draft.blocks).map((one) => ({ name: one.name.trim(), formula: one.formula.trim(), unit: orNull(one.unit), note: orNull(one.note) })),
    lines: draft.lines.map((line) => ({
      ...(line.id ? { id: line.id } : {}), ...(line.of.kind === 'resource' ? { resourceId: line.of.id } : { recipeId: line.of.id }),
      factor: line.factor.trim(), waste: orNull(line.waste), pack: orNull(line.pack), minimum: orNull(line.minimum), note: orNull(line.note),
      ...(line.of.kind === 'recipe' ? { params: Object.fromEntries(Object.entries(line.params).filter(([, formula]) => formula.trim() !== '')) } : {}),
    })),
  }
}

/** What the draft still needs before it can be worked out and saved. */
export function draftNeeds(draft: Draft): string[] {
  const needs: string[] = []
  if (draft.code.trim() === '') needs.push('a code')
  if (draft.name.trim() === '') needs.push('a name')
  if (draft.unit === '') needs.push('an output unit')
  if (draft.lines.length === 0) needs.push('at least one line')
  return needs
}

/** Moves the entry at `from` by one place; the list as it is at either end. */
export function moved<T>(list: readonly T[], from: number, by: -1 | 1): T[] {
  const to = from + by
  const next = [...list]
  const one = next[from]
  const other = next[to]
  if (one === undefined || other === undefined) return next
  next[from] = other
  next[to] = one
  return next
}

/** The line a refusal of the server is about, from 0, and its words without the number: "Line 2: ..." */
export function lineOfRefusal(message: string): { line: number; message: string } | null {
  const match = /^Line (\d+): (.*)$/s.exec(message)
  return match ? { line: whole(match[1] ?? '') - 1, message: match[2] ?? '' } : null
}

/** Sample values for the parameters: what was typed, else the default, else the least allowed, else 1. */
export function sampleParams(params: readonly DraftParam[], typed: Record<string, string>): Record<string, string> {
  return Object.fromEntries(params.filter((param) => param.name.trim() !== '').map((param) => {
    const name = param.name.trim()
    return [name, typed[name]?.trim() || param.default.trim() || param.min.trim() || '1']
  }))
}
