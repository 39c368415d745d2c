import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Job } from '~/api/types'
import { Page } from '~/app/page'
import { useMay } from '~/app/rights'
import { Chip, EmptyState, Skeleton } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatFull, formatRelative, timeLeft } from '~/ui/dates'
import { Checkbox } from '~/ui/form'
import { ProblemPanel } from '~/ui/problem'
import { ProgressBar } from '~/ui/progress'
import { toast } from '~/ui/toast'
import { BatchDialog, type BatchKind } from './batch-dialog'
import { saveResult } from './files'
import { OutcomesDrawer } from './outcomes-drawer'
import { jobsQuery, underWay } from './queries'
import { KIND_NAMES, failureOf, formatBytes, nextTry } from './words'

const STATES: Record<Job['state'], { label: string; look: 'plain' | 'accent' | 'good' | 'bad' }> = {
  queued: { label: 'Waiting', look: 'plain' }, running: { label: 'Running', look: 'accent' }, done: { label: 'Done', look: 'good' }, failed: { label: 'Failed', look: 'bad' }, cancelled: { label: 'Cancelled', look: 'plain' },
}

/** Long work, with how far it is and what came of it. */
export function JobsScreen() {
  const edits = useMay('edit')
  const admin = useMay('administer')
  const [everybody, setEverybody] = useState(false)
  const [batch, setBatch] = useState<BatchKind | null>(null)
  const [shown, setShown] = useState<string | null>(null)
  const jobs = useQuery(jobsQuery(everybody))
  const all = jobs.data?.items ?? []
  const active = all.filter(underWay)
  const over = all.filter((job) => !underWay(job))
  const show = (job: Job) => setShown(job.id)
  return (
    <Page
      title="Jobs"
      actions={
        <>
          {admin && <Checkbox label="Everybody’s" checked={everybody} onChange={(event) => setEverybody(event.target.checked)} />}
          {edits && <Button onClick={() => setBatch('recalculation')}>Recalculate…</Button>}
          {edits && <Button onClick={() => setBatch('reprice')}>Reprice estimates…</Button>}
        </>
      }
    >
      {jobs.isError ? <ProblemPanel error={jobs.error} retry={() => void jobs.refetch()} /> : jobs.data && all.length === 0 ? (
        <EmptyState icon="jobs" title="Nothing is running">
          Large imports, exports and documents show here with their progress, and what they made can be downloaded for some days. Estimates are repriced and recalculated here, many at once.
        </EmptyState>
      ) : (
        <div className="grid gap-6 px-4 py-4" aria-busy={!jobs.data}>
          {active.length > 0 && (
            <section aria-labelledby="under-way">
              <h2 id="under-way" className="mb-1 text-base font-semibold">Under way</h2>
              <ul className="border-t border-line">{active.map((job) => <ActiveJob key={job.id} job={job} everybody={everybody} onShow={show} />)}</ul>
            </section>
          )}
          {!jobs.data ? <Skeleton className="h-40" /> : over.length > 0 && (
            <section aria-labelledby="over">
              <h2 id="over" className="mb-1 text-base font-semibold">Finished</h2>
              <table className="table">
                <thead><tr><th>Job</th><th className="w-24">State</th><th className="w-[36%]">What came of it</th><th className="w-28">Ended</th><th className="w-32"><span className="sr-only">Actions</span></th></tr></thead>
                <tbody>{over.map((job) => <EndedJob key={job.id} job={job} everybody={everybody} onShow={show} />)}</tbody>
              </table>
            </section>
          )}
        </div>
      )}
      {batch && <BatchDialog kind={batch} onClose={() => setBatch(null)} />}
      {shown && <OutcomesDrawer jobId={shown} onClose={() => setShown(null)} />}
    </Page>
  )
}

interface JobProps {
  job: Job
  everybody: boolean
  onShow: (job: Job) => void
}

function isBatch(job: Job): boolean {
  return job.kind === 'reprice' || job.kind === 'reprice-list' || job.kind === 'recalculation'
}

/** Whether a recalculation found figures that do not add up. */
function differs(job: Job): boolean {
  return ((job.result as { differs?: number } | null | undefined)?.differs ?? 0) > 0
}

