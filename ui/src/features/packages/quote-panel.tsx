import { useState } from 'react'
import type { CompanyQuote, PackageDetail, PackageEdit, QuoteFields } from '~/api/types'
import { Attachments } from '~/features/attachments/attachments'
import { HistoryList } from '~/features/estimate/panels/history-list'
import { fromZonedInput, toZonedInput } from '~/features/tenders/zoned'
import { Chip } from '~/ui/bits'
import { Button, IconButton } from '~/ui/button'
import { formatDayTime } from '~/ui/dates'
import { addDecimal, editableDecimal, formatMoney, readDecimal, subtractDecimal } from '~/ui/decimal'
import { Checkbox, Field, Select, TextArea, TextInput } from '~/ui/form'
import { problemText } from '~/ui/problem'
import { useSubmit } from '~/ui/use-submit'
import { ReadSchedule, ScheduleLink } from './read-schedule'
import { QUOTE_STATE_NAMES, basisOf, invitationText, takesQuotes, unmatched } from './model'

export interface QuotePanelProps {
  estimateId: string
  tenderId: string
  detail: PackageDetail
  quote: CompanyQuote
  readOnly: boolean
  whyNotAward: string | undefined
  zone: string
  signed: string
  edit: (edits: PackageEdit[]) => Promise<unknown>
  onAward: () => void
  onClose: () => void
}

/** One company: its invitation, the basis of its quote, adjustments, lines to be matched, and what can be done with it. */
export function QuotePanel(props: QuotePanelProps) {
  const { detail, quote, readOnly, edit, onClose } = props
  const [history, setHistory] = useState(false)
  const [refusal, setRefusal] = useState<string | null>(null)
  const id = detail.package.id
  const open = !readOnly && takesQuotes(detail.package.state) && quote.state !== 'declined' && quote.state !== 'withdrawn'
  const run = async (one: PackageEdit) => {
    setRefusal(null)
    try {
      await edit([one])
    } catch (error) {
      setRefusal(problemText(error))
    }
  }
  const step = (what: 'decline' | 'withdraw' | 'confirm' | 'uninvite') => void run({ do: what, id, quoteId: quote.id })
  return (
    <>
      <div className="flex items-start gap-2 border-b border-line px-3 py-2">
        <div className="min-w-0 flex-1">
          <h2 className="truncate font-semibold" title={quote.name}>{quote.name}</h2>
          <p className="text-xs text-ink2">{QUOTE_STATE_NAMES[quote.state]}{quote.receivedAt && `, received ${formatDayTime(quote.receivedAt)}`}</p>
        </div>
        <IconButton icon="history" label="History of the quote" aria-pressed={history} onClick={() => setHistory(!history)} />
        <IconButton icon="close" label="Close the panel" onClick={onClose} />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {history ? <HistoryList entity="quote" id={quote.id} estimateId={props.estimateId} lsn={quote.version} /> : (
          <div className="grid gap-4 p-3">
            {refusal && <p role="alert" className="text-bad">{refusal}</p>}
            {quote.problems.length > 0 && <Notes title="It cannot be compared yet" look="bad" notes={quote.problems.map((one) => `${one.rule}: ${one.message}`)} />}
            {quote.against.length > 0 && (detail.package.state === 'comparing' || detail.package.state === 'awarded') && <Notes title="An award has to answer" look="warn" notes={quote.against.map((one) => `${one.rule}: ${one.message}`)} />}
            {quote.outdated && open && <Button icon="check" onClick={() => step('confirm')}>Confirmed for the package as it is now</Button>}
            {quote.state === 'invited' && <Invitation {...props} onStep={step} />}
            {open && <ReadSchedule estimateId={props.estimateId} detail={detail} quote={quote} edit={edit} />}
            {quote.state !== 'invited' && <Basis key={basisOf(quote)} {...props} open={open} />}
            {unmatched(quote).length > 0 && <Matching {...props} open={open} run={run} />}
            {quote.state !== 'invited' && <Adjustments key={JSON.stringify(quote.adjustments)} {...props} open={open} />}
            {quote.state === 'awarded' && !readOnly && <Validity key={quote.validUntil ?? ''} {...props} />}
            <Stated {...props} open={open} run={run} />
            <Attachments tenderId={props.tenderId} place={{ kind: 'quote', holderId: quote.id, estimateId: props.estimateId }} empty="The letter or e-mail it came as: attach it here." title={<h3 className="font-semibold">Files</h3>} />
            <div className="flex flex-wrap gap-2">
              {!readOnly && quote.compared && detail.package.state === 'comparing' && <Button look="primary" why={props.whyNotAward} onClick={props.onAward}>Award…</Button>}
              {open && (quote.state === 'received' || quote.state === 'normalised') && <Button look="danger" onClick={() => step('withdraw')}>Withdrawn by the company</Button>}
            </div>
          </div>
        )}
      </div>
    </>
  )
}

