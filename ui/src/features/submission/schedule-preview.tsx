import { useQuery } from '@tanstack/react-query'
import { api } from '~/api/client'
import type { Submission } from '~/api/types'
import { useMay } from '~/app/rights'
import { FileJobProgress, useFileJob } from '~/features/jobs/file-job'
import { Spinner } from '~/ui/bits'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { formatMoney, formatPercent, formatQuantity } from '~/ui/decimal'
import { problemText } from '~/ui/problem'
import { unitText } from '~/ui/words'
import { scheduleQuery } from './queries'

/** The schedule of prices as the client would see it. */
export function SchedulePreview({ estimateId, submission }: { estimateId: string; submission: Submission }) {
  const edits = useMay('edit')
  const lines = useQuery(scheduleQuery(estimateId, submission.contentHash))
  const shown = lines.data?.items.length ?? 0
  const total = lines.data?.total ?? shown
  const { busy, job, make, cancel } = useFileJob()
  const print = () => void make('The schedule of prices', () => api.raw('POST', `/estimates/${estimateId}/documents/client-schedule`, { body: { format: 'pdf' } }))
  return (
    <section aria-labelledby="schedule" className="overflow-hidden rounded-lg border border-line bg-pane">
      <div className="flex items-center gap-3 px-4 pt-3 pb-2">
        <h2 id="schedule" className="min-w-0 flex-1 text-base font-semibold">Client schedule {!submission.submission && <span className="rounded bg-warn2 px-1.5 text-xs font-normal text-warn">DRAFT</span>}</h2>
        {edits && lines.data && <Button icon="download" busy={busy} onClick={print}>Schedule as PDF</Button>}
      </div>
      {job && <div className="px-4 pb-3"><FileJobProgress job={job} onCancel={cancel} /></div>}
      {lines.isError ? <p className="px-4 pb-4 text-ink2">{problemText(lines.error)}</p> : !lines.data ? <div className="p-6"><Spinner /></div> : (
        <div className="overflow-x-auto">
          <table className="table">
            <thead><tr><th>Item</th><th className="w-full">Description</th><th>Unit</th><th className="num">Quantity</th><th className="num">Rate</th><th className="num">Amount ex GST</th></tr></thead>
            <tbody>
              {lines.data.items.map((line) => (
                <tr key={line.id} className={cx(line.heading && 'font-semibold')}>
                  <td className="whitespace-nowrap">{line.code}</td>
                  <td className="max-w-0 min-w-48 truncate" title={line.description}>{line.description}</td>
                  <td>{unitText(line.unit)}</td>
                  <td className="num">{line.quantity ? formatQuantity(line.quantity) : ''}</td>
                  <td className="num">{line.percent ? formatPercent(line.percent) : line.rate ? formatMoney(line.rate) : ''}</td>
                  <td className="num">{line.amount ? formatMoney(line.amount) : <span className="font-normal text-ink2">{line.remark}</span>}</td>
                </tr>
              ))}
            </tbody>
            {shown === 0 && <tbody><tr><td colSpan={6} className="text-ink2">No item of the client’s schedule yet.</td></tr></tbody>}
            {submission.totalEx && <tfoot><tr><td colSpan={5} className="text-right font-semibold">Total excluding GST</td><td className="num font-semibold">{formatMoney(submission.totalEx)}</td></tr></tfoot>}
          </table>
        </div>
      )}
      {total > shown && <p className="px-4 py-2 text-ink2">The first {shown.toLocaleString('en-NZ')} of {total.toLocaleString('en-NZ')} lines; the files have all of them.</p>}
    </section>
  )
}
