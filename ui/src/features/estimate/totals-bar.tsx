import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Totals } from '~/api/types'
import { estimateQuery } from '~/api/queries'
import { useLinkState } from '~/live'
import { Chip, Skeleton, TYPE_BG } from '~/ui/bits'
import { cx } from '~/ui/cx'
import { formatMoney, formatPercent, isZeroDecimal, shareOf, subtractDecimal } from '~/ui/decimal'
import { Flashing } from '~/ui/flashing'
import { Tooltip } from '~/ui/tooltip'
import { RESOURCE_TYPES, TYPE_NAMES, count } from '~/ui/words'
import { selectionWords } from './actions'
import { useEstimateSession } from './model/context'
import { pricesQuery } from './model/session'
import { useWorkspace } from './model/workspace-context'

/** The figures of the whole estimate, always in sight, and whether everything is saved. */
export function TotalsBar() {
  const session = useEstimateSession()
  const workspace = useWorkspace()
  const { data: estimate } = useQuery(estimateQuery(session.estimateId))
  const totals = estimate && session.pendingTotals(estimate)
  const selection = selectionWords(workspace)
  return (
    <section aria-label="Totals" className="flex h-11 shrink-0 items-center gap-6 overflow-x-auto contain-strict border-t border-line bg-pane px-4 whitespace-nowrap">
      {totals ? <Figures totals={totals} /> : <Skeleton className="h-5 w-96" />}
      <div className="flex-1" />
      {selection && <span className="text-ink2">{selection}</span>}
      {totals && <Counts totals={totals} />}
      {totals && (
        <div className="text-right">
          <small className="block text-2xs leading-4 text-ink3">Total cost, excl. GST</small>
          <Money value={totals.total} className="text-base font-semibold" />
        </div>
      )}
      <PriceFigure estimateId={session.estimateId} />
      <SavedChip />
    </section>
  )
}

/** The figures of the estimate as it was, and what they are now. */
export function PastTotals({ estimateId, asOf, now, isNow }: { estimateId: string; asOf: number; now: Totals; isNow: boolean }) {
  const { data: past } = useQuery({ ...estimateQuery(estimateId, asOf), placeholderData: keepPreviousData })
  const { data: prices } = useQuery({ ...pricesQuery(estimateId, [], asOf), placeholderData: keepPreviousData })
  const difference = past ? subtractDecimal(now.total, past.totals.total) : null
  return (
    <section aria-label="Totals as they were" className="flex h-11 shrink-0 items-center gap-6 overflow-x-auto contain-strict border-t border-line bg-pane px-4 whitespace-nowrap">
      {past ? <Figures totals={past.totals} /> : <Skeleton className="h-5 w-96" />}
      <div className="flex-1" />
      {past && <Counts totals={past.totals} />}
      {past && (
        <div className="text-right">
          <small className="block text-2xs leading-4 text-ink3">Total cost then, excl. GST</small>
          <Money value={past.totals.total} className="text-base font-semibold" />
        </div>
      )}
      {prices?.sum && (
        <div className="text-right">
          <small className="block text-2xs leading-4 text-ink3">Price then, excl. GST</small>
          <Money value={prices.sum.totalEx} className="text-base font-semibold" />
        </div>
      )}
      {difference !== null && !isNow && (
        <div className="text-right max-xl:hidden">
          <small className="block text-2xs leading-4 text-ink3">Cost now</small>
          <span className="text-ink2">{formatMoney(now.total)}{isZeroDecimal(difference) ? ', the same' : ` (${difference.startsWith('-') ? '' : '+'}${formatMoney(difference)})`}</span>
        </div>
      )}
      <Chip look={isNow ? 'plain' : 'warn'}>Read only</Chip>
    </section>
  )
}

/** The price as the rules form it, a moment after the costs. */
function PriceFigure({ estimateId }: { estimateId: string }) {
  const { data } = useQuery(pricesQuery(estimateId, []))
  if (!data) return null
  const { sum } = data
  return (
    <>
    {sum && (
      <div className="hidden text-right min-[1400px]:block">
        <small className="block text-2xs leading-4 text-ink3">Margin</small>
        <Money value={sum.margin} />{sum.marginPercent && <span className="text-ink2"> · {formatPercent(sum.marginPercent)}</span>}
      </div>
    )}
    <Link
      to="/estimates/$estimateId/commercials" params={{ estimateId }} className="-mx-1.5 rounded px-1.5 text-right hover:bg-line2"
      title={sum ? `GST ${formatMoney(sum.gst)}, incl. GST ${formatMoney(sum.totalInc)}; margin ${formatMoney(sum.margin)}${sum.marginPercent ? ` (${formatPercent(sum.marginPercent)})` : ''}` : data.violations?.[0]?.message}
    >
      <small className="block text-2xs leading-4 text-ink3">Price, excl. GST</small>
      {sum ? <Money value={sum.totalEx} className="text-base font-semibold" /> : <span className="text-base font-semibold text-bad">No price</span>}
    </Link>
    {sum && (
      <div className="hidden text-right min-[1400px]:block">
        <small className="block text-2xs leading-4 text-ink3">Incl. GST</small>
        <Money value={sum.totalInc} />
      </div>
    )}
    </>
  )
}