function Notes({ title, look, notes }: { title: string; look: 'bad' | 'warn'; notes: string[] }) {
  return (
    <div className={look === 'bad' ? 'rounded-md bg-bad2 px-3 py-2 text-bad' : 'rounded-md bg-warn2 px-3 py-2 text-warn'}>
      <h3 className="font-medium">{title}</h3>
      <ul className="list-disc pl-4">{notes.map((note) => <li key={note}>{note}</li>)}</ul>
    </div>
  )
}

function Invitation({ estimateId, detail, quote, readOnly, signed, edit, onStep }: QuotePanelProps & { onStep: (what: 'decline' | 'uninvite') => void }) {
  const text = invitationText(detail, signed, detail.package.deadline ? formatDayTime(detail.package.deadline) : null)
  const subject = `Request for quote: ${[detail.package.code, detail.package.name].filter(Boolean).join(' ')}`
  const mail = `mailto:${quote.emails.join(',')}?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(text)}`
  const takes = takesQuotes(detail.package.state)
  return (
    <div className="grid gap-2">
      <Field label={quote.emails.length > 0 ? `E-mail to ${quote.emails.join(', ')}` : 'E-mail (the company has no address yet)'}><TextArea rows={10} readOnly value={text} className="font-mono text-2xs" /></Field>
      <div className="flex flex-wrap gap-2">
        <a href={mail} className="inline-flex h-7 items-center rounded-md border border-edge/60 bg-pane px-2.5 hover:bg-line2">Open in e-mail</a>
        <Button icon="copy" onClick={() => void navigator.clipboard.writeText(text)}>Copy text</Button>
        <ScheduleLink estimateId={estimateId} detail={detail} company={quote.companyId} />
      </div>
      {!readOnly && takes && <Button look="primary" onClick={() => void edit([{ do: 'quote', id: detail.package.id, quoteId: quote.id, set: { gst: 'exclusive', currency: { code: 'NZD' } } }])}>Enter the quote</Button>}
      {!readOnly && !takes && <p className="text-xs text-ink2">Quotes are entered once the package is issued.</p>}
      {!readOnly && <div className="flex gap-2">{takes && <Button onClick={() => onStep('decline')}>Does not quote</Button>}<Button look="danger" onClick={() => onStep('uninvite')}>Take back the invitation</Button></div>}
    </div>
  )
}

