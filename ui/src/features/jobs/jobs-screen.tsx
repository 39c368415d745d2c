import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Job } from '~/api/types'
import { Page } from '~/app/page'
import { Chip, EmptyState, Skeleton } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatFull, formatRelative } from '~/ui/dates'
import { ProblemPanel } from '~/ui/problem'
import { ProgressBar } from '~/ui/progress'
import { toast } from '~/ui/toast'

const POLL_MS = 1_000

function underWay(job: Job): boolean {
  return job.state === 'queued' || job.state === 'running'
}

export const jobsQuery = queryOptions({
  queryKey: keys.jobs, queryFn: ({ signal }) => api.get<{ items: Job[] }>('/jobs', { signal }), staleTime: 0,
  // Asked again only while there is something to see.
  refetchInterval: (query) => (query.state.data?.items.some(underWay) ? POLL_MS : false),
})

const STATES: Record<Job['state'], { label: string; look: 'plain' | 'accent' | 'good' | 'bad' }> = {
  queued: { label: 'Waiting', look: 'plain' }, running: { label: 'Running', look: 'accent' }, done: { label: 'Done', look: 'good' }, failed: { label: 'Failed', look: 'bad' }, cancelled: { label: 'Cancelled', look: 'plain' },
}
const KINDS: Record<string, string> = { import: 'Import', export: 'Export' }

/** Long work of the person signed in, with how far it is and what came of it. */
export function JobsScreen() {
  const jobs = useQuery(jobsQuery)
  return (
    <Page title="Jobs">
      {jobs.isError ? <ProblemPanel error={jobs.error} retry={() => void jobs.refetch()} /> : jobs.data?.items.length === 0 ? (
        <EmptyState icon="jobs" title="Nothing is running">Large imports and exports show here with their progress, and stay listed with what came of them.</EmptyState>
      ) : (
        <table className="table" aria-busy={!jobs.data}>
          <thead><tr><th className="w-32">Job</th><th className="w-28">State</th><th>Progress</th><th className="w-40">Started</th><th className="w-28"><span className="sr-only">Actions</span></th></tr></thead>
          <tbody>
            {!jobs.data && <tr><td colSpan={5}><Skeleton className="h-4" /></td></tr>}
            {jobs.data?.items.map((job) => <JobRow key={job.id} job={job} />)}
          </tbody>
        </table>
      )}
    </Page>
  )
}

function JobRow({ job }: { job: Job }) {
  const client = useQueryClient()
  const [busy, setBusy] = useState(false)
  const cancel = async () => {
    setBusy(true)
    try {
      await api.delete(`/jobs/${job.id}`)
      await client.invalidateQueries({ queryKey: keys.jobs })
    } catch (error) {
      toast.refused('The job could not be cancelled', error)
    } finally {
      setBusy(false)
    }
  }
  const kind = KINDS[job.kind] ?? job.kind
  const failure = job.error?.violations?.[0]?.message ?? job.error?.detail ?? job.error?.title
  return (
    <tr>
      <td className="font-medium">{kind}</td>
      <td><Chip look={STATES[job.state].look}>{STATES[job.state].label}</Chip></td>
      <td>
        {underWay(job) ? <span className="grid max-w-md gap-0.5 py-1"><ProgressBar label={kind} done={job.done} total={job.total} />{job.message && <span className="text-xs text-ink2">{job.message}</span>}</span>
          : job.state === 'failed' ? <span className="text-bad">{failure ?? job.message}</span> : <span className="text-ink2">{job.message}</span>}
      </td>
      <td className="text-ink2" title={formatFull(job.createdAt)}>{formatRelative(job.createdAt)}</td>
      <td className="num">{underWay(job) && <Button busy={busy} aria-label={`Cancel the ${kind.toLowerCase()}`} onClick={() => void cancel()}>Cancel</Button>}</td>
    </tr>
  )
}
