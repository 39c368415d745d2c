import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api } from '~/api/client'
import type { Job } from '~/api/types'
import { formatRelative, formatFull, timeLeft } from '~/ui/dates'
import { Button } from '~/ui/button'
import { Checkbox, Field, TextInput } from '~/ui/form'
import { ProblemPanel } from '~/ui/problem'
import { FileJobProgress, useFileJob } from '../jobs/file-job'
import { saveResult } from '../jobs/files'
import { jobsQuery } from '../jobs/queries'
import { failureOf, formatBytes } from '../jobs/words'
import { fromZonedInput, toZonedInput } from '../tenders/zoned'
import { Command } from './command'

export const ZONE = 'Pacific/Auckland'

/** A moment as its field has it, to the minute, and exactly where it was chosen from a list. */
export interface Moment { text: string; exact?: string }

/** The organisation in one file: as it is or masked, now or as it was. */
export function SnapshotMaker({ hasVault, moment, onMoment }: { hasVault: boolean; moment: Moment; onMoment: (moment: Moment) => void }) {
  const [masked, setMasked] = useState(true)
  const [error, setError] = useState<string | null>(null)
  const file = useFileJob()

  const submit = (event: FormEvent) => {
    event.preventDefault()
    const at = moment.exact ?? (moment.text ? fromZonedInput(moment.text, ZONE) : null)
    const wrong = !moment.text ? null : at === null ? 'This is no time.' : new Date(at).getTime() > Date.now() ? 'This moment is still to come.' : null
    setError(wrong)
    if (wrong) return
    void file.make('The snapshot', () => api.raw('POST', '/snapshots', { body: { masked, ...(at ? { at } : {}) } }))
  }

  return (
    <section aria-labelledby="snapshot-maker" className="grid gap-3 border-t border-line pt-5">
      <div>
        <h2 id="snapshot-maker" className="text-base font-semibold">The organisation in one file</h2>
        <p className="max-w-prose text-ink2">
          A snapshot (<code>.oxsnap</code>) holds every tender, estimate, price and person. Masked, its names, contacts, texts and prices are invented ones, and it gets its name only once a search has found nothing of the originals in it: that one is for a staging server.
          As it is, it brings a past moment back into a folder of its own, beside what is here.
        </p>
      </div>
      <form onSubmit={submit} noValidate className="flex flex-wrap items-start gap-x-5 gap-y-3" aria-label="Make a snapshot">
        <Field label="As it was at" error={error} hint={hasVault ? 'New Zealand time; empty for now' : 'Only now: past moments come from a vault'} className="w-60">
          <TextInput type="datetime-local" value={moment.text} disabled={!hasVault} max={toZonedInput(new Date().toISOString(), ZONE)} onChange={(event) => { setError(null); onMoment({ text: event.target.value }) }} />
        </Field>
        <div className="pt-5.5"><Checkbox label="Mask names and prices" checked={masked} onChange={(event) => setMasked(event.target.checked)} /></div>
        <div className="pt-5"><Button type="submit" look="primary" icon="download" busy={file.busy}>Make the file</Button></div>
      </form>
      {!masked && <p className="max-w-prose text-warn">The file will hold real names and prices. Keep it as safe as the server itself; that it was taken away is in the audit trail.</p>}
      {file.job && <div className="max-w-xl rounded-lg border border-line p-3"><FileJobProgress job={file.job} onCancel={file.cancel} /></div>}
      <Made />
    </section>
  )
}

/** The files made before, and what is done with them. */
function Made() {
  const jobs = useQuery(jobsQuery(true))
  if (jobs.isError) return <ProblemPanel error={jobs.error} retry={() => void jobs.refetch()} />
  const made = jobs.data?.items.filter((job) => job.kind === 'snapshot' && (job.state === 'done' || job.state === 'failed')).slice(0, 10) ?? []
  const newest = made.find((job) => job.file?.available)
  if (made.length === 0) return null
  return (
    <>
      <table className="table" aria-label="Snapshots made">
        <thead><tr><th>File</th><th className="w-[34%]">What came of it</th><th className="w-32">Made</th><th className="w-32"><span className="sr-only">Actions</span></th></tr></thead>
        <tbody>{made.map((job) => <MadeRow key={job.id} job={job} />)}</tbody>
      </table>
      {newest?.file && <NextSteps name={newest.file.name} masked={(newest.result as { masked?: boolean } | null)?.masked === true} />}
    </>
  )
}

function MadeRow({ job }: { job: Job }) {
  const at = job.endedAt ?? job.createdAt
  const left = job.file?.available ? timeLeft(job.file.expiresAt) : null
  return (
    <tr className="[&>td]:py-1.5">
      <td><span className="font-medium break-words">{job.title}</span><p className="text-xs text-ink2">by {job.owner.name}{job.file ? `, ${formatBytes(job.file.bytes)}` : ''}</p></td>
      <td className={job.state === 'failed' ? 'break-words text-bad' : 'text-ink2'}>{job.state === 'failed' ? failureOf(job) : job.message}</td>
      <td className="whitespace-nowrap text-ink2" title={formatFull(at)}>{formatRelative(at)}</td>
      <td className="text-right">
        {job.file?.available ? <Button icon="download" title={left ? `Kept for another ${left}` : undefined} aria-label={`Download ${job.file.name}`} onClick={() => saveResult(job.id)}>Download</Button>
          : job.file ? <span className="text-xs text-ink3">kept no longer</span> : null}
      </td>
    </tr>
  )
}

function NextSteps({ name, masked }: { name: string; masked: boolean }) {
  return masked ? (
    <p className="text-ink2">Start a staging server from it: <Command text={`oxflow serve --from-snapshot ${name} --auth development`} /></p>
  ) : (
    <p className="text-ink2">Bring it back into a folder of its own, and look at it: <Command text={`oxflow restore --from ${name} --to brought-back`} /> then <Command text="oxflow serve --data brought-back --no-vault" /> Without <code>--no-vault</code> that server goes on in the place of this one, and takes its vault over.</p>
  )
}