function Money({ value, className }: { value: string; className?: string }) {
  return <Flashing value={value} className={cx('font-semibold', className)}>{formatMoney(value)}</Flashing>
}

function Figures({ totals }: { totals: Totals }) {
  return (
    <>
      <div><small className="block text-2xs leading-4 text-ink3">Direct</small><Money value={totals.direct} /></div>
      <div><small className="block text-2xs leading-4 text-ink3">Indirect</small><Money value={totals.indirect} /></div>
      {!isZeroDecimal(totals.provisional) && (
        <div><small className="block text-2xs leading-4 text-ink3">Provisional</small><Money value={totals.provisional} /></div>
      )}
      <Mix totals={totals} />
    </>
  )
}

function Mix({ totals }: { totals: Totals }) {
  const parts = RESOURCE_TYPES.map((type) => ({ type, amount: totals.byType[type], share: shareOf(totals.byType[type], totals.total) }))
  return (
    <Tooltip
      side="top"
      text={
        <table className="tabular-nums">
          <tbody>
            {parts.map((part) => (
              <tr key={part.type}>
                <td className="pr-3"><span className={cx('mr-1.5 inline-block size-2 rounded-full', TYPE_BG[part.type])} />{TYPE_NAMES[part.type]}</td>
                <td className="pr-3 text-right">{formatMoney(part.amount)}</td>
                <td className="text-right opacity-80">{part.share.toFixed(1)} %</td>
              </tr>
            ))}
          </tbody>
        </table>
      }
    >
      <button type="button" aria-label={`Cost by type: ${parts.map((part) => `${TYPE_NAMES[part.type]} ${formatMoney(part.amount)}`).join(', ')}`} className="hidden w-72 cursor-default! text-left max-xl:w-32 md:block">
        <span className="mb-1 flex gap-2.5 text-2xs leading-4 text-ink3 max-xl:hidden">
          {parts.map((part) => <span key={part.type} className="flex items-center gap-1"><span className={cx('size-1.5 rounded-full', TYPE_BG[part.type])} />{part.type === 'subcontract' ? 'Subcontract' : TYPE_NAMES[part.type]}</span>)}
        </span>
        <span className="flex h-1.5 overflow-hidden rounded-full bg-line2">
          {parts.map((part) => <span key={part.type} className={cx('transition-[width] duration-300', TYPE_BG[part.type])} style={{ width: `${part.share}%` }} />)}
        </span>
      </button>
    </Tooltip>
  )
}

function Counts({ totals }: { totals: Totals }) {
  return (
    <div className="hidden text-right lg:block">
      <small className="block text-2xs leading-4 text-ink3">{count(totals.items, 'item')}</small>
      <span className="text-xs text-ink2">
        {totals.unpriced > 0 && <span>{totals.unpriced.toLocaleString('en-NZ')} unpriced</span>}
        {totals.unpriced > 0 && totals.plugged > 0 && ' · '}
        {totals.plugged > 0 && <span className="text-warn">{count(totals.plugged, 'plug')}</span>}
        {totals.unpriced === 0 && totals.plugged === 0 && (totals.items === 0 ? '–' : 'all priced')}
      </span>
    </div>
  )
}

function SavedChip() {
  const session = useEstimateSession()
  const link = useLinkState()
  const waiting = session.queue.size
  const held = session.queue.waiting || (waiting > 0 && link !== 'live' && link !== 'connecting')
  return (
    <span role="status">
      <Chip look={held ? 'warn' : 'accent'} title={held ? 'They are sent in order as soon as the server answers. Keep this tab open.' : undefined}>
        <span className={cx('size-1.5 rounded-full', held ? 'shimmer bg-warn' : 'bg-acc')} />
        {held ? `${count(waiting, 'edit')} waiting` : waiting > 0 ? 'Saving' : 'Saved'}
      </Chip>
    </span>
  )
}
