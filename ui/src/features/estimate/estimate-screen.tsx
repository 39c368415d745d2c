import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Suspense, lazy, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { estimateQuery, tenderQuery, unitsQuery } from '~/api/queries'
import { rememberEstimate } from '~/app/last-estimate'
import { Page } from '~/app/page'
import { Chip, Spinner } from '~/ui/bits'
import { Button, IconButton } from '~/ui/button'
import { formatDayTime, timeLeft } from '~/ui/dates'
import { Menu } from '~/ui/menu'
import { isReadOnly, may, readOnlyWords, useRole } from '~/app/rights'
import { toast } from '~/ui/toast'
import { COLUMNS } from './columns'
import { chordOf, commandFor } from './commands'
import { BulkDialog } from './dialogs/bulk-dialog'
import { CategoryFilter } from './category-filter'
import { DeleteDialog } from './dialogs/delete-dialog'
import { ReplaceDialog } from './dialogs/replace-dialog'
import { ShortcutsDialog } from './dialogs/shortcuts-dialog'
import { EmptyEstimate } from './empty-estimate'
import { FindBar } from './find-bar'
import { TreeGrid } from './grid/tree-grid'
import { HeaderActions } from './header'
import { EstimateSessionProvider, useEstimateSession } from './model/context'
import { leftAt, noteLeaving } from './model/left'
import { WorkspaceProvider, useWorkspace } from './model/workspace-context'
import { EstimateChips, ReadOnlyNote, tenderCrumb } from './page-parts'
import { Palette } from './palette'
import { EstimateTabs } from './estimate-tabs'
import { SidePanel } from './panels/side-panel'
import { runCommand } from './run-command'
import { TotalsBar } from './totals-bar'
import { useColumns } from './use-columns'

const VariablesDialog = lazy(() => import('./dialogs/variables-dialog'))
const RepriceDialog = lazy(() => import('./dialogs/reprice-dialog'))
const ConflictDialog = lazy(() => import('./dialogs/conflict-dialog'))
const TakeOverDialog = lazy(() => import('./dialogs/take-over-dialog'))
const SinceYouLeft = lazy(() => import('./since-you-left'))
const PastScreen = lazy(() => import('./past/past-screen'))

export interface EstimateScreenProps {
  estimateId: string
  /** The row to go to when the estimate opens. */
  node: string | undefined
  tab: 'history' | undefined
  /** The commit the history starts at. */
  at: number | undefined
}

export function EstimateScreen(props: EstimateScreenProps) {
  return (
    <EstimateSessionProvider key={props.estimateId} estimateId={props.estimateId}>
      <WorkspaceProvider><Screen {...props} /></WorkspaceProvider>
    </EstimateSessionProvider>
  )
}

/** Commands that work wherever the keyboard is in the estimate. */
const EVERYWHERE = new Set(['palette', 'find', 'filter', 'replace', 'undo', 'redo', 'worksheet', 'checks', 'time-travel'])

