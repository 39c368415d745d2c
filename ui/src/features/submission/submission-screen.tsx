import { useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api } from '~/api/client'
import { estimateQuery, keys, tenderQuery } from '~/api/queries'
import type { Submission, Tender } from '~/api/types'
import { rememberEstimate } from '~/app/last-estimate'
import { Page } from '~/app/page'
import { useMay, useWhyNot } from '~/app/rights'
import { EstimateTabs } from '~/features/estimate/estimate-tabs'
import { EstimateSessionProvider } from '~/features/estimate/model/context'
import { EstimateChips, estimateCrumbs } from '~/features/estimate/page-parts'
import { FileJobProgress } from '~/features/jobs/file-job'
import { failureOf } from '~/features/jobs/words'
import { Spinner } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatMoment } from '~/ui/dates'
import { formatMoney } from '~/ui/decimal'
import { Confirm } from '~/ui/dialog'
import { ProblemPanel } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { FROZEN_STATES } from '~/ui/words'
import { CheckList } from './check-list'
import { ReasonDialog } from './reason-dialog'
import { SchedulePreview } from './schedule-preview'
import { submissionQuery } from './queries'
import { useSubmissionJob } from './use-submission-job'

export function SubmissionScreen({ estimateId }: { estimateId: string }) {
  return <EstimateSessionProvider key={estimateId} estimateId={estimateId}><Screen estimateId={estimateId} /></EstimateSessionProvider>
}

function Screen({ estimateId }: { estimateId: string }) {
  const { data: estimate } = useSuspenseQuery(estimateQuery(estimateId))
  const tender = useQuery(tenderQuery(estimate.tenderId))
  const submission = useQuery(submissionQuery(estimateId))
  useEffect(() => { rememberEstimate(estimateId) }, [estimateId])
  return (
    <Page
      title="Submission"
      crumbs={estimateCrumbs(tender.data, estimate)}
      chips={<EstimateChips estimate={estimate} />}
      bar={<div className="flex h-9 shrink-0 items-stretch border-b border-line bg-pane px-4"><EstimateTabs estimateId={estimateId} here="submission" /></div>}
    >
      {submission.isError ? <ProblemPanel error={submission.error} retry={() => void submission.refetch()} />
        : submission.data && tender.data ? <Loaded estimateId={estimateId} tender={tender.data} submission={submission.data} />
          : <div className="grid place-items-center p-16"><Spinner /></div>}
    </Page>
  )
}

function Loaded({ estimateId, tender, submission }: { estimateId: string; tender: Tender; submission: Submission }) {
  return (
    <div className="grid max-w-7xl gap-6 p-4 lg:grid-cols-[minmax(0,4fr)_minmax(0,3fr)]">
      <CheckList estimateId={estimateId} tender={tender} submission={submission} />
      <Steps estimateId={estimateId} tender={tender} submission={submission} />
      <div className="min-w-0 lg:col-span-2"><SchedulePreview estimateId={estimateId} submission={submission} /></div>
    </div>
  )
}