function Basis({ detail, quote, zone, edit, open }: QuotePanelProps & { open: boolean }) {
  const [gst, setGst] = useState<'' | 'exclusive' | 'inclusive'>(quote.gst ?? '')
  const [code, setCode] = useState(quote.currency?.code ?? '')
  const [exchange, setExchange] = useState(editableDecimal(quote.currency?.exchange))
  const [received, setReceived] = useState(toZonedInput(quote.receivedAt, zone))
  const [valid, setValid] = useState(toZonedInput(quote.validUntil, zone))
  const [stated, setStated] = useState(editableDecimal(quote.statedTotal))
  const [conforming, setConforming] = useState(quote.conforming)
  const [words, setWords] = useState(quote.qualifications ?? '')
  const { busy, refusal, run } = useSubmit()
  const save = async () => {
    const at = fromZonedInput(received, zone)
    const set: QuoteFields = {
      gst: gst === '' ? null : gst, currency: code.trim() ? { code, ...(exchange.trim() ? { exchange: readDecimal(exchange) ?? exchange } : {}) } : null,
      validUntil: fromZonedInput(valid, zone), statedTotal: stated.trim() ? (readDecimal(stated) ?? stated) : null, conforming, qualifications: words.trim() || null,
      ...(at ? { receivedAt: at } : {}),
    }
    await edit([{ do: 'quote', id: detail.package.id, quoteId: quote.id, version: quote.version, set }])
  }
  return (
    <form noValidate onSubmit={(event) => run(save, event)}>
      <fieldset disabled={!open} className="grid grid-cols-2 gap-2">
        <legend className="mb-1 font-semibold">Basis of the quote</legend>
        <Field label="Figures">
          <Select value={gst} onChange={(event) => setGst(event.target.value as typeof gst)}><option value="">Not stated</option><option value="exclusive">Exclude GST</option><option value="inclusive">Include GST</option></Select>
        </Field>
        <Field label="Currency"><TextInput value={code} maxLength={3} placeholder="NZD" onChange={(event) => setCode(event.target.value.toUpperCase())} /></Field>
        {code.trim() !== '' && code.trim() !== 'NZD' && <Field label={`NZD for one ${code}`} className="col-span-2"><TextInput inputMode="decimal" value={exchange} onChange={(event) => setExchange(event.target.value)} /></Field>}
        <Field label="Received" className="col-span-2"><TextInput type="datetime-local" value={received} onChange={(event) => setReceived(event.target.value)} /></Field>
        <Field label="Valid until" className="col-span-2"><TextInput type="datetime-local" value={valid} onChange={(event) => setValid(event.target.value)} /></Field>
        <Field label="Total the company states" hint="On its own basis" className="col-span-2"><TextInput inputMode="decimal" value={stated} onChange={(event) => setStated(event.target.value)} /></Field>
        <Field label="Qualifications" className="col-span-2"><TextArea rows={2} value={words} onChange={(event) => setWords(event.target.value)} placeholder="What it excludes or makes a condition of" /></Field>
        <Checkbox className="col-span-2" label="Meets the conditions asked for" checked={conforming} onChange={(event) => setConforming(event.target.checked)} />
        {refusal && <p role="alert" className="col-span-2 text-bad">{refusal}</p>}
        {open && <div className="col-span-2"><Button type="submit" busy={busy}>Save basis</Button></div>}
      </fieldset>
    </form>
  )
}

/** An awarded quote may hold longer than it did when it was compared (BR-092); nothing else of it changes. */
function Validity({ detail, quote, zone, edit }: QuotePanelProps) {
  const [valid, setValid] = useState(toZonedInput(quote.validUntil, zone))
  const { busy, refusal, run } = useSubmit()
  const save = () => edit([{ do: 'quote', id: detail.package.id, quoteId: quote.id, version: quote.version, set: { validUntil: fromZonedInput(valid, zone) } }])
  return (
    <form noValidate className="grid gap-2" onSubmit={(event) => run(save, event)}>
      <Field label="The award holds until" hint="The company may let it hold longer." error={refusal}><TextInput type="datetime-local" value={valid} onChange={(event) => setValid(event.target.value)} /></Field>
      <div><Button type="submit" busy={busy} disabled={valid === toZonedInput(quote.validUntil, zone)}>Save validity</Button></div>
    </form>
  )
}

/** Lines of the company that price no member: matched by hand, or set aside (BR-064). */
function Matching({ detail, quote, open, run }: QuotePanelProps & { open: boolean; run: (edit: PackageEdit) => Promise<void> }) {
  const put = (at: number, change: { memberId?: string; setAside?: boolean }) => {
    const lines = quote.lines.map(({ memberId, rate, amount, tag, note, description, setAside }, index) => ({
      description, setAside, ...(memberId ? { memberId } : {}), ...(rate == null ? {} : { rate }), ...(amount == null ? {} : { amount }), ...(tag ? { tag } : {}), ...(note ? { note } : {}), ...(index === at ? change : {}),
    }))
    void run({ do: 'quote', id: detail.package.id, quoteId: quote.id, version: quote.version, set: { lines } })
  }
  return (
    <section aria-label="Lines to match" className="grid gap-1.5">
      <h3 className="font-semibold">Lines to match</h3>
      {quote.lines.map((line, at) => !line.memberId && !line.setAside && (
        <div key={at} className="grid grid-cols-[1fr_auto] gap-2 rounded-md border border-line p-2">
          <p className="col-span-2 truncate" title={line.description}>{line.description || 'A line without words'} <span className="text-ink2">{line.rate ?? line.amount ?? line.tag ?? ''}</span></p>
          <Field hideLabel label={`Member for ${line.description}`}>
            <Select disabled={!open} value="" onChange={(event) => put(at, { memberId: event.target.value })}>
              <option value="">Is for…</option>{detail.members.map((member) => <option key={member.id} value={member.id}>{member.code} {member.description}</option>)}
            </Select>
          </Field>
          <Button disabled={!open} onClick={() => put(at, { setAside: true })}>Set aside</Button>
        </div>
      ))}
    </section>
  )
}

