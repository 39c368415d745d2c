import { queryOptions } from '@tanstack/react-query'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Comparison, Page, ScheduleRow, Submission } from '~/api/types'

const SCHEDULE_PAGE = 500

export const submissionQuery = (id: string) => queryOptions({
  queryKey: [...keys.estimate(id), 'submission'], queryFn: ({ signal }) => api.get<Submission>(`/estimates/${id}/submission`, { signal }),
})

/** The first lines of the client's schedule. */
export const scheduleQuery = (id: string, hash: string) => queryOptions({
  queryKey: [...keys.estimate(id), 'schedule', hash], retry: false,
  queryFn: ({ signal }) => api.get<Page<ScheduleRow>>(`/estimates/${id}/schedule`, { query: { limit: SCHEDULE_PAGE }, signal }),
})

export const compareQuery = (id: string, withId: string, withAt?: number, at?: number) => queryOptions({
  queryKey: [...keys.estimate(id), 'compare', withId, withAt ?? null, at ?? null], enabled: withId !== '',
  queryFn: ({ signal }) => api.get<Comparison>(`/estimates/${id}/compare`, { query: { with: withId, withAt, at }, signal }),
})
