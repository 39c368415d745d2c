import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { keys } from '~/api/queries'
import type { Check, Warning } from '~/api/types'
import { ReasonDialog } from '~/features/submission/reason-dialog'
import { Skeleton } from '~/ui/bits'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { formatDay } from '~/ui/dates'
import { groupAmounts } from '~/ui/decimal'
import { Icon } from '~/ui/icons'
import { ProblemPanel } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { count } from '~/ui/words'
import { useEstimateSession } from '../model/context'
import { checksQuery, dismissedQuery } from '../model/session'
import { useWorkspaceStill } from '../model/workspace-context'

/** Broken rules and what is still to price; each leads to its place. */
export function ChecksPanel() {
  const session = useEstimateSession()
  const workspace = useWorkspaceStill()
  const checks = useQuery(checksQuery(session.estimateId))
  const [asking, setAsking] = useState<Check | null>(null)
  const dismiss = async ({ code, nodeId, priceBookId, value }: Check, reason: string) => {
    const objectId = nodeId ?? priceBookId
    if (!objectId || value == null) return
    // Only warnings have a value, and their codes are what can be dismissed.
    await session.submit([{ op: 'dismiss-check', code: code as Warning, objectId, value, reason }])
    await session.client.invalidateQueries({ queryKey: keys.checks(session.estimateId) })
  }
  if (checks.isError) return <ProblemPanel error={checks.error} retry={() => void checks.refetch()} />
  if (!checks.data) return <div className="grid gap-2 p-4">{[0, 1, 2].map((at) => <Skeleton key={at} className="h-6" />)}</div>
  const { items, counts } = checks.data
  return (
    <section aria-label="Checks" className="min-h-0 flex-1 overflow-y-auto">
      {items.length === 0 && (
        <div className="px-6 py-12 text-center">
          <span className="mx-auto mb-2 grid size-9 place-items-center rounded-full bg-good2 text-good"><Icon name="check" /></span>
          <h2 className="font-semibold">Nothing to settle</h2>
          <p className="text-ink2">Every item is priced and no row breaks a rule.</p>
        </div>
      )}
      {items.length > 0 && <h2 className="px-4 pt-3 pb-1 text-2xs font-medium text-ink3">
        {counts.rules > 0 && `${count(counts.rules, 'rule')} broken`}{counts.rules > 0 && counts.warnings > 0 && ' · '}{counts.warnings > 0 && count(counts.warnings, 'warning')}
      </h2>}
      {checks.data.stillReading && <p role="status" className="px-4 pb-1 text-xs text-ink3">Past tenders are still being read: unusual rates and shares are told in a moment.</p>}
      <ul>
        {items.map((check, index) => (
          <li key={`${check.code}-${check.nodeId ?? index}-${index}`} className="flex items-center border-b border-line2">
            <Place check={check} className="flex min-w-0 flex-1 items-start gap-2 px-4 py-2 text-left -outline-offset-2! transition-colors hover:bg-acc2">
              <Icon name={check.severity === 'rule' ? 'warning' : 'info'} size={14} className={cx('mt-0.5 shrink-0', check.severity === 'rule' ? 'text-bad' : 'text-warn')} />
              <span className="min-w-0 flex-1">{groupAmounts(check.message)}</span>
            </Place>
            {check.severity === 'warning' && !workspace.frozen && (
              <Button look="plain" className="mr-2 shrink-0" aria-label={`Dismiss: ${groupAmounts(check.message)}`} onClick={() => setAsking(check)}>Dismiss</Button>
            )}
            {check.rule && <Link to="/rules" hash={check.rule} className="px-4 font-mono text-2xs text-ink3 hover:text-acc hover:underline">{check.rule}</Link>}
          </li>
        ))}
      </ul>
      {checks.data.nextCursor && <p className="px-4 py-2 text-ink3">and more: settle these first</p>}
      <p className="px-4 py-2 text-xs text-ink2">Price, packages, quotes and notices are checked under <Link to="/estimates/$estimateId/submission" params={{ estimateId: session.estimateId }} className="text-acc underline underline-offset-2">Submission</Link>.</p>
      {counts.dismissed > 0 && <Dismissed total={counts.dismissed} />}
      {asking && (
        <ReasonDialog
          title="Dismiss this warning" description={groupAmounts(asking.message)} label="Why it is fine" action="Dismiss" onClose={() => setAsking(null)}
          onSubmit={(reason) => dismiss(asking, reason)}
        />
      )}
    </section>
  )
}

/** The way to what a check is about: a row of the grid, or what a price book holds unused. */
function Place({ check, className, children }: { check: Check; className: string; children: ReactNode }) {
  const workspace = useWorkspaceStill()
  const { nodeId, priceBookId } = check
  if (priceBookId) return <Link to="/resources" search={{ book: priceBookId, state: 'unused' }} className={className}>{children}</Link>
  return <button type="button" disabled={!nodeId} className={className} onClick={() => { if (nodeId) void workspace.goTo(nodeId) }}>{children}</button>
}

/** What was dismissed, with who did it and why; each can be listed again. */
function Dismissed({ total }: { total: number }) {
  const session = useEstimateSession()
  const workspace = useWorkspaceStill()
  const [open, setOpen] = useState(false)
  const dismissed = useQuery({ ...dismissedQuery(session.estimateId), enabled: open })
  const restore = async (id: string) => {
    try {
      await session.submit([{ op: 'restore-check', ids: [id] }])
      await session.client.invalidateQueries({ queryKey: keys.checks(session.estimateId) })
    } catch (error) {
      toast.refused('The warning stays dismissed', error)
    }
  }
  return (
    <section aria-label="Dismissed" className="border-b border-line2">
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex h-8 w-full items-center gap-1.5 px-4 text-2xs font-medium text-ink3 -outline-offset-2! hover:text-ink">
        <Icon name="chevronRight" size={10} strokeWidth={2} className={cx('transition-transform', open && 'rotate-90')} />
        Dismissed · {total.toLocaleString('en-NZ')}
      </button>
      {open && dismissed.isError && <ProblemPanel error={dismissed.error} retry={() => void dismissed.refetch()} />}
      {open && (
        <ul>
          {dismissed.data?.items.map((check) => check.dismissed && (
            <li key={check.dismissed.id} className="flex items-center border-t border-line2">
              <Place check={check} className="min-w-0 flex-1 px-4 py-2 text-left -outline-offset-2! transition-colors hover:bg-acc2">
                <span className="text-ink2">{groupAmounts(check.message)}</span>
                <span className="block text-xs text-ink3">{check.dismissed.reason} · {check.dismissed.by.name}, {formatDay(check.dismissed.at)}</span>
              </Place>
              {!workspace.frozen && <Button look="plain" className="mr-2 shrink-0" aria-label={`List again: ${groupAmounts(check.message)}`} onClick={() => { if (check.dismissed) void restore(check.dismissed.id) }}>List again</Button>}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