/** What is asked of a job, once at a time. */
function useAction(refused: string) {
  const client = useQueryClient()
  const [busy, setBusy] = useState(false)
  const run = async (act: () => Promise<unknown>) => {
    setBusy(true)
    try {
      await act()
      await client.invalidateQueries({ queryKey: keys.jobs })
    } catch (error) {
      toast.refused(refused, error)
    } finally {
      setBusy(false)
    }
  }
  return { busy, run }
}

function Title({ job, everybody }: { job: Job; everybody: boolean }) {
  return (
    <div className="min-w-0">
      {job.estimateId ? <Link to="/estimates/$estimateId" params={{ estimateId: job.estimateId }} className="font-medium break-words hover:underline">{job.title}</Link> : <span className="font-medium break-words">{job.title}</span>}
      <p className="text-xs text-ink2">{KIND_NAMES[job.kind]}{everybody ? ` of ${job.owner.name}` : ''}</p>
    </div>
  )
}

function ActiveJob({ job, everybody, onShow }: JobProps) {
  const { busy, run } = useAction('The job could not be cancelled')
  const again = nextTry(job)
  const edits = useMay('edit')
  return (
    <li className="grid grid-cols-[minmax(12rem,20rem)_minmax(12rem,1fr)_6rem_9rem] items-center gap-x-5 border-b border-line py-2.5 max-md:grid-cols-1 max-md:gap-y-2">
      <Title job={job} everybody={everybody} />
      <div className="grid grid-cols-1 gap-1">
        {(job.state === 'running' || again) && <ProgressBar label={job.title} done={job.done} total={job.total} unit={job.unit} />}
        <p className={again ? 'text-xs text-warn' : 'text-xs text-ink2'}>{job.state === 'queued' && !again ? 'Waits for its turn' : job.message}{again ? `. ${again}` : ''}</p>
      </div>
      <span><Chip look={again ? 'warn' : STATES[job.state].look}>{again ? 'Trying again' : STATES[job.state].label}</Chip></span>
      <div className="flex justify-end gap-1">
        {isBatch(job) && <Button look="plain" onClick={() => onShow(job)} aria-label={`Details of ${job.title}`}>Details</Button>}
        {edits && <Button busy={busy} aria-label={`Cancel ${job.title}`} onClick={() => void run(() => api.delete(`/jobs/${job.id}`))}>Cancel</Button>}
      </div>
    </li>
  )
}

function EndedJob({ job, everybody, onShow }: JobProps) {
  const { busy, run } = useAction('The job could not be tried again')
  const at = job.endedAt ?? job.createdAt
  const edits = useMay('edit')
  return (
    <tr className="[&>td]:py-1.5">
      <td><Title job={job} everybody={everybody} /></td>
      <td><Chip look={STATES[job.state].look}>{STATES[job.state].label}</Chip></td>
      <td>
        {job.state === 'failed' ? <p className="text-bad">{failureOf(job)}</p> : job.file ? <FileWords file={job.file} /> : <p className={differs(job) ? 'text-bad' : 'text-ink2'}>{job.message}</p>}
        {job.state === 'failed' && job.tries > 1 && <p className="text-xs text-ink2">Tried {job.tries} times.</p>}
      </td>
      <td className="whitespace-nowrap text-ink2" title={formatFull(at)}>{formatRelative(at)}</td>
      <td>
        <div className="flex justify-end gap-1">
          {job.file?.available && <Button icon="download" aria-label={`Download ${job.file.name}`} onClick={() => saveResult(job.id)}>Download</Button>}
          {isBatch(job) && <Button aria-label={`Details of ${job.title}`} onClick={() => onShow(job)}>Details</Button>}
          {edits && job.state === 'failed' && <Button icon="redo" busy={busy} aria-label={`Try ${job.title} again`} onClick={() => void run(() => api.post(`/jobs/${job.id}/retry`))}>Try again</Button>}
        </div>
      </td>
    </tr>
  )
}

function FileWords({ file }: { file: NonNullable<Job['file']> }) {
  const left = timeLeft(file.expiresAt)
  return (
    <>
      <p className="break-words">{formatBytes(file.bytes)}</p>
      <p className="text-xs text-ink2">{file.available && left ? <>Kept for another <span title={formatFull(file.expiresAt)}>{left}</span></> : 'The file is kept no longer; make it again for a new one.'}</p>
    </>
  )
}
