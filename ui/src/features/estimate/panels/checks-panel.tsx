import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Skeleton } from '~/ui/bits'
import { cx } from '~/ui/cx'
import { groupAmounts } from '~/ui/decimal'
import { Icon } from '~/ui/icons'
import { ProblemPanel } from '~/ui/problem'
import { count } from '~/ui/words'
import { useEstimateSession } from '../model/context'
import { checksQuery } from '../model/session'
import { useWorkspaceStill } from '../model/workspace-context'

/** Broken rules and what is still to price; each leads to its place. */
export function ChecksPanel() {
  const session = useEstimateSession()
  const workspace = useWorkspaceStill()
  const checks = useQuery(checksQuery(session.estimateId))
  if (checks.isError) return <ProblemPanel error={checks.error} retry={() => void checks.refetch()} />
  if (!checks.data) return <div className="grid gap-2 p-4">{[0, 1, 2].map((at) => <Skeleton key={at} className="h-6" />)}</div>
  const { items, counts } = checks.data
  if (items.length === 0) {
    return (
      <div className="px-6 py-12 text-center">
        <span className="mx-auto mb-2 grid size-9 place-items-center rounded-full bg-good2 text-good"><Icon name="check" /></span>
        <h2 className="font-semibold">Nothing to settle</h2>
        <p className="text-ink2">No rule is broken and every item is priced.</p>
      </div>
    )
  }
  return (
    <section aria-label="Checks" className="min-h-0 flex-1 overflow-y-auto">
      <h2 className="px-4 pt-3 pb-1 text-2xs font-medium text-ink3">
        {counts.rules > 0 && `${count(counts.rules, 'rule')} broken`}{counts.rules > 0 && counts.warnings > 0 && ' · '}{counts.warnings > 0 && count(counts.warnings, 'warning')}
      </h2>
      <ul>
        {items.map((check, index) => (
          <li key={`${check.code}-${check.nodeId ?? index}-${index}`} className="flex items-center border-b border-line2">
            <button
              type="button" disabled={!check.nodeId} onClick={() => { if (check.nodeId) void workspace.goTo(check.nodeId) }}
              className="flex min-w-0 flex-1 items-start gap-2 px-4 py-2 text-left -outline-offset-2! transition-colors hover:bg-acc2"
            >
              <Icon name={check.severity === 'rule' ? 'warning' : 'info'} size={14} className={cx('mt-0.5 shrink-0', check.severity === 'rule' ? 'text-bad' : 'text-warn')} />
              <span className="min-w-0 flex-1">{groupAmounts(check.message)}</span>
            </button>
            {check.rule && <Link to="/rules" hash={check.rule} className="px-4 font-mono text-2xs text-ink3 hover:text-acc hover:underline">{check.rule}</Link>}
          </li>
        ))}
      </ul>
      {checks.data.nextCursor && <p className="px-4 py-2 text-ink3">and more: settle these first</p>}
    </section>
  )
}
