import { describe, expect, it } from 'vitest'
import type { Import } from '~/api/types'
import type { Layout } from './mapping'
import { START, type Wizard, canGo, missing, wizard } from './wizard'

const file: Import = {
  id: 'i1', fileName: 'schedule.xlsx', size: 2048,
  sheets: [{ index: 0, name: 'Cover', rows: 5, columns: 2, hidden: false }, { index: 1, name: 'Schedule', rows: 300, columns: 6, hidden: false }],
}
const layout: Layout = {
  sheet: 1, headerRow: 3, columns: { code: 0, description: 1, unit: 2, quantity: 3 }, hierarchy: 'codes', filters: [], unitMap: {}, remembered: false,
}
const mapped: Wizard = { ...START, file, sheet: 1, layout, step: 'columns' }

describe('the import wizard', () => {
  it('goes to the fullest sheet of a new file and forgets what belonged to the old one', () => {
    const next = wizard({ ...mapped, unitPicks: { LFT: 'm' }, mode: 'reimport' }, { type: 'uploaded', file })
    expect(next).toMatchObject({ step: 'sheet', sheet: 1, layout: null, unitPicks: {}, mode: 'reimport' })
  })
  it('asks for a new guess when the sheet or the heading row changes', () => {
    expect(wizard(mapped, { type: 'sheet', sheet: 0 })).toMatchObject({ sheet: 0, headerRow: null, layout: null })
    expect(wizard(mapped, { type: 'header-row', row: 5 })).toMatchObject({ headerRow: 5, layout: null })
    expect(wizard(mapped, { type: 'header-row', row: 3 })).toBe(mapped)
  })
  it('takes the first guess and keeps what a person changed after it', () => {
    const guessed = wizard({ ...mapped, layout: null }, { type: 'guessed', layout })
    const changed = wizard(guessed, { type: 'hierarchy', hierarchy: 'flat' })
    expect(wizard(changed, { type: 'guessed', layout }).layout?.hierarchy).toBe('flat')
  })
  it('passes over a late guess of another sheet', () => {
    const other = { ...mapped, layout: null, sheet: 0 }
    expect(wizard(other, { type: 'guessed', layout })).toBe(other)
  })
  it('keeps every answer when going back and forth', () => {
    const there = wizard(mapped, { type: 'go', step: 'units' })
    const back = wizard(wizard(there, { type: 'go', step: 'sheet' }), { type: 'go', step: 'units' })
    expect(back).toEqual(there)
  })
  it('does not go to a step whose questions before it are open', () => {
    const without = wizard(mapped, { type: 'role', column: 1, role: null })
    expect(missing(without)).toHaveLength(1)
    expect(canGo(without, 'units')).toBe(false)
    expect(wizard(without, { type: 'go', step: 'preview' })).toBe(without)
  })
  it('needs a code column to match rows in a re-import', () => {
    const flat = { ...mapped, mode: 'reimport' as const, layout: { ...layout, hierarchy: 'flat' as const, columns: { description: 1 } } }
    expect(missing(flat)).toEqual(['A re-import matches rows by code: say which column holds it.'])
  })
  it('adds, changes and removes filters and mapped units', () => {
    let state = wizard(mapped, { type: 'filter', index: 0, column: 7, equals: 'B -43355-A' })
    state = wizard(state, { type: 'filter', index: 0, column: 7, equals: 'R -41' })
    state = wizard(state, { type: 'mapped-unit', spelling: 'CYS', code: 'yd3' })
    expect(state.layout).toMatchObject({ filters: [{ column: 7, equals: 'R -41' }], unitMap: { CYS: 'yd3' } })
    state = wizard(wizard(state, { type: 'remove-filter', index: 0 }), { type: 'mapped-unit', spelling: 'CYS', code: '' })
    expect(state.layout).toMatchObject({ filters: [], unitMap: {} })
  })
})
