import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { NoticeState, Tender } from '~/api/types'
import { useMay } from '~/app/rights'
import { Button } from '~/ui/button'
import { formatMoment } from '~/ui/dates'
import { formatMoney } from '~/ui/decimal'
import { Field, Select, TextInput } from '~/ui/form'
import { toast } from '~/ui/toast'
import { useSubmit } from '~/ui/use-submit'
import { REASON_NAMES } from './outcome'

const NOTICE_NAMES: Record<NoticeState, string> = { open: 'Open', incorporated: 'Incorporated', 'not-applicable': 'Not applicable' }
const NOTICE_STATES: readonly NoticeState[] = ['open', 'incorporated', 'not-applicable']

/** Go or no-go, notices to tenderers, and how it ended. */
export function Course({ tender }: { tender: Tender }) {
  const { outcome, acceptedPrice } = tender.course
  return (
    <>
      <section aria-labelledby="decision" className="rounded-lg border border-line bg-pane p-4">
        <h2 id="decision" className="text-base font-semibold">Go or no-go</h2>
        {/* Begun anew by a decision alone: a reason half typed outlives whatever else changes of the tender. */}
        <Decision key={`${tender.id} ${tender.course.decision?.at ?? ''}`} tender={tender} />
        {acceptedPrice && <p className="mt-3">Won at <b className="tabular-nums">{formatMoney(acceptedPrice)}</b> ex GST.</p>}
        {outcome && (
          <p className="mt-3">
            Ended: {REASON_NAMES[outcome.reason]}. Winning price {outcome.winningPrice ? `${formatMoney(outcome.winningPrice)} ex GST` : 'unknown'}. {outcome.note}
            <span className="block text-xs text-ink2">{outcome.by.name}, {formatMoment(outcome.at)}</span>
          </p>
        )}
      </section>
      <Notices tender={tender} />
    </>
  )
}

function Decision({ tender }: { tender: Tender }) {
  const client = useQueryClient()
  const lead = useMay('decide')
  const [reason, setReason] = useState(tender.course.decision?.reason ?? '')
  const { busy, refusal, clear, run } = useSubmit()
  const { decision } = tender.course
  const decide = async (go: boolean) => {
    client.setQueryData(keys.tender(tender.id), await api.put<Tender>(`/tenders/${tender.id}/decision`, { version: tender.version, go, reason: reason.trim() }))
    void client.invalidateQueries({ queryKey: keys.tenders })
  }
  return (
    <>
      {decision
        ? <p className="mt-1"><b>{decision.go ? 'Go' : 'No-go'}</b>: {decision.reason}<span className="block text-xs text-ink2">{decision.by.name}, {formatMoment(decision.at)}</span></p>
        : <p className="mt-1 text-ink2">{tender.state === 'enquiry' ? 'Nobody has decided yet. A Lead records go or no-go with a reason; then the tender moves on.' : 'No decision was recorded.'}</p>}
      {tender.state === 'enquiry' && lead && (
        <div className="mt-3 grid gap-2">
          <Field label="Reason" error={refusal}><TextInput value={reason} onChange={(event) => { setReason(event.target.value); clear() }} /></Field>
          <div className="flex gap-2">
            <Button busy={busy} disabled={reason.trim() === ''} onClick={() => run(() => decide(true))}>Go</Button>
            <Button busy={busy} disabled={reason.trim() === ''} onClick={() => run(() => decide(false))}>No-go</Button>
          </div>
        </div>
      )}
    </>
  )
}

function Notices({ tender }: { tender: Tender }) {
  const edits = useMay('edit')
  const client = useQueryClient()
  const [number, setNumber] = useState('')
  const [date, setDate] = useState('')
  const [title, setTitle] = useState('')
  const { busy, refusal, run } = useSubmit()
  const put = async (of: string, body: unknown) => {
    client.setQueryData(keys.tender(tender.id), await api.put<Tender>(`/tenders/${tender.id}/notices/${encodeURIComponent(of)}`, body))
    void client.invalidateQueries({ queryKey: ['estimate'] })
  }
  const add = async () => {
    await put(number.trim(), { date, title })
    setNumber('')
    setTitle('')
  }
  const mark = async (of: string, state: NoticeState) => {
    try {
      await put(of, { state })
    } catch (error) {
      toast.refused(`Notice ${of} stays as it is`, error)
    }
  }
  return (
    <section id="notices" aria-labelledby="notices-title" className="overflow-hidden rounded-lg border border-line bg-pane">
      <h2 id="notices-title" className="px-4 pt-3 pb-1 text-base font-semibold">Notices to tenderers</h2>
      {tender.course.notices.length === 0 ? <p className="px-4 pb-2 text-ink2">None yet. Each must be incorporated or not applicable before the price is submitted.</p> : (
        <table className="table">
          <thead><tr><th>Number</th><th>Date</th><th className="w-full">What it says</th><th>State</th></tr></thead>
          <tbody>
            {tender.course.notices.map((notice) => (
              <tr key={notice.number}>
                <td className="whitespace-nowrap">{notice.number}</td><td className="whitespace-nowrap tabular-nums">{notice.date}</td>
                <td>{notice.title}{notice.movedClosing && <span className="text-ink2"> (moved the closing time)</span>}</td>
                <td className="whitespace-nowrap">{!edits ? NOTICE_NAMES[notice.state] : <Select aria-label={`State of notice ${notice.number}`} className="w-36" value={notice.state} onChange={(event) => void mark(notice.number, event.target.value as NoticeState)}>{NOTICE_STATES.map((state) => <option key={state} value={state}>{NOTICE_NAMES[state]}</option>)}</Select>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {edits && <form className="grid grid-cols-[6rem_9rem_1fr_auto] items-end gap-2 border-t border-line px-4 py-3" onSubmit={(event) => run(add, event)}>
        <Field label="Number"><TextInput required value={number} onChange={(event) => setNumber(event.target.value)} /></Field>
        <Field label="Date"><TextInput required type="date" value={date} onChange={(event) => setDate(event.target.value)} /></Field>
        <Field label="What it says"><TextInput value={title} onChange={(event) => setTitle(event.target.value)} /></Field>
        <Button type="submit" icon="plus" busy={busy} disabled={number.trim() === '' || date === ''}>Add notice</Button>
        {refusal && <p role="alert" className="col-span-4 text-bad">{refusal}</p>}
      </form>}
    </section>
  )
}
