import { describe, expect, it } from 'vitest'
import type { PlanRow } from '~/api/types'
import { type Layout, columnLetter, fileRefusal, fileSize, fits, groupProblems, pickedUnit, planRequest, roleOf, unitMapOf, withRole } from './mapping'
import { START } from './wizard'

const layout: Layout = {
  sheet: 0, headerRow: 0, columns: { code: 0, description: 1, unit: 3, quantity: 2, rate: 4 }, hierarchy: 'flat', filters: [], unitMap: { SYS: 'yd2' }, remembered: true,
}

describe('columns', () => {
  it('are lettered as in a spreadsheet', () => {
    expect([0, 25, 26, 51, 52, 701, 702].map(columnLetter)).toEqual(['A', 'Z', 'AA', 'AZ', 'BA', 'ZZ', 'AAA'])
  })
  it('have one role, and a role has one column', () => {
    const moved = withRole(layout.columns, 3, 'quantity')
    expect(moved).toEqual({ code: 0, description: 1, quantity: 3, rate: 4 })
    expect(roleOf(moved, 3)).toBe('quantity')
    expect(roleOf(moved, 2)).toBeNull()
    expect(withRole(layout.columns, 0, null)).not.toHaveProperty('code')
  })
})

describe('units', () => {
  const unknown = [{ unit: 'L.S.', count: 12, suggest: 'LS' }, { unit: 'LFT', count: 9, suggest: null }]
  it('take the suggestion unless a person chose, even when they chose none', () => {
    expect(pickedUnit(unknown[0]!, {})).toBe('LS')
    expect(pickedUnit(unknown[0]!, { 'L.S.': '' })).toBe('')
    expect(unitMapOf(layout, unknown, { LFT: 'm' })).toEqual({ SYS: 'yd2', 'L.S.': 'LS', LFT: 'm' })
    expect(unitMapOf(layout, unknown, {})).toEqual({ SYS: 'yd2', 'L.S.': 'LS' })
  })
})

describe('a plan', () => {
  const state = { ...START, layout, parentId: 'h1' }
  it('asks for plugs only when there is a rate column', () => {
    expect(planRequest(state, 'e1')).toMatchObject({ rateAs: 'plug', plugType: 'subcontract', parentId: 'h1' })
    expect(planRequest({ ...state, layout: { ...layout, columns: { description: 1 } } }, 'e1')).toMatchObject({ rateAs: 'ignore', plugType: null })
  })
  it('has no place to go under in a re-import', () => {
    expect(planRequest({ ...state, mode: 'reimport' }, 'e1', { LFT: 'm' })).toMatchObject({ parentId: null, layout: { unitMap: { LFT: 'm' } } })
  })
  it('groups problems, the ones that stop it first', () => {
    const warn = { code: 'number-as-text', message: 'A number stored as text.', severity: 'warning' as const, cell: 'S!C2' }
    const bad = { code: 'unit-unknown', message: 'Not in the list.', severity: 'error' as const, rule: 'BR-019', cell: 'S!D9' }
    const groups = groupProblems([warn, warn, bad])
    expect(groups.map((group) => [group.code, group.count, group.error])).toEqual([['unit-unknown', 1, true], ['number-as-text', 2, false]])
  })
  it('filters its rows', () => {
    const row: PlanRow = { row: 3, kind: 'item', action: 'change', problems: [] }
    expect(fits(row, 'all') && fits(row, 'changed')).toBe(true)
    expect(fits(row, 'added') || fits(row, 'problems') || fits(row, 'dropped')).toBe(false)
  })
})

describe('files', () => {
  it('are refused before they are sent when they cannot be read', () => {
    expect(fileRefusal('schedule.XLSX', 10)).toBeNull()
    expect(fileRefusal('schedule.xlsm', 10)).toMatch(/macros/)
    expect(fileRefusal('plan.pdf', 10)).toMatch(/\.pdf/)
    expect(fileRefusal('schedule.csv', 0)).toMatch(/empty/)
    expect(fileRefusal('schedule.csv', 65 * 1024 * 1024)).toMatch(/65 MiB/)
  })
  it('have sizes people can read', () => {
    expect([300, 2048, 1_572_864].map(fileSize)).toEqual(['300 bytes', '2 KiB', '1.5 MiB'])
  })
})
