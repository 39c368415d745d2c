import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import type { Job } from '~/api/types'
import { toast } from '~/ui/toast'
import { attended, saveResult } from './files'
import { jobsQuery, underWay } from './queries'
import { failureOf } from './words'

/** A notice with a file to fetch stays longer than one that only tells. */
const STAY_MS = 20_000

/** Tells, wherever one is, that a job of one's own has ended. */
export function useJobNotices(): void {
  const navigate = useNavigate()
  const { data } = useQuery(jobsQuery())
  const before = useRef<Map<string, boolean> | null>(null)
  useEffect(() => {
    if (!data) return
    const known = before.current
    before.current = new Map(data.items.map((job) => [job.id, underWay(job)]))
    // The first look tells only what there is.
    if (!known) return
    const show = () => void navigate({ to: '/jobs' })
    for (const job of data.items) {
      if (!underWay(job) && known.get(job.id) !== false && !attended.has(job.id)) tell(job, show)
    }
  }, [data, navigate])
}

function tell(job: Job, show: () => void): void {
  if (job.state === 'done') {
    const action = job.file?.available ? { label: 'Download', run: () => saveResult(job.id) } : { label: 'Show', run: show }
    toast.done(job.file ? `${job.title} is ready` : job.title, { key: job.id, detail: job.file ? undefined : job.message, action, stayMs: STAY_MS })
  } else if (job.state === 'failed') {
    toast.bad(`${job.title} failed`, { key: job.id, detail: failureOf(job), action: { label: 'Show', run: show }, stayMs: STAY_MS })
  }
}
