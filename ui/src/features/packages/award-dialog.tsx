import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { CompanyQuote, PackageDetail } from '~/api/types'
import { useEstimateSession } from '~/features/estimate/model/context'
import { Spinner } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatMoney, subtractDecimal } from '~/ui/decimal'
import { Dialog } from '~/ui/dialog'
import { Field, TextArea, TextInput } from '~/ui/form'
import { problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { effectQuery, editPackages } from './queries'

/** Choosing a quote: what speaks against it, what it does to the estimate, and taking it over. */
export function AwardDialog({ estimateId, detail, quote, onClose }: { estimateId: string; detail: PackageDetail; quote: CompanyQuote; onClose: () => void }) {
  const session = useEstimateSession()
  const effect = useQuery(effectQuery(estimateId, detail.package.id, quote.id))
  const [reason, setReason] = useState('')
  const [accept, setAccept] = useState<Record<string, string>>({})
  const [refusal, setRefusal] = useState<string | null>(null)
  const [busy, setBusy] = useState<'award' | 'transfer' | null>(null)
  const awarded = detail.package.state === 'awarded'
  const held = new Set(detail.rounds.find((round) => round.round === detail.round)?.award?.accepted.map((one) => one.value))
  const open = quote.against.filter((one) => !(awarded && held.has(one.message)) && !(awarded && one.rule === 'BR-071'))
  const needsReason = open.some((one) => one.rule === 'BR-071')
  const missing = (needsReason && !reason.trim()) || open.some((one) => one.acceptable && !accept[one.rule]?.trim()) || open.some((one) => !one.acceptable && one.rule !== 'BR-071')

  const run = async (transfer: boolean) => {
    setBusy(transfer ? 'transfer' : 'award')
    setRefusal(null)
    const id = detail.package.id
    const accepted = open.filter((one) => one.acceptable).map((one) => ({ rule: one.rule, reason: accept[one.rule] ?? '' }))
    try {
      await editPackages(session, [
        ...(awarded ? [] : [{ do: 'award' as const, id, quoteId: quote.id, reason: reason.trim() || null, accept: accepted }]),
        ...(transfer ? [{ do: 'transfer' as const, id, accept: awarded ? accepted : [] }] : []),
      ])
      toast.done(transfer ? `The award to ${quote.name} is in the estimate` : `Awarded to ${quote.name}`)
      onClose()
    } catch (error) {
      setRefusal(problemText(error))
    } finally {
      setBusy(null)
    }
  }
  const data = effect.data
  return (
    <Dialog
      open onOpenChange={(next) => { if (!next) onClose() }} title={awarded ? `Transfer the award to ${quote.name}` : `Award to ${quote.name}`} width="wide"
      description={`${formatMoney(quote.compared?.awardTotal)} ex GST, adjustments included; ${formatMoney(quote.compared?.comparisonTotal)} as compared.`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          {!awarded && <Button busy={busy === 'award'} disabled={missing || busy !== null} onClick={() => void run(false)}>Award only</Button>}
          <Button look="primary" busy={busy === 'transfer'} disabled={missing || busy !== null} onClick={() => void run(true)}>{awarded ? 'Transfer' : 'Award and transfer'}</Button>
        </>
      }
    >
      {needsReason && <Field label="Why this quote and not the lowest" className="mb-3"><TextArea rows={2} value={reason} onChange={(event) => setReason(event.target.value)} /></Field>}
      {open.filter((one) => one.rule !== 'BR-071').map((one) => (
        <div key={one.rule} className="mb-2 rounded-md border border-warn/50 bg-warn2 px-3 py-2">
          <p className="text-warn"><b className="font-medium">{one.rule}</b> {one.message}</p>
          {one.acceptable && <Field hideLabel label={`Why ${one.rule} is accepted`} className="mt-1.5"><TextInput placeholder="Accepted because…" value={accept[one.rule] ?? ''} onChange={(event) => setAccept((now) => ({ ...now, [one.rule]: event.target.value }))} /></Field>}
        </div>
      ))}
      <h3 className="mt-1 mb-1 font-semibold">Effect on the estimate</h3>
      {effect.isError ? <p role="alert" className="text-bad">{problemText(effect.error)}</p> : !data ? <Spinner /> : (
        <>
          <div className="max-h-60 overflow-y-auto rounded-md border border-line">
            <table className="table">
              <thead><tr><th className="w-full">Member</th><th className="num">Now</th><th className="num">After</th><th className="num">Change</th></tr></thead>
              <tbody>
                {data.members.map((one) => {
                  const member = detail.members.find((other) => other.id === one.id)
                  return (
                    <tr key={one.id}>
                      <td className="max-w-0 truncate" title={member?.description}>{member?.code} {member?.description}{one.plug && <span className="text-warn"> on a plug</span>}</td>
                      <td className="num">{formatMoney(one.before)}</td><td className="num">{formatMoney(one.after)}</td><td className="num text-ink2">{formatMoney(subtractDecimal(one.after, one.before))}</td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
          </div>
          <dl className="mt-2 grid grid-cols-[1fr_auto_auto] gap-x-6 gap-y-0.5">
            <dt>Cost of the estimate</dt><dd className="num text-right text-ink2">{formatMoney(data.costBefore)}</dd><dd className="text-right font-medium">{formatMoney(data.costAfter)}</dd>
            {data.priceAfter && <><dt>Price ex GST</dt><dd className="text-right text-ink2">{formatMoney(data.priceBefore)}</dd><dd className="text-right font-medium">{formatMoney(data.priceAfter)}</dd></>}
          </dl>
        </>
      )}
      {refusal && <p role="alert" className="mt-2 text-bad">{refusal}</p>}
    </Dialog>
  )
}
