import { describe, expect, it } from 'vitest'
import type { Unit } from '~/api/types'
import { heading, item } from '~/test/rows'
import { columnOf } from '../columns'
import { readTsv } from '../grid/tsv'
import { guessColumns, planPaste, planSchedule, uuidV7 } from './paste'

const units: Unit[] = [{ code: 'm3', name: 'cubic metre', aliases: ['m³', 'cu m'], dimension: 'volume' }, { code: 'LS', name: 'lump sum', aliases: ['L.S.', 'sum'], dimension: 'sum' }]
const columns = (['description', 'unit', 'quantity'] as const).map(columnOf)

describe('pasting a block', () => {
  it('changes existing cells and makes rows past the end, in one plan', () => {
    const plan = planPaste({
      cells: readTsv('Strip topsoil\tcu m\t"1,850"\nCut to waste\tm3\t=2*1200'), rows: [item('a')], columns, units, parentId: 'h', afterId: 'a',
    })
    expect(plan).toMatchObject({ updated: 1, added: 1, refused: [] })
    expect(plan.edits[0]).toMatchObject({ op: 'update-item', id: 'a', version: 1, set: { description: 'Strip topsoil', unit: 'm3', quantity: '1850' } })
    expect(plan.edits[1]).toMatchObject({ op: 'add-item', parentId: 'h', place: { after: 'a' }, set: { description: 'Cut to waste', quantity: '2*1200' } })
  })
  it('chains new rows so that they keep their order', () => {
    const plan = planPaste({ cells: [['x'], ['y']], rows: [], columns, units, parentId: 'h', afterId: null })
    const [first, second] = plan.edits
    expect(first).toMatchObject({ place: 'last' })
    expect(second).toMatchObject({ place: { after: first && 'id' in first ? first.id : '' } })
  })
  it('leaves what cannot be typed alone', () => {
    const plan = planPaste({ cells: [['Name', 'm3', '5']], rows: [heading('h')], columns, units, parentId: null, afterId: 'h' })
    expect(plan.edits).toEqual([{ op: 'update-heading', id: 'h', version: 1, set: { name: 'Name' } }])
  })
  it('fills a block with one copied cell', () => {
    const plan = planPaste({ cells: [['7']], rows: [item('a'), item('b')], columns: [columnOf('quantity')], units, parentId: 'h', afterId: 'b' })
    expect(plan.updated).toBe(2)
    expect(plan.added).toBe(0)
  })
})

describe('pasting a schedule', () => {
  const cells = readTsv('Item\tDescription\tUnit\tQty\n1\tPreliminaries\n1.01\tEstablishment of the site\tL.S.\t1\n2\tEarthworks and roading\n2.01\tCut to waste, haul to tip\tm³\t2,400')
  it('guesses the columns', () => {
    expect(guessColumns(cells.slice(1), units)).toEqual(['code', 'description', 'unit', 'quantity'])
  })
  it('makes headings of rows without unit and quantity', () => {
    const plan = planSchedule(cells, units, 'Schedule')
    expect(plan).toMatchObject({ headings: 2, items: 2 })
    expect(plan.edits[0]).toMatchObject({ op: 'add-heading', code: '1', name: 'Preliminaries' })
    expect(plan.edits[3]).toMatchObject({ op: 'add-item', set: { code: '2.01', unit: 'm3', quantity: '2400' } })
  })
  it('makes every row one the rules accept', () => {
    const plan = planSchedule([['Rock, extra over', 'm3', ''], ['Clear site', '', '1'], ['Establish', 'LS', '']], units, 'Schedule')
    expect(plan.edits.slice(1).map((edit) => ('set' in edit ? edit.set : null))).toEqual([
      { description: 'Rock, extra over', unit: 'm3', type: 'rate-only' }, { description: 'Clear site', quantity: '1', unit: 'LS' }, { description: 'Establish', unit: 'LS', quantity: '1' },
    ])
  })
  it('puts loose items under a heading', () => {
    const plan = planSchedule([['Cut to waste', 'm3', '5']], units, 'Schedule')
    expect(plan.edits[0]).toMatchObject({ op: 'add-heading', name: 'Schedule' })
    expect(plan.items).toBe(1)
  })
})

it('makes version 7 ids in order of time', () => {
  expect(uuidV7()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(uuidV7(1000) < uuidV7(2000)).toBe(true)
})
