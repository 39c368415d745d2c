import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Job } from '~/api/types'
import { Chip, Spinner } from '~/ui/bits'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { formatMoney, isNegativeDecimal, isZeroDecimal } from '~/ui/decimal'
import { Drawer } from '~/ui/drawer'
import { ProblemPanel } from '~/ui/problem'
import { ProgressBar } from '~/ui/progress'
import { useSubmit } from '~/ui/use-submit'
import { count } from '~/ui/words'
import { jobQuery, underWay } from './queries'
import { failureOf } from './words'

type Outcome = NonNullable<Job['outcomes']>[number]

const VERDICTS: Record<Outcome['verdict'], { label: string; look: 'plain' | 'accent' | 'good' | 'warn' | 'bad' }> = {
  listed: { label: 'Would change', look: 'accent' }, repriced: { label: 'Repriced', look: 'good' }, unchanged: { label: 'Unchanged', look: 'plain' },
  agrees: { label: 'Agrees', look: 'good' }, differs: { label: 'Differs', look: 'bad' }, refused: { label: 'Refused', look: 'warn' },
}

/** What came of each estimate of a batch; a list of repricing is carried out from here (BR-050). */
export function OutcomesDrawer({ jobId, onClose }: { jobId: string; onClose: () => void }) {
  const job = useQuery(jobQuery(jobId))
  return (
    <Drawer title={job.data?.title ?? 'Job'} description={job.data ? (job.data.state === 'failed' ? failureOf(job.data) : job.data.message) : undefined} onClose={onClose}>
      {job.isError ? <ProblemPanel error={job.error} retry={() => void job.refetch()} /> : !job.data ? <div className="grid place-items-center p-12"><Spinner /></div> : (
        <>
          {underWay(job.data) && <div className="px-4 pt-3"><ProgressBar label={job.data.title} done={job.data.done} total={job.data.total} unit={job.data.unit} /></div>}
          <Outcomes job={job.data} />
          {job.data.kind === 'reprice-list' && job.data.state === 'done' && <Apply job={job.data} onClose={onClose} />}
        </>
      )}
    </Drawer>
  )
}

function Outcomes({ job }: { job: Job }) {
  const outcomes = job.outcomes ?? []
  const recalculated = job.kind === 'recalculation'
  if (outcomes.length === 0) return <p className="p-4 text-ink2">No estimate has been looked at yet.</p>
  return (
    <table className="table">
      <thead>
        <tr><th>Estimate</th><th className="num">{recalculated ? 'Rows' : 'Lines'}</th>{recalculated ? <th className="num">Cost</th> : <th className="num">Effect</th>}<th className="w-28"><span className="sr-only">How it came out</span></th></tr>
      </thead>
      <tbody>
        {outcomes.map((one) => (
          <tr key={one.estimateId} className="[&>td]:py-1.5">
            <td>
              <Link to="/estimates/$estimateId" params={{ estimateId: one.estimateId }} className="font-medium hover:underline">{one.name}</Link>
              {one.message && <p className={cx('text-xs', one.verdict === 'differs' ? 'text-bad' : 'text-ink2')}>{one.message}</p>}
              {!one.message && !recalculated && one.oldTotal && one.newTotal && <p className="text-xs text-ink2">{formatMoney(one.oldTotal)} to {formatMoney(one.newTotal)}</p>}
            </td>
            <td className="num">{one.count.toLocaleString('en-NZ')}</td>
            <td className="num">{recalculated ? (one.newTotal ? formatMoney(one.newTotal) : '') : one.effect ? <Effect amount={one.effect} /> : ''}</td>
            <td><Chip look={VERDICTS[one.verdict].look}>{VERDICTS[one.verdict].label}</Chip></td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Effect({ amount }: { amount: string }) {
  if (isZeroDecimal(amount)) return <span className="text-ink2">{formatMoney(amount)}</span>
  const fewer = isNegativeDecimal(amount)
  return <span className={cx(fewer ? 'text-good' : 'text-warn')}>{fewer ? '' : '+'}{formatMoney(amount)}</span>
}

/** Does what was listed, estimate by estimate, each in a commit of its own. */
function Apply({ job, onClose }: { job: Job; onClose: () => void }) {
  const client = useQueryClient()
  const { busy, refusal, run } = useSubmit()
  const listed = (job.outcomes ?? []).filter((one) => one.verdict === 'listed')
  const result = job.result as { scope?: Record<string, unknown>; effect?: string } | undefined
  if (listed.length === 0) return <p className="p-4 text-ink2">Every line is at the current rate: there is nothing to reprice.</p>
  const apply = async () => {
    await api.post('/jobs/reprice', { ...result?.scope, apply: true, estimates: listed.map((one) => ({ id: one.estimateId, preview: one.preview })) })
    await client.invalidateQueries({ queryKey: keys.jobs })
    onClose()
  }
  return (
    <div className="border-t border-line p-4">
      <p className="flex flex-wrap items-center justify-end gap-3">
        {result?.effect && <span>Effect on all <b><Effect amount={result.effect} /></b></span>}
        <Button look="primary" busy={busy} onClick={() => run(apply)}>Reprice {count(listed.length, 'estimate')}</Button>
      </p>
      <p className="mt-1 text-right text-xs text-ink2">An estimate that has changed since is left as it is and says so.</p>
      {refusal && <p role="alert" className="mt-2 text-bad">{refusal}</p>}
    </div>
  )
}
