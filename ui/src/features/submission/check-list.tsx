import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Submission, SubmissionCheck, SubmissionFinding, Tender } from '~/api/types'
import { useMay } from '~/app/rights'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { groupAmounts } from '~/ui/decimal'
import { Icon } from '~/ui/icons'
import { toast } from '~/ui/toast'
import { FROZEN_STATES } from '~/ui/words'
import { ReasonDialog } from './reason-dialog'
import { submissionQuery } from './queries'

const SHOWN = 20
const VERDICTS = { kept: 'In order', accepted: 'Accepted', broken: 'Open' } as const
const LOOKS = { kept: 'text-good', accepted: 'text-acc', broken: 'text-bad' } as const
/** Rules mended on the commercials screen. */
const COMMERCIAL = ['BR-081', 'BR-085', 'BR-086', 'BR-087']

/** Every rule a submission must keep, open ones first, each with a way to mend or accept what it found. */
export function CheckList({ estimateId, tender, submission }: { estimateId: string; tender: Tender; submission: Submission }) {
  const order = { broken: 0, accepted: 1, kept: 2 }
  const checks = [...submission.checks].sort((a, b) => order[a.verdict] - order[b.verdict])
  const open = checks.filter((check) => check.verdict === 'broken').length
  return (
    <section aria-labelledby="checks" className="min-w-0 self-start overflow-hidden rounded-lg border border-line bg-pane">
      <h2 id="checks" className="px-4 pt-4 pb-3 text-base font-semibold">Checks <span className="font-normal text-ink2">{open === 0 ? 'all in order' : `${open} open`}</span></h2>
      <ul>
        {checks.map((check) => <CheckRow key={check.rule} estimateId={estimateId} tender={tender} check={check} frozen={FROZEN_STATES.includes(submission.state)} />)}
      </ul>
    </section>
  )
}

function CheckRow({ estimateId, tender, check, frozen }: { estimateId: string; tender: Tender; check: SubmissionCheck; frozen: boolean }) {
  const [all, setAll] = useState(false)
  const findings = all ? check.findings : check.findings.slice(0, SHOWN)
  return (
    <li className="border-t border-line px-4 py-2">
      <div className="flex items-baseline gap-2">
        <span className={cx('w-20 shrink-0 text-xs font-medium', LOOKS[check.verdict])}>{VERDICTS[check.verdict]}</span>
        <span className="min-w-0 flex-1" title={check.explanation}>{check.title}</span>
        <span className="text-2xs text-ink3">{check.rule}</span>
      </div>
      {findings.length > 0 && (
        <ul className="mt-1 grid gap-1 pl-22">
          {findings.map((finding, at) => <FindingRow key={finding.objectId ?? at} estimateId={estimateId} tender={tender} check={check} finding={finding} frozen={frozen} />)}
        </ul>
      )}
      {check.findings.length > SHOWN && <button type="button" className="mt-1 pl-22 text-acc hover:underline" onClick={() => setAll(!all)}>{all ? 'Show fewer' : `Show all ${check.findingCount.toLocaleString('en-NZ')}`}</button>}
    </li>
  )
}

function FindingRow({ estimateId, tender, check, finding, frozen }: { estimateId: string; tender: Tender; check: SubmissionCheck; finding: SubmissionFinding; frozen: boolean }) {
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const lead = useMay('decide')
  const edit = async (body: unknown) => {
    await api.post(`/estimates/${estimateId}/edits`, { edits: [body] })
    await client.invalidateQueries({ queryKey: submissionQuery(estimateId).queryKey })
    void client.invalidateQueries({ queryKey: keys.undo(estimateId) })
  }
  const accept = (reason: string) => edit({ op: 'acknowledge', rule: check.rule, objectId: finding.objectId, value: finding.value, reason })
  const withdraw = async (id: string) => {
    try {
      await edit({ op: 'withdraw-acknowledgement', ids: [id] })
    } catch (error) {
      toast.refused('It stays accepted', error)
    }
  }
  const row = finding.acknowledgement
  return (
    <li className="flex items-baseline gap-2">
      <div className="min-w-0 flex-1">
        <p>{groupAmounts(finding.message)}</p>
        {row && <p className="text-xs text-ink2">{finding.accepted ? `Accepted by ${row.by.name}: ${row.reason}` : `${row.by.name} had accepted “${groupAmounts(row.value)}”; it is another now.`}</p>}
      </div>
      {check.rule === 'BR-093'
        ? <Link to="/tenders/$tenderId" params={{ tenderId: tender.id }} hash="notices" className="text-acc hover:underline">Notices</Link>
        : COMMERCIAL.includes(check.rule)
          ? <Link to="/estimates/$estimateId/commercials" params={{ estimateId }} search={{}} className="text-acc hover:underline">Commercials</Link>
          : finding.packageId
            ? <Link to="/estimates/$estimateId/packages/$packageId" params={{ estimateId, packageId: finding.packageId }} search={{}} className="text-acc hover:underline">Package<span className="sr-only"> of {finding.message}</span></Link>
          : finding.objectId && <Link to="/estimates/$estimateId" params={{ estimateId }} search={{ node: finding.objectId }} className="text-acc hover:underline">Show<span className="sr-only"> {finding.message}</span></Link>}
      {check.canBeAccepted && !frozen && lead && (finding.accepted && row
        ? <Button look="plain" onClick={() => void withdraw(row.id)}>Withdraw</Button>
        : <Button onClick={() => setAsking(true)}><Icon name="check" size={12} />Accept</Button>)}
      {asking && <ReasonDialog title="Accept with a reason" description={groupAmounts(finding.message)} label="Reason" action="Accept" onClose={() => setAsking(false)} onSubmit={accept} />}
    </li>
  )
}
