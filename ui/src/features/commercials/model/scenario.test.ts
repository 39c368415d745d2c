import { describe, expect, it } from 'vitest'
import type { CommercialRule, CommercialRuleFields } from '~/api/types'
import { changedSet, difference, editsTo, moved, numbered, ruleRows } from './scenario'

const fields = (name: string, percent: string): CommercialRuleFields => ({ name, kind: { type: 'percent-markup', percent }, base: { type: 'running' }, scope: { within: { type: 'all' } }, nature: 'cost', active: true })
const rule = (id: string, sequence: number, percent: string, amount = '1.00'): CommercialRule => ({ id, version: 3, amount, set: { ...fields(id, percent), sequence } })
const chain = [rule('a', 10, '1'), rule('b', 20, '2'), rule('c', 30, '3')]
const copy = () => chain.map(({ id, set }) => ({ id, set }))

describe('a scenario turned into edits', () => {
  it('is nothing when nothing changed', () => {
    expect(editsTo(chain, copy())).toEqual([])
  })

  it('treats an absent list and an empty one as the same', () => {
    const [first, ...rest] = copy()
    expect(editsTo(chain, [{ id: 'a', set: { ...first?.set, scope: { within: { type: 'all' }, except: [] } } }, ...rest])).toEqual([])
  })

  it('deletes, changes, adds and numbers anew', () => {
    const [, b, c] = copy()
    if (!b || !c) throw new Error('three rules')
    const scenario = [c, { id: 'n', set: fields('n', '9') }, { id: 'b', set: { ...b.set, kind: { type: 'percent-markup' as const, percent: '5' } } }]
    expect(editsTo(chain, scenario)).toEqual([
      { op: 'delete-rules', ids: ['a'] },
      { op: 'update-rule', id: 'c', version: 3, set: { sequence: 10 } },
      { op: 'add-rule', id: 'n', set: { ...fields('n', '9'), sequence: 20 } },
      { op: 'update-rule', id: 'b', version: 3, set: { sequence: 30, kind: { type: 'percent-markup', percent: '5' } } },
    ])
  })
})

describe('chains side by side', () => {
  it('give one row for each rule, in the order of the chain, and mark what differs', () => {
    const rows = ruleRows([chain, [rule('a', 10, '1'), rule('n', 20, '4', '7.00'), rule('c', 30, '3', '1.50')]])
    expect(rows.map((row) => [row.id, ...row.cells.map((cell) => cell.value)])).toEqual([['a', '1.00', '1.00'], ['n', undefined, '7.00'], ['b', '1.00', undefined], ['c', '1.00', '1.50']])
    expect(rows.map((row) => row.cells[1]?.differs)).toEqual([false, true, true, true])
    expect(rows.every((row) => row.cells[0]?.differs === false)).toBe(true)
  })

  it('compare figures exactly', () => {
    expect(difference('491469.78', '491469.780')).toBeNull()
    expect(difference('0.10', '0.30')).toBe('0.20')
    expect(difference('10.00', null)).toBeNull()
  })
})

it('moves a rule within bounds', () => {
  expect(moved(chain, 'a', 5).map((one) => one.id)).toEqual(['b', 'c', 'a'])
  expect(moved(chain, 'c', 0).map((one) => one.id)).toEqual(['c', 'a', 'b'])
  expect(numbered(moved(copy(), 'c', 0)).map((one) => one.set.sequence)).toEqual([10, 20, 30])
  expect(changedSet(fields('a', '1'), fields('b', '1'))).toEqual({ name: 'b' })
})
