import { useInfiniteQuery, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, useEffect, useMemo, useState } from 'react'
import { api } from '~/api/client'
import { estimateQuery, keys } from '~/api/queries'
import type { EditResult, EstimateSummary, Moment } from '~/api/types'
import { useMay } from '~/app/rights'
import { ReasonDialog } from '~/features/submission/reason-dialog'
import { EmptyState, Skeleton } from '~/ui/bits'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { formatMoment } from '~/ui/dates'
import { Icon } from '~/ui/icons'
import { ProblemPanel } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { undo } from '../actions'
import { chordOf, commandFor } from '../commands'
import { TreeGrid } from '../grid/tree-grid'
import { SessionProvider, useEstimateSession } from '../model/context'
import { EstimateSession } from '../model/session'
import { WorkspaceProvider, useWorkspace } from '../model/workspace-context'
import { HistoryList } from '../panels/history-list'
import { runCommand } from '../run-command'
import { PastTotals } from '../totals-bar'
import type { useColumns } from '../use-columns'
import { type Copied, copiedOf } from './copied'
import { CostNow } from './cost-now'
import { MomentList } from './moment-list'
import { indexOf, momentsKey, momentsQuery, startOf } from './moments'
import { PastWorksheet } from './past-worksheet'
import { TimeSlider } from './time-slider'

/** How long the slider rests before the estimate of that moment is read, ms. */
const REST_MS = 120

type Layout = ReturnType<typeof useColumns>

/** The estimate as it was at any of its commits: look, compare, copy back, restore, take back. */
export default function PastScreen({ estimateId, at, layout }: { estimateId: string; at: number | undefined; layout: Layout }) {
  const { data: estimate } = useSuspenseQuery(estimateQuery(estimateId))
  const client = useQueryClient()
  const navigate = useNavigate()
  const query = useInfiniteQuery(momentsQuery(estimateId))
  useEffect(() => { void client.invalidateQueries({ queryKey: momentsKey(estimateId) }) }, [client, estimateId, estimate.lsn])
  const newestFirst = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data])
  const leave = () => void navigate({ to: '/estimates/$estimateId', params: { estimateId }, search: {} })
  // What was read of moments before may be without the newest.
  const told = query.data && (query.isFetchedAfterMount || newestFirst.some((moment) => moment.lsn === at))
  const start = told ? startOf(newestFirst, at, estimate.lsn, query.hasNextPage && !query.isFetchNextPageError) : undefined
  const missing = start?.missing === true && newestFirst.length > 1
  useEffect(() => { if (missing) toast.info('No such moment: the newest is shown', { key: 'moment' }) }, [missing])
  const { fetchNextPage, isFetching } = query
  const further = told === true && start === undefined
  useEffect(() => { if (further && !isFetching) void fetchNextPage() }, [further, isFetching, fetchNextPage])

  if (query.isError && !query.data) return <ProblemPanel error={query.error} retry={() => void query.refetch()} />
  if (!start) return <div role="status" aria-label="Reading the history" className="grid gap-2 p-4">{[0, 1, 2, 3].map((one) => <Skeleton key={one} className="h-9" />)}</div>
  const newest = newestFirst[0]
  if (!newest || newestFirst.length < 2) {
    return (
      <EmptyState icon="history" title="Nothing to go back to yet" actions={<Button look="primary" onClick={leave}>Back to the estimate</Button>}>
        {newest ? `This estimate has one commit: ${newest.label}, by ${newest.actor.name}.` : 'No commit of this estimate is kept here.'} Every change from now on is a moment to come back to.
      </EmptyState>
    )
  }
  return (
    <Travel
      key={estimateId} estimateId={estimateId} first={start.lsn} newestFirst={newestFirst} layout={layout} leave={leave}
      older={query.hasNextPage} loadingOlder={query.isFetchingNextPage} onOlder={() => void query.fetchNextPage()}
    />
  )
}

interface TravelProps {
  estimateId: string; first: number; newestFirst: readonly Moment[]; layout: Layout; leave: () => void
  older: boolean; loadingOlder: boolean; onOlder: () => void
}

function Travel(props: TravelProps) {
  const { estimateId, newestFirst, older, loadingOlder, onOlder } = props
  const client = useQueryClient()
  const navigate = useNavigate()
  const moments = useMemo(() => [...newestFirst].reverse(), [newestFirst])
  // Where the slider is, and the moment the rows shown are of: they follow when it rests.
  const [wanted, setWanted] = useState(props.first)
  const session = useMemo(() => {
    const past = new EstimateSession(client, estimateId)
    past.travel(props.first)
    return past
  }, [client, estimateId]) // eslint-disable-line react-hooks/exhaustive-deps -- the first moment is where travel starts only
  const index = indexOf(moments, wanted)
  const moment = moments[index]
  useEffect(() => {
    if (!moment) return
    const timer = setTimeout(() => {
      session.travel(moment.lsn)
      void navigate({ to: '/estimates/$estimateId', params: { estimateId }, search: { tab: 'history', at: moment.lsn }, replace: true })
    }, REST_MS)
    return () => clearTimeout(timer)
  }, [session, navigate, estimateId, moment])
  useEffect(() => { if (index === 0 && older && !loadingOlder) onOlder() }, [index, older, loadingOlder, onOlder])
  if (!moment) return null
  return (
    <SessionProvider session={session}>
      <PresentContext {...props} moments={moments} index={index} moment={moment} onLsn={setWanted} />
    </SessionProvider>
  )
}

