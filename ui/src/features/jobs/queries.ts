import { queryOptions } from '@tanstack/react-query'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Job } from '~/api/types'

const POLL_MS = 1_000

export function underWay(job: Job): boolean {
  return job.state === 'queued' || job.state === 'running'
}

/** Jobs, newest first. That one ended comes over the live connection; how far one is, is asked for while there is one. */
export const jobsQuery = (all = false) => queryOptions({
  queryKey: all ? [...keys.jobs, 'all'] : [...keys.jobs, 'mine'], staleTime: 0,
  queryFn: ({ signal }) => api.get<{ items: Job[] }>('/jobs', { signal, query: all ? { all } : {} }),
  refetchInterval: (query) => (query.state.data?.items.some(underWay) ? POLL_MS : false),
})

/** One job, with what came of each estimate of a batch. */
export const jobQuery = (id: string) => queryOptions({
  queryKey: [...keys.jobs, id], staleTime: 0,
  queryFn: ({ signal }) => api.get<Job>(`/jobs/${id}`, { signal }),
  refetchInterval: (query) => (query.state.data && underWay(query.state.data) ? POLL_MS : false),
})
