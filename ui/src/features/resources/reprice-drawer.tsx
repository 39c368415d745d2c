import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '~/api/client'
import { usePages } from '~/api/pages'
import { keys } from '~/api/queries'
import type { Reprice, Usage } from '~/api/types'
import { Chip, EmptyState, Spinner } from '~/ui/bits'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { formatMoney, formatRate, isNegativeDecimal } from '~/ui/decimal'
import { Drawer } from '~/ui/drawer'
import { ProblemPanel, problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { useSubmit } from '~/ui/use-submit'
import { count } from '~/ui/words'
import { type EstimateUse, byEstimate } from './rates'

const USAGES_MAX = 500

export interface RepriceDrawerProps {
  resource: { id: string; code: string }
  onClose: () => void
}

/** Estimates whose lines keep the rate of before: what taking the new one changes, then the choice for each (BR-049, BR-050). */
export function RepriceDrawer({ resource, onClose }: RepriceDrawerProps) {
  const pages = usePages<Usage>(['resources', resource.id, 'usage'], `/resources/${resource.id}/usage`, { limit: USAGES_MAX })
  const uses = byEstimate(pages.items ?? [])
  return (
    <Drawer title={`Estimates with ${resource.code}`} description="Lines keep the rate they were priced with until the estimate takes the current one." onClose={onClose}>
      {pages.error ? <ProblemPanel error={pages.error} retry={pages.retry} /> : !pages.items ? <div className="grid place-items-center p-12"><Spinner /></div> : uses.length === 0 ? (
        <EmptyState icon="check" title="No estimate uses it">The new rate is there for the next line.</EmptyState>
      ) : <ul>{uses.map((use) => <li key={use.estimateId} className="border-b border-line p-4"><EstimateReprice use={use} resourceId={resource.id} /></li>)}</ul>}
    </Drawer>
  )
}

function EstimateReprice({ use, resourceId }: { use: EstimateUse; resourceId: string }) {
  const client = useQueryClient()
  const path = `/estimates/${use.estimateId}/reprice`
  const preview = useQuery({
    queryKey: ['estimate', use.estimateId, 'reprice', resourceId], staleTime: 0, gcTime: 0,
    queryFn: ({ signal }) => api.post<Reprice>(path, { resourceIds: [resourceId], apply: false }, { signal, idempotencyKey: null }),
  })
  const { busy, refusal, run } = useSubmit()
  const [done, setDone] = useState(false)
  const lines = preview.data?.lines ?? []
  const apply = async () => {
    const repriced = await api.post<Reprice>(path, { resourceIds: [resourceId], preview: preview.data?.preview, apply: true })
    setDone(true)
    void client.invalidateQueries({ queryKey: keys.estimate(use.estimateId) })
    toast.done(`${count(repriced.lines.length, 'line')} repriced in ${use.name}`, { detail: `Cost changes by ${formatMoney(repriced.effect)}.` })
  }
  const fewer = preview.data ? isNegativeDecimal(preview.data.effect) : false
  return (
    <section aria-label={`${use.tender} ${use.name}`}>
      <div className="mb-2 flex items-center gap-2">
        <h3 className="min-w-0 flex-1 truncate font-semibold"><Link to="/estimates/$estimateId" params={{ estimateId: use.estimateId }} className="hover:underline">{use.tender} {use.name}</Link></h3>
        <span className="text-xs text-ink2">{count(use.items, 'item')}</span>
        {done && <Chip look="good">Repriced</Chip>}
      </div>
      {preview.isError ? <p role="alert" className="text-bad">{problemText(preview.error)}</p> : !preview.data ? <Spinner /> : lines.length === 0 ? <p className="text-ink2">Every line is at the current rate.</p> : (
        <>
          <table className="table text-xs">
            <thead><tr><th>Item</th><th className="num">Rate</th><th className="num">Now</th><th className="num">Cost</th><th className="num">Then</th></tr></thead>
            <tbody>
              {lines.map((line) => (
                <tr key={line.lineId}>
                  <td>{line.itemCode}</td><td className="num text-ink2">{formatRate(line.oldRate)}</td><td className="num">{formatRate(line.newRate)}</td>
                  <td className="num text-ink2">{formatMoney(line.oldCost)}</td><td className="num">{formatMoney(line.newCost)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="mt-2 flex items-center justify-end gap-3">
            <span>Effect <b className={cx(fewer ? 'text-good' : 'text-warn')}>{fewer ? '' : '+'}{formatMoney(preview.data.effect)}</b></span>
            <Button look="primary" busy={busy} onClick={() => run(apply)}>Reprice {count(lines.length, 'line')}</Button>
          </p>
        </>
      )}
      {refusal && <p role="alert" className="mt-2 text-bad">{refusal}</p>}
    </section>
  )
}
