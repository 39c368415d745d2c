import { useQuery } from '@tanstack/react-query'
import type { Totals } from '~/api/types'
import { estimateQuery } from '~/api/queries'
import { formatMoney, isZeroDecimal, subtractDecimal } from '~/ui/decimal'

/** What the totals have no room for on a narrow screen, on a line of its own below them: the cost now, against then. */
export function CostNow({ estimateId, asOf, now }: { estimateId: string; asOf: number; now: Totals }) {
  const { data: past } = useQuery(estimateQuery(estimateId, asOf))
  const difference = past && subtractDecimal(now.total, past.totals.total)
  return (
    <p className="flex h-7 shrink-0 items-center justify-end gap-2 border-t border-line2 bg-pane px-4 xl:hidden">
      <span className="text-ink2">Cost now, excl. GST</span>
      <b className="font-semibold tabular-nums">{formatMoney(now.total)}</b>
      {difference !== undefined && <span className="text-ink2 tabular-nums">{isZeroDecimal(difference) ? 'the same as then' : `${difference.startsWith('-') ? '' : '+'}${formatMoney(difference)} since then`}</span>}
    </p>
  )
}
