import { useId } from 'react'
import type { CommercialRule, Price } from '~/api/types'
import { cx } from '~/ui/cx'
import { formatMoney, formatMoneyWhole, isNegativeDecimal, isZeroDecimal } from '~/ui/decimal'
import { type StepLook, chartOf, stepsOf } from './model/waterfall'

const ROW_PX = 22
const BAR_PX = 12
/** Hundredths of a percent of the width: what a step is drawn at least, so that it shows at all. */
const LEAST = 30

const FILLS: Record<StepLook, string> = { total: 'fill-edge', cost: 'fill-pla', margin: 'fill-acc', fixed: 'fill-sub', rounding: 'fill-ink3' }
const LEGEND: readonly [StepLook, string, string][] = [['total', 'Totals', 'bg-edge'], ['cost', 'Cost rules', 'bg-pla'], ['margin', 'Margin rules', 'bg-acc'], ['fixed', 'Fixed by the client', 'bg-sub'], ['rounding', 'Rounding', 'bg-ink3']]

const percent = (hundredths: number) => `${hundredths / 100}%`

/** From direct cost to tender sum, one step under the other. */
export function Waterfall({ price, rules }: { price: Price; rules: readonly CommercialRule[] }) {
  const id = useId()
  const steps = stepsOf(price, rules)
  const chart = chartOf(steps)
  const height = steps.length * ROW_PX
  const cut = !isZeroDecimal(chart.start) && !isNegativeDecimal(chart.start)
  return (
    <section aria-labelledby={`${id}-h`} className="border-t border-line px-4 py-3">
      <div className="mb-2 flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <h2 id={`${id}-h`} className="font-semibold">From cost to tender sum</h2>
        <ul className="flex flex-wrap gap-x-3 text-xs text-ink2" aria-hidden="true">
          {LEGEND.filter(([look]) => steps.some((step) => step.look === look)).map(([look, label, colour]) => <li key={look} className="flex items-center gap-1.5"><i className={cx('size-2 rounded-xs', colour)} />{label}</li>)}
        </ul>
        {cut && <span className="text-xs text-ink3">The bars start at {formatMoneyWhole(chart.start)}.</span>}
      </div>
      <div className="grid grid-cols-[minmax(8rem,14rem)_minmax(0,1fr)_6.5rem_7rem] gap-x-3">
        <ul aria-hidden="true">{steps.map((step) => <li key={step.key} style={{ height: ROW_PX }} className={cx('truncate leading-[22px]', step.look === 'total' && 'font-semibold')} title={step.label}>{step.label}</li>)}</ul>
        <svg role="img" aria-labelledby={`${id}-t ${id}-d`} width="100%" height={height} className="overflow-visible">
          <title id={`${id}-t`}>Waterfall from direct cost to tender sum</title>
          <desc id={`${id}-d`}>{`Direct cost ${formatMoney(price.directCost)}, tender sum ${formatMoney(price.totalEx)} excluding GST. The table after it has every step.`}</desc>
          {steps.map((step, at) => {
            const bar = chart.bars[at]
            const next = chart.bars[at + 1]
            if (!bar) return null
            const y = at * ROW_PX + (ROW_PX - BAR_PX) / 2
            const width = Math.max(bar.width, LEAST)
            // Where the value stands after this step: the line leads there from one bar to the next.
            const level = bar.falls ? bar.from : bar.from + bar.width
            return (
              <g key={step.key}>
                <rect x={percent(Math.min(bar.from, 10_000 - width))} y={y} width={percent(width)} height={BAR_PX} rx={2} className={FILLS[step.look]}>
                  <title>{`${step.label}: ${formatMoney(step.amount)}`}</title>
                </rect>
                {next && <line x1={percent(level)} x2={percent(level)} y1={y + BAR_PX} y2={y + ROW_PX} className="stroke-edge" strokeWidth={1} strokeDasharray="2 2" />}
              </g>
            )
          })}
        </svg>
        <ul aria-hidden="true" className="text-right">{steps.map((step) => <li key={step.key} style={{ height: ROW_PX }} className="leading-[22px]">{step.look === 'total' ? '' : `${isNegativeDecimal(step.amount) ? '−' : '+'} ${formatMoney(step.amount.replace(/^-/, ''))}`}</li>)}</ul>
        <ul aria-hidden="true" className="text-right">{steps.map((step) => <li key={step.key} style={{ height: ROW_PX }} className={cx('leading-[22px]', step.look === 'total' ? 'font-semibold' : 'text-ink3')}>{formatMoney(step.after)}</li>)}</ul>
      </div>
      <table className="sr-only">
        <caption>Steps from direct cost to tender sum</caption>
        <thead><tr><th>Step</th><th>Adds</th><th>Value after it</th></tr></thead>
        <tbody>{steps.map((step) => <tr key={step.key}><th scope="row">{step.label}</th><td>{formatMoney(step.amount)}</td><td>{formatMoney(step.after)}</td></tr>)}</tbody>
      </table>
    </section>
  )
}
