import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '~/api/client'
import type { PastRates as Past, Row } from '~/api/types'
import { cx } from '~/ui/cx'
import { Checkbox } from '~/ui/form'
import { formatDay } from '~/ui/dates'
import { formatRate } from '~/ui/decimal'
import { Icon } from '~/ui/icons'
import { unitText } from '~/ui/words'
import { PAST_AGAIN_MS } from '../model/session'

/** What the same work cost and sold for in tenders submitted before; nothing where there were none. */
export function PastRates({ estimateId, row }: { estimateId: string; row: Row }) {
  const [open, setOpen] = useState(false)
  const [sameRegion, setSameRegion] = useState(false)
  const past = useQuery({
    // The rates are of the item's words and unit, and `far` of its own rate.
    queryKey: ['references', estimateId, row.id, row.description, row.unit, row.costRate, sameRegion], staleTime: 60_000,
    queryFn: ({ signal }) => api.get<Past>(`/estimates/${estimateId}/items/${row.id}/references`, { query: { sameRegion }, signal }),
    placeholderData: (before, query) => (query?.queryKey[2] === row.id ? before : undefined),
    refetchInterval: ({ state }) => (state.data?.stillReading ? PAST_AGAIN_MS : false),
  })
  const { cost, sell, far, rates, region, inRegion = 0 } = past.data ?? { rates: [] }
  if (rates.length === 0 && !sameRegion) return null
  const unit = unitText(row.unit)
  return (
    <section aria-label="Past rates" className="border-b border-line">
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex h-8 w-full items-center gap-1.5 px-3 text-2xs font-medium text-ink3 hover:text-ink">
        <Icon name="chevronRight" size={10} strokeWidth={2} className={cx('transition-transform', open && 'rotate-90')} />
        Past rates · {rates.length}
        {cost && <span className={cx('ml-auto font-normal', far ? 'text-warn' : 'text-ink2')}>{far && 'far from '}cost {formatRate(cost.lowest)} to {formatRate(cost.highest)}, middle {formatRate(cost.median)}{unit && ` / ${unit}`}</span>}
      </button>
      {open && (
        <div className="px-4 pb-2">
          {region && inRegion > 0 && <Checkbox label={`Only ${region} · ${inRegion}`} checked={sameRegion} onChange={(event) => setSameRegion(event.target.checked)} />}
          <table className="table [&_td]:px-1.5! [&_td]:py-1! [&_th]:px-1.5!">
            <thead><tr><th className="w-full">Tender</th><th>Submitted</th><th className="num">Cost rate</th><th className="num">Sell excl. GST</th></tr></thead>
            <tbody>
              {rates.map((rate) => (
                <tr key={rate.itemId}>
                  <td className="max-w-0" title={[rate.tenderNumber, rate.tenderName, rate.region].filter(Boolean).join(', ')}>
                    <span className="block truncate">{rate.tenderNumber} {rate.tenderName}</span>
                    {rate.region && <span className="block truncate text-xs text-ink3">{rate.region}</span>}
                  </td>
                  <td className="whitespace-nowrap">{formatDay(rate.submittedAt)}</td>
                  <td className="num">{formatRate(rate.costRate) || '–'}</td>
                  <td className="num">{formatRate(rate.sellRate) || '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {sell && <p className="mt-1 text-xs text-ink3">Sold at {formatRate(sell.lowest)} to {formatRate(sell.highest)}, middle {formatRate(sell.median)}, excluding GST.</p>}
        </div>
      )}
    </section>
  )
}
