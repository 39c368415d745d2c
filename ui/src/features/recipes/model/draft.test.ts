import { describe, expect, it } from 'vitest'
import type { CatalogueEntry, Recipe } from '~/api/types'
import { EMPTY_DRAFT, draftNeeds, draftOf, emptyName, emptyParam, inputOf, lineOf, lineOfRefusal, moved, sampleParams } from './draft'

const entry: CatalogueEntry = { kind: 'recipe', id: 'r1', code: 'CREW', description: 'Crew', unit: 'h', state: 'active' }

describe('a recipe as it is typed', () => {
  it('goes there and back without a change', () => {
    const recipe: Recipe = {
      id: 'x', n: 3, current: 3, versions: [{ n: 3, state: 'published' }], version: 4, state: 'active', used: true, code: 'CONC', name: 'Concrete', unit: 'm3',
      params: [{ name: 'depth', unit: 'm', min: '0.1', max: null, default: '0.25', note: null }],
      variables: [{ name: 'area', formula: '1 / depth', note: null }], blocks: [],
      lines: [{ id: 'l1', resourceId: 'm1', resource: { id: 'm1', code: 'MAT', description: 'Mix', unit: 'm3', state: 'active' }, factor: '1', waste: '5', pack: null, minimum: null, note: null }],
    }
    const input = inputOf(draftOf(recipe))
    expect(input).toMatchObject({ code: 'CONC', params: recipe.params, variables: recipe.variables, lines: [{ id: 'l1', resourceId: 'm1', factor: '1', waste: '5' }] })
  })
  it('sends no empty names, and parameters of nested recipes only when they are given', () => {
    const line = { ...lineOf(entry), params: { depth: ' ', width: '2' } }
    const input = inputOf({ ...EMPTY_DRAFT, params: [emptyParam()], variables: [emptyName()], lines: [line] })
    expect(input).toMatchObject({ params: [], variables: [], lines: [{ recipeId: 'r1', params: { width: '2' } }] })
    expect(input.lines?.[0]).not.toHaveProperty('id')
  })
  it('says what it still needs', () => {
    expect(draftNeeds(EMPTY_DRAFT)).toHaveLength(4)
    expect(draftNeeds({ ...EMPTY_DRAFT, code: 'A', name: 'B', unit: 'm', lines: [lineOf(entry)] })).toEqual([])
  })
  it('moves lines within the ends of the list', () => {
    expect(moved(['a', 'b', 'c'], 1, -1)).toEqual(['b', 'a', 'c'])
    expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b'])
    expect(moved(['a', 'b'], 1, 1)).toEqual(['a', 'b'])
  })
  it('finds the line a refusal names', () => {
    expect(lineOfRefusal('Line 2: Only Material has waste.')).toEqual({ line: 1, message: 'Only Material has waste.' })
    expect(lineOfRefusal('A recipe has at least one line.')).toBeNull()
  })
  it('samples a parameter with what was typed, its default, its least or 1', () => {
    const params = [{ ...emptyParam(), name: 'a', default: '2' }, { ...emptyParam(), name: 'b', min: '0.5' }, { ...emptyParam(), name: 'c' }, emptyParam()]
    expect(sampleParams(params, { a: '3' })).toEqual({ a: '3', b: '0.5', c: '1' })
  })
})