interface ShownProps extends TravelProps { moments: readonly Moment[]; index: number; moment: Moment; onLsn: (lsn: number) => void }

/** The workspace of the present stays within reach of the one of the past. */
function PresentContext(props: ShownProps) {
  const present = useWorkspace()
  return <WorkspaceProvider><Shown {...props} present={present} /></WorkspaceProvider>
}

/** Commands that go on as ever while the past is shown, on the estimate as it is now. */
const OF_THE_PRESENT = new Set(['undo', 'redo', 'palette', 'shortcuts', 'time-travel'])
/** Commands that have nothing to act on in the past. */
const NOT_HERE = new Set(['find', 'replace', 'checks', 'history', 'variables', 'reprice'])

function Shown({ estimateId, moments, index, moment, newestFirst, layout, leave, older, loadingOlder, onOlder, onLsn, present }: ShownProps & { present: ReturnType<typeof useWorkspace> }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const session = useEstimateSession()
  const workspace = useWorkspace()
  const { data: now } = useSuspenseQuery(estimateQuery(estimateId))
  const [tab, setTab] = useState<'moments' | 'worksheet' | 'estimate'>('moments')
  const [busy, setBusy] = useState<'copy' | 'take' | null>(null)
  const [restoring, setRestoring] = useState(false)
  const isNow = index === moments.length - 1
  const canEdit = !present.frozen
  const edits = useMay('edit')
  const when = formatMoment(moment.at)
  const asOf = session.asOf ?? moment.lsn
  const { data: then } = useQuery(estimateQuery(estimateId, asOf))
  const empty = then !== undefined && then.totals.headings + then.totals.items === 0

  useEffect(() => {
    workspace.frozenWords = edits ? 'This is how it was: read only. Copy rows back to have them again.' : 'This is how it was: read only.'
    workspace.menu = () => [
      ...(edits ? [{ label: 'Copy back the selected rows', icon: 'copy' as const, disabled: isNow || !canEdit, onSelect: () => void copyRows() }] : []),
      { label: 'Show how it was priced', icon: 'panel', onSelect: () => setTab('worksheet') },
    ]
    if (!workspace.frozen || workspace.columns !== layout.columns) workspace.set({ frozen: true, columns: layout.columns })
  })

  const changed = async (what: 'copy' | 'take', title: string, refused: string, send: () => Promise<EditResult>, same: { title: string; detail?: string }) => {
    setBusy(what)
    try {
      const result = await send()
      present.session.applyResult(result)
      // Undo would take back other work.
      if (!result.made) return void toast.info(same.title, { ...same, key: 'undo' })
      toast.done(title, { key: 'undo', action: { label: 'Undo', run: () => void undo(present) } })
    } catch (error) {
      toast.refused(refused, error)
    } finally {
      setBusy(null)
    }
  }
  const copyBack = (rowIds: string[], { name, without }: Copied, worksheetsOnly: boolean) => changed(
    'copy', `Copied back ${name}${without && `: ${without}`}`, `Refused: copy back ${name}`,
    () => api.post<EditResult>(`/estimates/${estimateId}/copy-back`, { asOf: String(moment.lsn), rowIds, worksheetsOnly }),
    { title: `Nothing differs in ${name}, so nothing was copied back`, ...(without && { detail: `Compared: ${without}.` }) },
  )
  const copyRows = async () => {
    const rows = await workspace.selectedRows()
    if (rows.length > 0) await copyBack(rows.map((row) => row.id), copiedOf(rows), false)
  }
  const takeBack = (of: Moment) => changed('take', `Taken back: ${of.label}`, 'It cannot be taken back', () =>
    api.post<EditResult>(`/estimates/${estimateId}/moments/${of.lsn}/take-back`),
    { title: `Nothing is left of "${of.label}" to take back` })
  const restore = async (reason: string) => {
    const made = await api.post<EstimateSummary>(`/estimates/${estimateId}/restore`, { asOf: String(moment.lsn), reason })
    await client.invalidateQueries({ queryKey: keys.tenders })
    void client.invalidateQueries({ queryKey: keys.estimate(estimateId) })
    toast.done(`Revision ${made.revision} has the rows of ${when}`)
    void navigate({ to: '/estimates/$estimateId', params: { estimateId: made.id }, search: {} })
  }

  // Escape leaves from wherever the keyboard is, and from nowhere too.
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.defaultPrevented || restoring || present.dialog || event.key !== 'Escape') return
      event.preventDefault()
      leave()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  })
  const onKeyDownCapture = (event: KeyboardEvent) => {
    if (restoring) return
    const command = commandFor(chordOf(event))
    if (!command || !(OF_THE_PRESENT.has(command) || NOT_HERE.has(command) || command === 'worksheet')) return
    event.preventDefault()
    event.stopPropagation()
    if (command === 'worksheet') setTab('worksheet')
    else if (OF_THE_PRESENT.has(command)) runCommand(present, command)
  }

  return (
    <div className="flex min-h-0 flex-1 flex-col" onKeyDownCapture={onKeyDownCapture}>
      <section aria-label="History" className="shrink-0 border-b border-line bg-pane">
        <div className={cx('flex items-center gap-2 px-4 py-1.5', isNow ? 'bg-bg text-ink2' : 'bg-warn2 text-warn')}>
          <Icon name="history" size={14} className="shrink-0" />
          <p role="status" className="min-w-0 flex-1 truncate">
            <b className="font-semibold">{isNow ? `As it is now, since ${when}` : `As it was on ${when}: read only`}</b>
            <span> · {moment.actor.name}: {moment.label || moment.command}</span>
          </p>
          <Button look="plain" icon="close" onClick={leave}>Leave <span className="max-lg:hidden">the history (Esc)</span></Button>
        </div>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 pt-2 pb-1">
          <TimeSlider moments={moments} index={index} onIndex={(at) => { const to = moments[at]; if (to) onLsn(to.lsn) }} />
          <div className="flex items-center gap-2 pb-3">
            {edits && <Button icon="copy" busy={busy === 'copy'} disabled={isNow || !canEdit || empty} onClick={() => void copyRows()}>Copy back</Button>}
            <Button disabled={isNow} onClick={() => void navigate({ to: '/estimates/$estimateId/compare', params: { estimateId }, search: { with: estimateId, withAt: moment.lsn } })}>Compare with now</Button>
            {edits && <Button disabled={isNow} onClick={() => setRestoring(true)}>Restore as a revision…</Button>}
          </div>
        </div>
      </section>
      <div className="flex min-h-0 flex-1">
        <div className={cx('flex min-w-0 flex-1 flex-col', !isNow && 'border-l-[3px] border-warn')}>
          {empty ? (
            <div className="flex-1 bg-pane">
              <EmptyState icon="estimate" title={asOf === moments.at(-1)?.lsn ? 'Nothing is in the estimate now' : 'Nothing was in the estimate then'}>Move the slider to a moment when it had rows.</EmptyState>
            </div>
          ) : <TreeGrid widths={layout.widths} onWidth={layout.setWidth} />}
        </div>
        <aside aria-label="Commits and worksheet" className="flex w-80 shrink-0 flex-col border-l border-line bg-pane max-xl:w-60">
          <div role="tablist" aria-label="Panel" className="flex h-[30px] shrink-0 items-stretch gap-4 border-b border-line px-4">
            {([['moments', 'Commits'], ['worksheet', 'Worksheet'], ['estimate', 'Estimate']] as const).map(([id, label]) => (
              <button
                key={id} type="button" role="tab" id={`past-${id}`} aria-controls="past-panel" aria-selected={tab === id} onClick={() => setTab(id)}
                className={cx('text-xs -outline-offset-2!', tab === id ? 'font-medium text-ink shadow-[inset_0_-2px_var(--acc)]' : 'text-ink2 hover:text-ink')}
              >{label}</button>
            ))}
          </div>
          <div id="past-panel" role="tabpanel" aria-labelledby={`past-${tab}`} className="flex min-h-0 flex-1 flex-col">
            {tab === 'moments' ? (
              <MomentList
                moments={newestFirst} lsn={moment.lsn} canEdit={canEdit} busy={busy === 'take'} older={older} loadingOlder={loadingOlder}
                onShow={onLsn} onTakeBack={(of) => void takeBack(of)} onOlder={onOlder}
              />
            ) : tab === 'estimate' ? (
              <div className="min-h-0 flex-1 overflow-y-auto"><HistoryList entity="estimate" id={estimateId} estimateId={estimateId} lsn={now.lsn} /></div>
            ) : <PastWorksheet canEdit={canEdit && !isNow} busy={busy === 'copy'} onCopyBack={(id, name) => void copyBack([id], { name: `the worksheet of ${name}`, without: '' }, true)} />}
          </div>
        </aside>
      </div>
      <PastTotals estimateId={estimateId} asOf={asOf} now={now.totals} isNow={isNow} />
      {!isNow && <CostNow estimateId={estimateId} asOf={asOf} now={now.totals} />}
      {restoring && (
        <ReasonDialog
          title="Restore as a new revision" label="Why" action="Restore"
          description={`The next revision gets the rows, rules and packages of ${when}. Nothing of the history changes, and it must come to the cent to what was stored then.`}
          onClose={() => setRestoring(false)} onSubmit={restore}
        />
      )}
    </div>
  )
}
