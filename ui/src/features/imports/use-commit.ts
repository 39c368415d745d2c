import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { api, isProblem } from '~/api/client'
import { keys } from '~/api/queries'
import { attended } from '~/features/jobs/files'
import { followJob } from '~/features/jobs/follow'
import type { EditResult, Job, Plan } from '~/api/types'
import { problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { count } from '~/ui/words'

export type CommitState =
  | { at: 'ready' }
  | { at: 'sending' }
  | { at: 'job'; job: Job }
  | { at: 'refused'; message: string }

/** Writes a plan, whole or not at all, and goes to the estimate with a way back; `onGone` when the server has let go of the plan. */
export function useCommit(estimateId: string, importId: string, onGone: () => void) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [state, setState] = useState<CommitState>({ at: 'ready' })
  const left = useRef(false)
  useEffect(() => { left.current = false; return () => { left.current = true } }, [])

  const undo = async () => {
    try {
      await api.post<EditResult>(`/estimates/${estimateId}/undo`)
      await client.invalidateQueries({ queryKey: keys.estimate(estimateId) })
      toast.done('The import was undone')
    } catch (error) {
      toast.refused('The import could not be undone', error)
    }
  }
  const jobDone = async (jobId: string) => {
    // However it ends, it is told from here.
    attended.add(jobId)
    const job = await followJob(jobId, (now) => { if (!left.current) setState({ at: 'job', job: now }) })
    if (job?.state === 'cancelled') throw new Error('The import was cancelled; nothing was written.')
  }
  const run = async (plan: Plan) => {
    setState({ at: 'sending' })
    try {
      const response = await api.raw('POST', `/imports/${importId}/commit`, { body: { planId: plan.planId } })
      if (response.status === 202) await jobDone(((await response.json()) as { jobId: string }).jobId)
      client.removeQueries({ queryKey: keys.estimate(estimateId), type: 'inactive' })
      void client.invalidateQueries({ queryKey: keys.estimate(estimateId) })
      void client.invalidateQueries({ queryKey: keys.jobs })
      const { summary } = plan
      toast.done(summary.changed + summary.dropped > 0 ? 'The schedule was imported again' : `${count(summary.items, 'item')} imported`, {
        detail: [summary.headings && count(summary.headings, 'heading'), summary.changed && `${summary.changed.toLocaleString('en-NZ')} changed`, summary.dropped && `${summary.dropped.toLocaleString('en-NZ')} dropped`].filter(Boolean).join(', '),
        action: { label: 'Undo', run: () => void undo() },
      })
      // A person who went elsewhere meanwhile is told, not carried off.
      if (!left.current) await navigate({ to: '/estimates/$estimateId', params: { estimateId } })
    } catch (error) {
      if (isProblem(error) && error.status === 404 && !left.current) {
        setState({ at: 'ready' })
        toast.info('The preview was out of date and has been worked out again. Look at it, then import.')
        onGone()
      } else if (left.current) toast.refused('The import was refused', error)
      else setState({ at: 'refused', message: problemText(error) })
    }
  }
  return { state, run }
}
