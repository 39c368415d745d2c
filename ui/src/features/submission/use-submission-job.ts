import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import { jobsQuery, underWay } from '~/features/jobs/queries'
import { toast } from '~/ui/toast'

/** The newest job of one's own that submits an estimate; what it changed is read again when it ends. */
export function useSubmissionJob(estimateId: string) {
  const client = useQueryClient()
  const jobs = useQuery(jobsQuery())
  const job = jobs.data?.items.find((one) => one.kind === 'submission' && one.estimateId === estimateId)
  const running = job !== undefined && underWay(job)
  const was = useRef(false)
  useEffect(() => {
    if (was.current && !running) {
      void client.invalidateQueries({ queryKey: keys.estimate(estimateId) })
      void client.invalidateQueries({ queryKey: keys.tenders })
    }
    was.current = running
  }, [client, estimateId, running])
  const cancel = async () => {
    if (!job) return
    try {
      await api.delete(`/jobs/${job.id}`)
      await client.invalidateQueries({ queryKey: keys.jobs })
    } catch (error) {
      toast.refused('It could not be cancelled', error)
    }
  }
  return { job, underWay: running, cancel }
}