/** Reviewed, approved, submitted: each with who did it, and what is next. */
function Steps({ estimateId, tender, submission }: { estimateId: string; tender: Tender; submission: Submission }) {
  const client = useQueryClient()
  const edits = useMay('edit')
  const why = useWhyNot('decide')
  const [dialog, setDialog] = useState<'approve' | 'revoke' | 'submit' | null>(null)
  const open = submission.checks.filter((check) => check.verdict === 'broken').length
  const approval = submission.approvals.find((one) => !one.revoked)
  const sent = submission.submission
  // Another revision took its place, or its tender ended.
  const left = !sent && FROZEN_STATES.includes(submission.state)

  const take = (next: Submission) => {
    client.setQueryData(submissionQuery(estimateId).queryKey, next)
    void client.invalidateQueries({ queryKey: keys.estimate(estimateId) })
    void client.invalidateQueries({ queryKey: keys.tenders })
  }
  const approve = async (minutes: string) => { take(await api.post<Submission>(`/estimates/${estimateId}/approval`, { minutes })); toast.done('Approved') }
  const revoke = async (reason: string) => { take(await api.delete<Submission>(`/estimates/${estimateId}/approval`, { body: { reason } })); toast.done('Approval revoked') }
  const submit = async () => {
    const response = await api.raw('POST', `/estimates/${estimateId}/submission`, { body: { contentHash: submission.contentHash, totalEx: submission.totalEx } })
    if (response.status === 202) {
      // A large one is submitted by a job, which is shown here and told of wherever one is.
      await client.invalidateQueries({ queryKey: keys.jobs })
      return
    }
    take((await response.json()) as Submission)
    toast.done(`${tender.number} submitted`)
  }
  const { job, underWay, cancel } = useSubmissionJob(estimateId)
  return (
    <section aria-labelledby="steps" className="self-start rounded-lg border border-line bg-pane p-4">
      <h2 id="steps" className="text-base font-semibold">Approval and submission</h2>
      <dl className="mt-3 grid grid-cols-[1fr_auto] gap-y-1 tabular-nums">
        <dt className="text-ink2">Price ex GST</dt><dd className="text-right font-semibold">{submission.totalEx ? formatMoney(submission.totalEx) : 'No price yet'}</dd>
        <dt className="text-ink2">Price incl. GST</dt><dd className="text-right">{submission.totalInc ? formatMoney(submission.totalInc) : ''}</dd>
        <dt className="text-ink2">Items reviewed</dt><dd className="text-right">{submission.reviewed.toLocaleString('en-NZ')} of {submission.items.toLocaleString('en-NZ')}</dd>
        <dt className="text-ink2">Content</dt><dd className="text-right font-mono text-xs" title={submission.contentHash}>{submission.contentHash.slice(0, 12)}</dd>
      </dl>
      <ol className="mt-4 grid gap-4">
        <li>
          <h3 className="font-semibold">1. Reviewed</h3>
          <p className="text-ink2">{left && submission.reviewed < submission.items ? 'Not every item was reviewed when this revision was left.' : submission.state === 'in-progress' ? 'Follows by itself once every item with a cost is marked reviewed in the estimate.' : 'Every item with a cost is reviewed.'}</p>
        </li>
        <li>
          <h3 className="font-semibold">2. Approved</h3>
          {approval ? (
            <>
              <p className="text-ink2">{approval.by.name}, {formatMoment(approval.at)}, at {formatMoney(approval.totalEx)}{approval.current || sent ? '' : ': the content has changed since, so it does not count any more.'}</p>
              <p className="mt-1 border-l-2 border-line pl-2 whitespace-pre-line">{approval.minutes}</p>
            </>
          ) : <p className="text-ink2">A Lead approves with the minutes of the settlement. The approval is for exactly this content.</p>}
          {!approval && submission.separation && <p className="mt-1 text-warn">{submission.separation}</p>}
          {edits && submission.state === 'reviewed' && <Button className="mt-2" look="primary" why={why} onClick={() => setDialog('approve')}>Approve</Button>}
          {edits && submission.state === 'approved' && <Button className="mt-2" why={why} onClick={() => setDialog('revoke')}>Revoke approval</Button>}
        </li>
        <li>
          <h3 className="font-semibold">3. Submitted</h3>
          {sent ? (
            <>
              <p className="text-ink2">{sent.by.name}, {formatMoment(sent.at)}, at {formatMoney(sent.totalEx)} ex GST, {formatMoney(sent.totalInc)} incl. GST. This revision is frozen.</p>
              <ul className="mt-1 grid gap-1">
                {sent.files.map((file) => <li key={file.hash}><a className="text-acc hover:underline" href={`/api/v1/files/${file.hash}`} download={file.name}>{file.name}</a> <span className="text-ink3 tabular-nums">{Math.max(1, Math.round(file.bytes / 1024)).toLocaleString('en-NZ')} kB</span></li>)}
              </ul>
            </>
          ) : left ? <p className="text-ink2">It was never submitted, and is frozen: make a new revision of it to go on.</p> : (
            <>
              <p className="text-ink2">{open > 0 ? `${open} ${open === 1 ? 'check stands' : 'checks stand'} in the way.` : 'The price is worked out anew from every line, the files are stored and the revision is frozen.'}</p>
              {job && underWay ? <div className="mt-2"><FileJobProgress job={job} onCancel={cancel} /></div>
                : edits && <Button className="mt-2" look="primary" why={why} disabled={submission.state !== 'approved' || open > 0} onClick={() => setDialog('submit')}>Submit</Button>}
              {job?.state === 'failed' && <p role="alert" className="mt-2 text-bad">The last attempt, {formatMoment(job.createdAt)}, failed: {failureOf(job)}</p>}
            </>
          )}
        </li>
      </ol>
      {dialog === 'approve' && <ReasonDialog title="Approve this estimate" description={`${submission.totalEx ? formatMoney(submission.totalEx) : ''} ex GST, exactly as it is now.`} label="Minutes of the settlement" action="Approve" onClose={() => setDialog(null)} onSubmit={approve} />}
      {dialog === 'revoke' && <ReasonDialog title="Revoke the approval" label="Reason" action="Revoke approval" onClose={() => setDialog(null)} onSubmit={revoke} />}
      <Confirm open={dialog === 'submit'} onOpenChange={(show) => { if (!show) setDialog(null) }} title={`Submit ${tender.number}?`} action="Submit" onConfirm={submit}>
        {submission.totalEx && <>At {formatMoney(submission.totalEx)} excluding GST. The revision is frozen; another needs a new revision.</>}
      </Confirm>
    </section>
  )
}
