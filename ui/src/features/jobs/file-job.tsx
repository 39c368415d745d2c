import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Job } from '~/api/types'
import { Button } from '~/ui/button'
import { ProgressBar } from '~/ui/progress'
import { toast } from '~/ui/toast'
import { attended, saveAnswer, saveResult } from './files'
import { followJob } from './follow'
import { nextTry } from './words'

/** A file on its way: asked for and answered at once, or made by a job that is followed here. */
export function useFileJob() {
  const client = useQueryClient()
  const [busy, setBusy] = useState(false)
  const [job, setJob] = useState<Job | null>(null)
  const followed = useRef<string | null>(null)
  useEffect(() => () => {
    // Whoever goes elsewhere is told by a notice when it is done.
    if (followed.current) attended.delete(followed.current)
    followed.current = null
  }, [])

  const follow = async (jobId: string) => {
    attended.add(jobId)
    followed.current = jobId
    void client.invalidateQueries({ queryKey: keys.jobs })
    const end = await followJob(jobId, setJob, () => followed.current !== jobId)
    if (end?.state !== 'done') return
    saveResult(jobId)
    toast.done(`${end.title} is ready`, { action: { label: 'Download again', run: () => saveResult(jobId) } })
  }
  /** Asks for the file called `what`; saves it when it is there. */
  const make = async (what: string, ask: () => Promise<Response>) => {
    setBusy(true)
    try {
      const response = await ask()
      if (response.status === 202) await follow(((await response.json()) as { jobId: string }).jobId)
      else await saveAnswer(response)
    } catch (error) {
      toast.refused(`${what} was not made`, error)
    } finally {
      followed.current = null
      setJob(null)
      setBusy(false)
      void client.invalidateQueries({ queryKey: keys.jobs })
    }
  }
  const cancel = async () => {
    if (!job) return
    try {
      await api.delete(`/jobs/${job.id}`)
    } catch (error) {
      toast.refused('It could not be cancelled', error)
    }
  }
  return { busy, job, make, cancel }
}

/** How far the file is, over the page in the corner of the buttons that asked for it. */
export function FileJobPanel({ job, onCancel }: { job: Job; onCancel: () => Promise<void> }) {
  return (
    <section aria-label="A file is being made" className="pop fixed top-13 right-4 z-40 w-80 max-w-[calc(100vw-5rem)] rounded-lg border border-line bg-raise p-3 shadow-pop">
      <FileJobProgress job={job} onCancel={onCancel} />
    </section>
  )
}

/** How far the file is, in place. */
export function FileJobProgress({ job, onCancel }: { job: Job; onCancel: () => Promise<void> }) {
  return (
    <div className="grid grid-cols-1 gap-1.5">
      <div className="flex items-center gap-2">
        <span className="min-w-0 flex-1 truncate font-medium" title={job.title}>{job.title}</span>
        <Button look="plain" onClick={() => void onCancel()}>Cancel</Button>
      </div>
      <ProgressBar label={job.title} done={job.done} total={job.total} unit={job.unit} />
      <p role="status" className="text-xs text-ink2">{job.message}{nextTry(job) ? `. ${nextTry(job)}` : ''}</p>
    </div>
  )
}