function Screen({ estimateId, node, tab, at }: EstimateScreenProps) {
  const session = useEstimateSession()
  const workspace = useWorkspace()
  const navigate = useNavigate()
  const { data: estimate } = useSuspenseQuery(estimateQuery(estimateId))
  const role = useRole()
  const { data: units } = useQuery(unitsQuery)
  const tender = useQuery(tenderQuery(estimate.tenderId))
  const layout = useColumns()
  const columnIds = layout.columns.map((column) => column.id).join()

  useLayoutEffect(() => {
    workspace.leaving = false
    return () => { workspace.leaving = true }
  }, [workspace])
  useEffect(() => { rememberEstimate(estimateId) }, [estimateId])
  const left = useRef(useState(() => leftAt(session))[0])
  useEffect(() => noteLeaving(session), [session])
  useEffect(() => {
    session.onTakenOver = (rowId, by, reason) => {
      const row = session.cachedRow(session.indexOf(rowId))
      toast.bad(`${by} took over ${row?.code || row?.description || 'the row you were on'}`, { detail: `“${reason}” What you were typing is kept in its cell; it can be put in once they have left.`, stayMs: 30_000 })
    }
  }, [session])
  useEffect(() => {
    workspace.openHistory = () => void navigate({ to: '/estimates/$estimateId', params: { estimateId }, search: tab === 'history' ? {} : { tab: 'history' } })
  }, [workspace, navigate, estimateId, tab])
  useEffect(() => { workspace.set({ columns: layout.columns }) }, [workspace, columnIds]) // eslint-disable-line react-hooks/exhaustive-deps -- the list is new on every render; its ids say whether it changed
  useEffect(() => { workspace.set({ units: units?.items ?? [], frozen: isReadOnly(estimate.state, role), frozenWords: readOnlyWords(role), locksRates: may(role, 'decide') }) }, [workspace, units, estimate.state, role])
  const went = useRef<string | null>(null)
  useEffect(() => {
    if (!node || went.current === node || workspace.total === undefined) return
    went.current = node
    void workspace.goTo(node)
  }, [workspace, workspace.total, node])
  useEffect(() => {
    const onLeave = (event: BeforeUnloadEvent) => { if (session.queue.size > 0) event.preventDefault() }
    window.addEventListener('beforeunload', onLeave)
    return () => window.removeEventListener('beforeunload', onLeave)
  }, [session])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || workspace.dialog) return
      const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement
      const command = commandFor(chordOf(event))
      if (!command || !(EVERYWHERE.has(command) || (command === 'shortcuts' && !typing))) return
      if (typing && (command === 'undo' || command === 'redo')) return
      event.preventDefault()
      runCommand(workspace, command)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [workspace])

  const chips = useMemo(() => {
    const left = tender.data?.closingAt ? timeLeft(tender.data.closingAt) : null
    return (
      <>
        <EstimateChips estimate={estimate} />
        {tender.data?.closingAt && <span className="max-2xl:hidden"><Chip look="warn">{left ? `closes ${formatDayTime(tender.data.closingAt)} · ${left}` : `closed ${formatDayTime(tender.data.closingAt)}`}</Chip></span>}
      </>
    )
  }, [estimate, tender.data?.closingAt])

  return (
    <Page
      fixed title={estimate.name} chips={chips} actions={<HeaderActions />}
      crumbs={[tenderCrumb(tender.data)]}
      bar={<Tabs estimateId={estimateId} tab={tab} layout={layout} />}
    >
      {tab === 'history' ? (
        <Suspense fallback={<div className="grid flex-1 place-items-center"><Spinner /></div>}><PastScreen estimateId={estimateId} at={at} layout={layout} /></Suspense>
      ) : (
        <div className="relative flex min-h-0 flex-1">
          <div className="flex min-w-0 flex-1 flex-col">
            {left.current !== null && left.current.lsn < estimate.lsn && <Suspense fallback={null}><SinceYouLeft since={left.current} /></Suspense>}
            {workspace.findOpen && <FindBar />}
            <CategoryFilter />
            <ReadOnlyNote estimate={estimate} what="it" />
            {workspace.total === 0 && estimate.totals.headings + estimate.totals.items === 0 ? <EmptyEstimate /> : <TreeGrid widths={layout.widths} onWidth={layout.setWidth} />}
          </div>
          {workspace.panelOpen && <SidePanel />}
        </div>
      )}
      {tab === undefined && <TotalsBar />}
      <Palette />
      <DeleteDialog />
      <ShortcutsDialog />
      <BulkDialog />
      <ReplaceDialog />
      <Suspense fallback={null}>
        {workspace.dialog?.kind === 'variables' && <VariablesDialog />}
        {workspace.dialog?.kind === 'reprice' && <RepriceDialog />}
        {workspace.dialog?.kind === 'take-over' && <TakeOverDialog {...workspace.dialog} />}
        {session.conflict && <ConflictDialog />}
      </Suspense>
    </Page>
  )
}

function Tabs({ estimateId, tab, layout }: { estimateId: string; tab: 'history' | undefined; layout: ReturnType<typeof useColumns> }) {
  const workspace = useWorkspace()
  return (
    <div className="flex h-9 shrink-0 items-stretch gap-5 border-b border-line bg-pane px-4">
      <EstimateTabs estimateId={estimateId} here={tab ?? 'estimate'} />
      <div className="flex-1" />
      {tab === undefined && (
        <div className="flex items-center gap-1">
          <IconButton icon="history" label="History" tip="The estimate as it was (F9)" onClick={() => runCommand(workspace, 'time-travel')} />
          <Button look="plain" icon="variable" onClick={() => workspace.set({ dialog: { kind: 'variables' } })}><span className="max-xl:sr-only">Variables</span></Button>
          <Menu
            trigger={<Button look="plain" icon="columns"><span className="max-xl:sr-only">Columns</span></Button>}
            items={[
              ...COLUMNS.map((column) => ({ label: column.label, checked: layout.shows(column), disabled: column.id === 'description', onSelect: () => layout.toggle(column) })),
              'separator' as const, { label: 'Reset columns', onSelect: layout.reset },
            ]}
          />
          <IconButton icon="search" label="Find" tip="Find (Ctrl+F)" onClick={() => runCommand(workspace, 'find')} />
          <Menu
            trigger={<IconButton icon="more" label="More" />}
            items={[
              { label: 'Filter rows by category', icon: 'filter', keys: 'Ctrl+Shift+L', onSelect: () => runCommand(workspace, 'filter') },
              { label: 'Find and replace…', icon: 'search', keys: 'Ctrl+H', disabled: workspace.frozen, onSelect: () => runCommand(workspace, 'replace') },
              { label: 'Reprice from the price book…', icon: 'resources', disabled: workspace.frozen, onSelect: () => runCommand(workspace, 'reprice') },
              'separator',
              { label: 'Unfold everything', keys: 'Ctrl+Shift+E', onSelect: () => runCommand(workspace, 'expand-all') },
              { label: 'Fold to top headings', keys: 'Ctrl+Shift+1', onSelect: () => runCommand(workspace, 'collapse-all') },
              'separator',
              { label: 'Keyboard shortcuts', icon: 'keyboard', keys: '?', onSelect: () => runCommand(workspace, 'shortcuts') },
            ]}
          />
          <IconButton icon="panel" label="Panel" tip={workspace.panelOpen ? 'Hide the panel' : 'Show the panel'} aria-pressed={workspace.panelOpen} onClick={() => workspace.set({ panelOpen: !workspace.panelOpen })} />
        </div>
      )}
    </div>
  )
}