function Adjustments({ detail, quote, edit, open }: QuotePanelProps & { open: boolean }) {
  const [rows, setRows] = useState(() => quote.adjustments.map((one) => ({ reason: one.reason ?? '', figure: one.percent != null ? `${editableDecimal(one.percent)} %` : editableDecimal(one.amount), origin: one.origin })))
  const { busy, refusal, run } = useSubmit()
  const put = (at: number, change: Partial<(typeof rows)[number]>) => setRows((now) => now.map((row, index) => (index === at ? { ...row, ...change } : row)))
  const save = async () => {
    const adjustments = rows.map(({ reason, figure, origin }) => {
      const percent = figure.trim().endsWith('%')
      const text = figure.replace('%', '').trim()
      const number = readDecimal(text) ?? text
      return { reason, origin, ...(percent ? { percent: number } : { amount: number }) }
    })
    await edit([{ do: 'quote', id: detail.package.id, quoteId: quote.id, version: quote.version, set: { adjustments } }])
  }
  if (!open && rows.length === 0) return null
  return (
    <section aria-label="Adjustments" className="grid gap-1.5">
      <h3 className="font-semibold">Adjustments</h3>
      {rows.map((row, at) => (
        <div key={at} className="grid grid-cols-[minmax(0,1fr)_6rem_auto] items-center gap-1.5">
          <Field hideLabel className="col-span-2" label={`Reason of adjustment ${at + 1}`}><TextInput disabled={!open} title={row.reason} placeholder="Why" value={row.reason} onChange={(event) => put(at, { reason: event.target.value })} /></Field>
          <IconButton icon="trash" label={`Remove adjustment ${at + 1}`} disabled={!open} onClick={() => setRows((now) => now.filter((_, index) => index !== at))} />
          <Field hideLabel label={`Whose adjustment ${at + 1} is`}>
            <Select disabled={!open} value={row.origin} onChange={(event) => put(at, { origin: event.target.value as typeof row.origin })}><option value="levelling">Ours, to compare like with like</option><option value="company">The company’s own</option></Select>
          </Field>
          <Field hideLabel label={`Amount or percent of adjustment ${at + 1}`}><TextInput disabled={!open} className="text-right" placeholder="850 or -1.5 %" value={row.figure} onChange={(event) => put(at, { figure: event.target.value })} /></Field>
          <span className="text-right text-ink2">{formatMoney(quote.compared?.adjustments[at])}</span>
        </div>
      ))}
      {refusal && <p role="alert" className="text-bad">{refusal}</p>}
      {open && (
        <div className="flex gap-2">
          <Button icon="plus" onClick={() => setRows((now) => [...now, { reason: '', figure: '', origin: 'levelling' }])}>Add</Button>
          <Button busy={busy} onClick={() => run(save)}>Save adjustments</Button>
        </div>
      )}
    </section>
  )
}

/** The stated total beside what the lines come to, and the way to let the stated one hold (BR-068). */
function Stated({ detail, quote, open, run }: QuotePanelProps & { open: boolean; run: (edit: PackageEdit) => Promise<void> }) {
  const found = quote.against.find((one) => one.rule === 'BR-068')
  if (!found || !quote.statedTotal) return null
  const sum = found.facts?.['sum']
  const off = typeof sum === 'string' ? subtractDecimal(quote.statedTotal, sum) : null
  const plain = quote.gst === 'exclusive' && quote.currency?.code === 'NZD'
  return (
    <section aria-label="Stated total" className="rounded-md border border-warn/50 p-2">
      <p>The company states {formatMoney(quote.statedTotal)}{typeof sum === 'string' && <>; its lines come to {formatMoney(sum)}</>}. <Chip look="warn">BR-068</Chip></p>
      {open && plain && off && (
        <Button className="mt-1.5" onClick={() => void run({ do: 'quote', id: detail.package.id, quoteId: quote.id, version: quote.version, set: { adjustments: [...quote.adjustments, { reason: 'The stated total holds', amount: addDecimal(off, '0'), origin: 'company' }] } })}>
          Let the stated total hold
        </Button>
      )}
      <p className="mt-1 text-xs text-ink2">If the lines hold, say so with the award.</p>
    </section>
  )
}
