import { Link } from '@tanstack/react-router'
import { useId } from 'react'
import type { Commercials, Price } from '~/api/types'
import { cx } from '~/ui/cx'
import { compareDecimal, formatMoney, formatPercent, isZeroDecimal } from '~/ui/decimal'
import { Flashing } from '~/ui/flashing'
import { Icon } from '~/ui/icons'
import { count } from '~/ui/words'

const BELOW_SHOWN = 20

/** What the price is made of, and what stands against it. */
export function MarginPanel({ estimateId, commercials }: { estimateId: string; commercials: Commercials }) {
  const { price, violations, belowCost, belowCostCount } = commercials
  const id = useId()
  // A rule is in the table beside this; anything else is a row of the estimate.
  const placeOf = (objects: readonly string[]) => objects.findLast((object) => !commercials.rules.some((rule) => rule.id === object))
  return (
    <section aria-labelledby={id} className="px-4 py-3">
      <h2 id={id} className="mb-1 font-semibold">Cost and margin</h2>
      {price ? <Report price={price} balanced={commercials.balancingItemId != null} /> : <p className="text-bad">There is no price while these rules are broken.</p>}
      {violations.length > 0 && (
        <ul className="mt-2 border-t border-line2 pt-2" aria-label="Broken rules">
          {violations.map((violation, at) => (
            <li key={at} className="flex gap-2 py-0.5">
              <Icon name="warning" size={14} className="mt-0.5 shrink-0 text-bad" />
              <span>
                {violation.message} <Rule id={violation.rule} />
                {placeOf(violation.objects) && <> <Link to="/estimates/$estimateId" params={{ estimateId }} search={{ node: placeOf(violation.objects) }} className="text-2xs text-acc underline underline-offset-2">Go there</Link></>}
              </span>
            </li>
          ))}
        </ul>
      )}
      {belowCostCount > 0 && (
        <div className="mt-2 border-t border-line2 pt-2">
          <h3 className="flex items-baseline gap-2 font-medium">{count(belowCostCount, 'item')} below cost <Rule id="BR-086" /></h3>
          <ul>
            {belowCost.slice(0, BELOW_SHOWN).map((item) => (
              <li key={item.id} className="py-0.5">
                <Link to="/estimates/$estimateId" params={{ estimateId }} search={{ node: item.id }} className="font-medium text-acc underline underline-offset-2">{item.code}</Link>
                {' '}sells at {formatMoney(item.sell)}, below its cost of {formatMoney(item.loadedCost)}.
              </li>
            ))}
          </ul>
          {belowCostCount > BELOW_SHOWN && <p className="text-ink3">and {count(belowCostCount - BELOW_SHOWN, 'more', 'more')}</p>}
        </div>
      )}
    </section>
  )
}

export function Rule({ id }: { id: string }) {
  return <Link to="/rules" hash={id} className="text-2xs whitespace-nowrap text-acc underline underline-offset-2">{id}</Link>
}

function Report({ price, balanced }: { price: Price; balanced: boolean }) {
  const beyond = !balanced && compareDecimal(price.misclose.replace(/^-/, ''), price.miscloseLimit) > 0
  return (
    <dl className="grid grid-cols-[minmax(0,1fr)_auto]">
      <Line label="Direct cost" value={price.directCost} />
      <Line label="Indirect cost" value={price.indirectCost} />
      <Line label="Cost rules" value={price.costRules} />
      <Line label="Client sums" value={price.clientSums} />
      {!isZeroDecimal(price.dayworkCost) && <Line label="Daywork cost" value={price.dayworkCost} />}
      <Line label="Cost total" value={price.costTotal} sum />
      <Line label="Margin rules" value={price.marginRules} />
      {!isZeroDecimal(price.percentageItems) && <Line label="Percentage items" value={price.percentageItems} />}
      {!isZeroDecimal(price.dayworkMargin) && <Line label="Daywork margin" value={price.dayworkMargin} />}
      <Line label="Margin" value={price.margin} sum />
      {price.marginPercent != null && <Line label="Margin of price" value={price.marginPercent} percent />}
      {!isZeroDecimal(price.unspread) && <Line label="Indirect cost not spread" value={price.unspread} bad />}
      <Line label={<>Misclose <span className="text-ink3">limit {formatMoney(price.miscloseLimit)}</span></>} value={price.misclose} bad={beyond} />
    </dl>
  )
}

function Line({ label, value, sum, percent, bad }: { label: React.ReactNode; value: string; sum?: boolean; percent?: boolean; bad?: boolean }) {
  const look = cx('py-0.5', sum && 'border-t border-line2 font-semibold', bad && 'text-bad')
  return (
    <>
      <dt className={cx(look, !sum && !bad && 'text-ink2')}>{label}</dt>
      <dd className={cx(look, 'pl-4 text-right')}><Flashing value={value}>{percent ? formatPercent(value) : formatMoney(value)}</Flashing></dd>
    </>
  )
}
