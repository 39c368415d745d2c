import { useQuery } from '@tanstack/react-query'
import { type Dispatch, useState } from 'react'
import type { Plan } from '~/api/types'
import { Spinner } from '~/ui/bits'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { formatMoney } from '~/ui/decimal'
import { ProblemPanel } from '~/ui/problem'
import { ProgressBar } from '~/ui/progress'
import { count } from '~/ui/words'
import { type RowFilter, fits, isError, planRequest, unitMapOf } from '../model/mapping'
import type { Wizard, WizardAction } from '../model/wizard'
import { PLAN_ROWS_MAX, planQuery, planRowsQuery } from '../queries'
import { useCommit } from '../use-commit'
import { PlanTable } from './plan-table'
import { ProblemList } from './problem-list'

/** What every row becomes, and what is wrong with it; then whole or nothing. */
export function PreviewStep({ state, send, estimateId }: { state: Wizard; send: Dispatch<WizardAction>; estimateId: string }) {
  const importId = state.file?.id ?? ''
  const first = planRequest(state, estimateId)
  // The first plan names the unknown units; with the units chosen for them it is made once more.
  const base = useQuery({ ...planQuery(importId, first), gcTime: 0 })
  const chosen = base.data && state.layout ? unitMapOf(state.layout, base.data.unknownUnits, state.unitPicks) : null
  const same = chosen !== null && base.data?.unknownUnits.length === 0
  const final = useQuery({ ...planQuery(importId, chosen ? planRequest(state, estimateId, chosen) : null), enabled: chosen !== null && !same })
  const plan = same ? base : final
  const error = base.error ?? plan.error
  const back = () => send({ type: 'go', step: 'units' })
  if (error) return <Framed onBack={back}><ProblemPanel error={error} retry={() => void (base.isError ? base : plan).refetch()} /></Framed>
  if (!plan.data) return <Framed onBack={back}><div className="grid place-items-center p-16"><Spinner label="Working out every row" /></div></Framed>
  return <Planned key={plan.data.planId} plan={plan.data} state={state} importId={importId} estimateId={estimateId} onBack={back} onGone={() => void (same ? base : final).refetch()} />
}

function Framed({ onBack, children }: { onBack: () => void; children: React.ReactNode }) {
  return (
    <>
      <div className="flex-1">{children}</div>
      <div className="flex border-t border-line bg-pane px-4 py-2.5"><Button onClick={onBack}>Back</Button></div>
    </>
  )
}

interface PlannedProps { plan: Plan; state: Wizard; importId: string; estimateId: string; onBack: () => void; onGone: () => void }

function Planned({ plan, state, importId, estimateId, onBack, onGone }: PlannedProps) {
  const { summary } = plan
  const planned = useQuery(planRowsQuery(importId, plan))
  const rows = planned.data?.rows ?? plan.rows
  const [filter, setFilter] = useState<RowFilter>(() => (summary.problems > 0 ? 'problems' : 'all'))
  const commit = useCommit(estimateId, importId, onGone)
  const errors = plan.problems.filter(isError).length
  const changes = summary.added + summary.changed + summary.dropped + (state.mode === 'reimport' ? 0 : summary.headings)
  const filters: { id: RowFilter; label: string; shown: boolean }[] = [
    { id: 'all', label: 'All rows', shown: true }, { id: 'problems', label: 'With problems', shown: summary.problems > 0 },
    { id: 'added', label: 'Added', shown: state.mode === 'reimport' }, { id: 'changed', label: 'Changed', shown: state.mode === 'reimport' },
    { id: 'dropped', label: 'Dropped', shown: state.mode === 'reimport' }, { id: 'skipped', label: 'Left out', shown: true },
  ]
  const busy = commit.state.at === 'sending' || commit.state.at === 'job'
  return (
    <>
      <Summary plan={plan} reimport={state.mode === 'reimport'} errors={errors} />
      <ProblemList plan={plan} />
      <div role="group" aria-label="Show" className="flex flex-wrap gap-1 px-4 py-2">
        {filters.filter((one) => one.shown).map((one) => (
          <button
            key={one.id} type="button" aria-pressed={filter === one.id} onClick={() => setFilter(one.id)}
            className={cx('h-7 rounded-full px-3 text-xs', filter === one.id ? 'bg-acc2 font-medium text-acc' : 'text-ink2 hover:bg-line2')}
          >
            {one.label} <span className="text-ink3">{one.id === 'all' ? (planned.data?.total ?? rows.length).toLocaleString('en-NZ') : rows.filter((row) => fits(row, one.id)).length.toLocaleString('en-NZ')}</span>
          </button>
        ))}
        {planned.data && planned.data.total > PLAN_ROWS_MAX && <span className="self-center text-xs text-ink3">The first {PLAN_ROWS_MAX.toLocaleString('en-NZ')} rows are shown; all are imported.</span>}
      </div>
      {/* A region that scrolls has to be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div role="region" aria-label="Rows of the plan" tabIndex={0} className="min-h-0 flex-1 overflow-auto border-t border-line -outline-offset-2!"><PlanTable key={filter} rows={rows.filter((row) => fits(row, filter))} loading={planned.isPending} empty={rows.length === 0 && (state.layout?.filters.length ?? 0) > 0 ? 'No row has the values of the filters. Go back to the columns and choose others.' : 'No such rows.'} /></div>
      <div className="flex shrink-0 items-center gap-3 border-t border-line bg-pane px-4 py-2.5">
        <Button disabled={busy} onClick={onBack}>Back</Button>
        <div className="min-w-0 flex-1">
          {commit.state.at === 'job' ? <div className="grid gap-0.5"><ProgressBar label="Import" done={commit.state.job.done} total={commit.state.job.total} unit={commit.state.job.unit} /><p role="status" className="text-right text-xs text-ink2">{commit.state.job.message}</p></div>
            : commit.state.at === 'refused' ? <p role="alert" className="text-right text-bad">{commit.state.message}</p>
            : errors > 0 ? <p role="status" className="text-right text-warn">{count(errors, 'problem')} must be put right in the file, the columns or the units first: rows go in whole or not at all.</p> : null}
        </div>
        <Button look="primary" icon="upload" busy={busy} disabled={errors > 0 || changes === 0} onClick={() => void commit.run(plan)}>
          {state.mode === 'reimport' ? `Apply ${count(changes, 'change')}` : `Import ${count(summary.items, 'item')}`}
        </Button>
      </div>
    </>
  )
}

function Summary({ plan: { summary }, reimport, errors }: { plan: Plan; reimport: boolean; errors: number }) {
  const figures: [string, string, string?][] = [
    ['Headings', summary.headings.toLocaleString('en-NZ')], ['Items', summary.items.toLocaleString('en-NZ')],
    ...(reimport ? [['Added', summary.added.toLocaleString('en-NZ')], ['Changed', summary.changed.toLocaleString('en-NZ')], ['Unchanged', summary.unchanged.toLocaleString('en-NZ')], ['Dropped', summary.dropped.toLocaleString('en-NZ'), summary.dropped ? 'text-warn' : '']] as [string, string, string?][] : []),
    ['Problems', summary.problems.toLocaleString('en-NZ'), errors ? 'text-bad' : summary.problems ? 'text-warn' : ''],
    ['Sum of the file, ex GST', formatMoney(summary.total)],
  ]
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-2 px-4 py-3">
      {figures.map(([label, value, look]) => (
        <div key={label}><dt className="text-xs text-ink3">{label}</dt><dd className={cx('text-lg font-semibold', look)}>{value}</dd></div>
      ))}
    </dl>
  )
}
