import type { CommercialRule, Price } from '~/api/types'
import { addDecimal, isNegativeDecimal, isZeroDecimal, partsOf, subtractDecimal } from '~/ui/decimal'

export type StepLook = 'total' | 'cost' | 'margin' | 'fixed' | 'rounding'

/** One step from net cost to tender sum. */
export interface Step {
  key: string
  label: string
  look: StepLook
  /** What it adds; the value itself of a total. */
  amount: string
  /** The value after it. */
  after: string
}

/** The steps from direct cost to the price: each active rule, then what the client fixes and what rounding leaves. */
export function stepsOf(price: Price, rules: readonly CommercialRule[]): Step[] {
  const steps: Step[] = [{ key: 'direct', label: 'Direct cost', look: 'total', amount: price.directCost, after: price.directCost }]
  let value = price.directCost
  const add = (key: string, label: string, look: StepLook, amount: string) => {
    value = addDecimal(value, amount)
    steps.push({ key, label, look, amount, after: value })
  }
  for (const rule of rules) {
    if (rule.set.active === false || rule.amount == null) continue
    add(rule.id, rule.set.name ?? '', rule.set.nature === 'margin' ? 'margin' : 'cost', rule.amount)
  }
  const fixed: [string, string, string][] = [
    ['client-sums', 'Client sums', price.clientSums], ['percentage-items', 'Percentage items', price.percentageItems],
    ['daywork', 'Daywork', addDecimal(price.dayworkCost, price.dayworkMargin)],
  ]
  for (const [key, label, amount] of fixed) if (!isZeroDecimal(amount)) add(key, label, 'fixed', amount)
  const rounding = subtractDecimal(price.totalEx, value)
  if (!isZeroDecimal(rounding)) add('rounding', 'Rounding of rates', 'rounding', rounding)
  steps.push({ key: 'total', label: 'Tender sum, excl. GST', look: 'total', amount: price.totalEx, after: price.totalEx })
  return steps
}

/** A bar in hundredths of a percent of the width, from the left. */
export interface Bar { from: number; width: number; falls: boolean }
export interface Chart {
  bars: Bar[]
  /** The value at the left edge; above zero where the axis is cut so that small steps show. */
  start: string
}

const PARTS = 10_000n

function cents(amount: string): bigint {
  const negative = isNegativeDecimal(amount)
  const [whole = '0', fraction = ''] = amount.replace(/^[+-]/, '').split('.')
  const units = BigInt(whole || '0') * 100n + BigInt(fraction.padEnd(2, '0').slice(0, 2) || '0')
  return negative ? -units : units
}

/** The largest power of ten that is no more than `value`, at least 1. */
function magnitude(value: bigint): bigint {
  return 10n ** BigInt(Math.max(0, value.toString().length - 1))
}

/** The axis is cut when everything happens in the upper half of it. */
function startOf(least: bigint, most: bigint): bigint {
  if (least <= 0n || least * 2n < most) return 0n
  // A quarter of the range below the least value keeps the totals visibly the longest bars.
  const at = least - (most - least) / 3n
  const step = magnitude(most - least > 0n ? most - least : most) / 2n || 1n
  const start = at > 0n ? (at / step) * step : 0n
  return start > 0n ? start : 0n
}

/** Where the bars go. All arithmetic is in cents; only finished proportions leave it. */
export function chartOf(steps: readonly Step[]): Chart {
  const after = steps.map((step) => cents(step.after))
  const before = steps.map((step, at) => (step.look === 'total' ? 0n : (after[at - 1] ?? 0n)))
  const points = [...after, ...before.filter((_, at) => steps[at]?.look !== 'total')]
  const most = points.reduce((a, b) => (a > b ? a : b), 0n)
  const least = points.reduce((a, b) => (a < b ? a : b), most)
  const start = least < 0n ? least : startOf(least, most)
  const range = most - start || 1n
  const place = (value: bigint) => partsOf(value - start, range, PARTS)
  const bars = steps.map((step, at): Bar => {
    const to = after[at] ?? 0n
    const from = step.look === 'total' ? (start > 0n ? start : 0n) : (before[at] ?? 0n)
    const [left, right] = from < to ? [from, to] : [to, from]
    return { from: place(left), width: place(right) - place(left), falls: to < from }
  })
  const negative = start < 0n
  const units = (negative ? -start : start).toString().padStart(3, '0')
  return { bars, start: `${negative ? '-' : ''}${units.slice(0, -2)}.${units.slice(-2)}` }
}
