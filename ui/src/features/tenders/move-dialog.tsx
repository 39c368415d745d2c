import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { OutcomeReason, Tender, TenderState } from '~/api/types'
import { formatMoney } from '~/ui/decimal'
import { FormDialog } from '~/ui/dialog'
import { Checkbox, Field, Select, TextArea, TextInput } from '~/ui/form'
import { useSubmit } from '~/ui/use-submit'
import { TENDER_STATE_NAMES } from '~/ui/words'
import { REASON_NAMES } from './outcome'

const REASONS = Object.keys(REASON_NAMES) as OutcomeReason[]

/** Whether a move asks for more than the state. */
export function needsWords(to: TenderState): boolean {
  return to === 'won' || to === 'lost' || to === 'no-award' || to === 'withdrawn'
}

/** How a tender ended: the revision and price accepted, or the reason and the winning price. */
export function MoveDialog({ tender, to, onClose }: { tender: Tender; to: TenderState; onClose: () => void }) {
  const client = useQueryClient()
  const sent = tender.estimates.filter((one) => one.state === 'submitted')
  const [accepted, setAccepted] = useState(sent[0]?.id ?? '')
  const [price, setPrice] = useState(sent[0]?.submittedTotalEx ?? '')
  const [reason, setReason] = useState<OutcomeReason>('price')
  const [note, setNote] = useState('')
  const [winning, setWinning] = useState('')
  const [unknown, setUnknown] = useState(false)
  const { busy, refusal, clear, run } = useSubmit()
  const won = to === 'won'
  const ready = won ? accepted !== '' && price.trim() !== '' : unknown || winning.trim() !== ''

  const move = async () => {
    const more = won ? { acceptedEstimateId: accepted, acceptedPrice: price.replaceAll(/[$,\s]/g, '') } : { outcome: { reason, note, winningPrice: unknown ? 'unknown' : winning.replaceAll(/[$,\s]/g, '') } }
    client.setQueryData(keys.tender(tender.id), await api.patch<Tender>(`/tenders/${tender.id}`, { version: tender.version, state: to, ...more }))
    void client.invalidateQueries({ queryKey: keys.tenders })
    void client.invalidateQueries({ queryKey: ['estimate'] })
    onClose()
  }
  const end = TENDER_STATE_NAMES[to].toLowerCase()
  return (
    <FormDialog
      width="narrow" className="grid gap-3" title={`${tender.number}: ${end}`} action={`Record as ${end}`}
      busy={busy} disabled={!ready} onClose={onClose} onSubmit={(event) => run(move, event)}
    >
      {won ? (
        <>
          <Field label="Revision accepted">
            <Select value={accepted} onChange={(event) => { setAccepted(event.target.value); setPrice(sent.find((one) => one.id === event.target.value)?.submittedTotalEx ?? '') }}>
              {sent.map((one) => <option key={one.id} value={one.id}>{one.code} revision {one.revision}, {formatMoney(one.submittedTotalEx)}</option>)}
            </Select>
          </Field>
          <Field label="Price accepted, ex GST" hint="A negotiated price needs a revision submitted at it."><TextInput inputMode="decimal" value={price} onChange={(event) => { setPrice(event.target.value); clear() }} /></Field>
        </>
      ) : (
        <>
          <Field label="Reason"><Select value={reason} onChange={(event) => setReason(event.target.value as OutcomeReason)}>{REASONS.map((one) => <option key={one} value={one}>{REASON_NAMES[one]}</option>)}</Select></Field>
          <Field label="Winning price, ex GST"><TextInput inputMode="decimal" disabled={unknown} value={winning} onChange={(event) => { setWinning(event.target.value); clear() }} /></Field>
          <Checkbox label="The winning price is unknown" checked={unknown} onChange={(event) => setUnknown(event.target.checked)} />
          <Field label="Note"><TextArea value={note} onChange={(event) => setNote(event.target.value)} /></Field>
        </>
      )}
      {refusal && <p role="alert" className="text-bad">{refusal}</p>}
    </FormDialog>
  )
}
