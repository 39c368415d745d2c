import { describe, expect, it } from 'vitest'
import type { Row, Totals } from '~/api/types'
import { heading, item } from '~/test/rows'
import { predict, withPredicted } from './predict'

const plugged = (id: string, more: Partial<Row> = {}) =>
  item(id, { parentId: 'h', type: 'schedule', quantity: '10.0000', plugRate: '5.0000', plugType: 'plant', cost: '50.00', direct: '50.00', counted: true, lineCount: 0, ...more })
const top = heading('h', { cost: '150.00', direct: '150.00', indirect: '0.00' })
const among = (...rows: Row[]) => (id: string) => rows.find((row) => row.id === id)

describe('what follows from a typed figure', () => {
  it('is the cost of the plug, half a cent away from zero, and the sums above it', () => {
    const { rows, totals } = predict(new Map([['a', { quantity: '10.001' }]]), among(top, plugged('a', { plugRate: '0.5000' })))
    expect(rows.get('a')).toMatchObject({ quantity: '10.001', cost: '5.00', direct: '5.00' })
    expect(rows.get('h')).toMatchObject({ cost: '105.00', direct: '105.00' })
    expect(totals).toEqual([{ direct: true, type: 'plant', by: '-45.00' }])
    const half = predict(new Map([['a', { quantity: '0.01' }]]), among(top, plugged('a', { plugRate: '0.5000' })))
    expect(half.rows.get('a')?.cost).toBe('0.01')
  })

  it('is nothing where it takes the server to say', () => {
    const unknown: [Partial<Row>, Partial<Row>][] = [
      [{ lineCount: 2 }, { quantity: '3' }], [{ hasChildren: true }, { quantity: '3' }], [{ takeoffQuantity: '4.0000' }, { quantity: '3' }],
      [{ type: 'provisional-sum' }, { quantity: '3' }], [{}, { quantityFormula: '2 * 3' }], [{}, { quantity: null }], [{}, { description: 'x' }],
      [{ plugRate: null }, { quantity: '3' }],
    ]
    for (const [row, typed] of unknown) {
      const { rows, totals } = predict(new Map([['a', typed]]), among(top, plugged('a', row)))
      expect(rows.get('a')).toEqual(typed)
      expect(totals).toEqual([])
    }
  })

  it('counts once when the commit has been heard of before its answer', () => {
    const { rows, totals } = predict(new Map([['a', { quantity: '30' }]]), among(top, plugged('a', { quantity: '30.0000', cost: '150.00' })))
    expect(rows.get('h')).toBeUndefined()
    expect(totals).toEqual([])
  })

  it('adds several up, and leaves the totals of what is not counted alone', () => {
    const typed = new Map([['a', { quantity: '20' }], ['b', { plugRate: '6' }], ['c', { quantity: '1000' }]])
    const site = plugged('b', { indirectFlag: true, direct: '0.00', indirect: '50.00' })
    const { rows, totals } = predict(typed, among(top, plugged('a'), site, plugged('c', { counted: false })))
    expect(rows.get('h')).toMatchObject({ cost: '210.00', direct: '200.00', indirect: '10.00' })
    const before = { direct: '150.00', indirect: '50.00', total: '200.00', byType: { labour: '0.00', plant: '200.00', material: '0.00', subcontract: '0.00', other: '0.00' } } as Totals
    expect(withPredicted(before, totals)).toMatchObject({ direct: '200.00', indirect: '60.00', total: '260.00', byType: { plant: '260.00' } })
  })
})
