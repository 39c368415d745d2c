import { ApiProblem, api } from '~/api/client'
import type { Job } from '~/api/types'
import { underWay } from './queries'
import { failureOf } from './words'

const POLL_MS = 400

/** Follows a job to its end, told as it goes; nothing once `left` says that nobody looks any more. Throws why it failed. */
export async function followJob(jobId: string, tell: (job: Job) => void, left: () => boolean = () => false): Promise<Job | null> {
  for (;;) {
    if (left()) return null
    const job = await api.get<Job>(`/jobs/${jobId}`)
    if (left()) return null
    tell(job)
    if (job.state === 'failed') throw job.error ? new ApiProblem(job.error) : new Error(failureOf(job))
    if (!underWay(job)) return job
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
