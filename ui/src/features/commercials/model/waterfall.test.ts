import { describe, expect, it } from 'vitest'
import type { CommercialRule, Price } from '~/api/types'
import { chartOf, stepsOf } from './waterfall'

const price = (fields: Partial<Price>): Price => ({
  directCost: '1000.00', indirectCost: '0.00', costRules: '0.00', clientSums: '0.00', dayworkCost: '0.00', costTotal: '1000.00', marginRules: '0.00', percentageItems: '0.00', dayworkMargin: '0.00',
  margin: '0.00', unspread: '0.00', misclose: '0.00', miscloseLimit: '1.00', targetTotal: '1000.00', uplift: '1', totalEx: '1000.00', gstPct: '15', gst: '150.00', totalInc: '1150.00', ...fields,
})
const rule = (id: string, nature: 'cost' | 'margin', amount: string | null, active = true): CommercialRule => ({ id, version: 1, amount, set: { name: id, nature, active } })

describe('the steps from cost to tender sum', () => {
  it('goes from direct cost through active rules and what the client fixes to the price', () => {
    const steps = stepsOf(price({ clientSums: '250.00', totalEx: '1450.00' }), [rule('site', 'cost', '100.00'), rule('off', 'cost', null, false), rule('profit', 'margin', '100.00')])
    expect(steps.map((step) => [step.key, step.look, step.amount, step.after])).toEqual([
      ['direct', 'total', '1000.00', '1000.00'], ['site', 'cost', '100.00', '1100.00'], ['profit', 'margin', '100.00', '1200.00'],
      ['client-sums', 'fixed', '250.00', '1450.00'], ['total', 'total', '1450.00', '1450.00'],
    ])
  })

  it('shows what rounding leaves as a step of its own', () => {
    const steps = stepsOf(price({ totalEx: '1000.48' }), [])
    expect(steps.map((step) => step.key)).toEqual(['direct', 'rounding', 'total'])
    expect(steps[1]?.amount).toBe('0.48')
  })
})

describe('the bars', () => {
  it('stand on the bar before them, and a negative one falls', () => {
    const { bars, start } = chartOf(stepsOf(price({ directCost: '400.00', totalEx: '900.00' }), [rule('up', 'cost', '600.00'), rule('down', 'margin', '-100.00')]))
    expect(start).toBe('0.00')
    expect(bars).toEqual([
      { from: 0, width: 4000, falls: false }, { from: 4000, width: 6000, falls: false }, { from: 9000, width: 1000, falls: true }, { from: 0, width: 9000, falls: false },
    ])
  })

  it('leave out the common part when every value is in the upper half', () => {
    const { bars, start } = chartOf(stepsOf(price({ directCost: '346411.83', totalEx: '491469.78' }), [rule('all', 'cost', '145057.95')]))
    expect(start).toBe('250000.00')
    expect(bars[0]?.from).toBe(0)
    expect(bars[1]?.from).toBe(bars[0]?.width)
    expect(bars.at(-1)).toEqual({ from: 0, width: 10000, falls: false })
  })

  it('have room below zero', () => {
    const { bars } = chartOf(stepsOf(price({ directCost: '100.00', totalEx: '-100.00' }), [rule('gift', 'margin', '-200.00')]))
    expect(bars[0]).toEqual({ from: 5000, width: 5000, falls: false })
    expect(bars[1]).toEqual({ from: 0, width: 10000, falls: true })
  })

  it('are drawn for a price of nothing', () => {
    expect(chartOf(stepsOf(price({ directCost: '0.00', totalEx: '0.00' }), [])).bars).toHaveLength(2)
  })
})
