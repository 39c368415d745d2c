import { useQueries, useQuery } from '@tanstack/react-query'
import { type CSSProperties, type PointerEvent, useEffect, useId, useLayoutEffect, useMemo, useRef } from 'react'
import { commentsQuery } from '~/api/queries'
import type { Row } from '~/api/types'
import { ContextMenuArea } from '~/ui/menu'
import { ProblemPanel } from '~/ui/problem'
import { useEstimateSession } from '../model/context'
import { WINDOW_ROWS, windowOf } from '../model/patch'
import { useSellPrices } from '../model/prices'
import { viewKey } from '../model/view'
import { useWorkspace } from '../model/workspace-context'
import { startEdit } from '../actions'
import { onCopy, onCut, onPaste } from '../clipboard'
import { editText } from '../columns'
import { rowMenu } from '../row-menu'
import { GridHead, gridColumns, gridWidth } from './grid-head'
import './grid.css'
import { GridRow, INDENT_PX } from './grid-row'
import { onGridKey, pressAgain } from './keyboard'
import { columnRange, goTo, isRowSelected, pick, rowRange, selectedRowCount, wholeRows } from './selection'
import { useRowDrag } from './use-row-drag'
import { useViewport } from './use-viewport'
import { ROW_HEIGHT_PX } from './windowing'

/** Rows are placed from the start of their thousand, so that no coordinate outgrows what browsers can lay out. */
const BASE_ROWS = 1_000

export function TreeGrid({ widths, onWidth }: { widths: Readonly<Record<string, number>>; onWidth: (id: string, width: number) => void }) {
  const session = useEstimateSession()
  const workspace = useWorkspace()
  const gridId = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const painted = useRef(new Map<number, Row>())
  const { selection, columns, editing } = workspace
  const total = workspace.total ?? 0
  const viewport = useViewport(scroller, total)
  const { span, settled } = viewport
  const drag = useRowDrag(workspace, scroller)

  const windows = useWindows(session, span, settled)
  const known = windows.reduce<number | undefined>((latest, window) => window.data?.total ?? latest, undefined)
  useLayoutEffect(() => {
    if (known !== undefined && known !== workspace.total) workspace.set({ total: known })
    if (known === undefined) return
    pressAgain(workspace, workspace.follow())
    workspace.rowsCame()
  })
  // The grid takes the keyboard unless something else has it: an estimate opens ready to type, and the first row of an empty one loses no key.
  useLayoutEffect(() => { if (document.activeElement === document.body) scroller.current?.focus({ preventScroll: true }) }, [])
  useEffect(() => { workspace.set({ page: viewport.page }) }, [workspace, viewport.page])
  useLayoutEffect(() => {
    workspace.scrollTo = viewport.scrollTo
    workspace.focusGrid = () => scroller.current?.focus({ preventScroll: true })
  })

  const view = viewKey(session.view)
  const [rowFrom, rowTo] = rowRange(selection)
  const [columnFrom, columnTo] = columnRange(selection, columns.length)
  const many = selectedRowCount(selection) > 1 || columnFrom !== columnTo
  const base = Math.floor(span.first / BASE_ROWS) * BASE_ROWS
  const pending = session.overlay()
  const errors = useMemo(() => groupErrors(session.cellErrors), [session.cellErrors])
  const loading = windows.some((window) => window.data === undefined)
  const indexes = Array.from({ length: Math.max(0, span.end - span.first) }, (_, at) => span.first + at)
  const firstWindow = windowOf(span.first)
  const rows = indexes.map((index) => {
    const row = windows[windowOf(index) - firstWindow]?.data?.rows[index % WINDOW_ROWS]
    if (!row) return loading ? painted.current.get(index) : undefined
    return session.adds ? session.withPending(row) : row
  })
  useSellPrices(session, columns, indexes.map((index) => session.cachedRow(index)))
  useEffect(() => {
    // What was painted last stands in while the rows of a new view are on their way.
    if (!loading) painted.current = new Map(rows.flatMap((row, at) => (row ? [[span.first + at, row] as const] : [])))
  })
  const { data: comments } = useQuery({ ...commentsQuery(session.estimateId), enabled: session.asOf === undefined })
  const said = useMemo(() => {
    const counts = new Map<string, number>()
    for (const { itemId } of comments?.items ?? []) counts.set(itemId, (counts.get(itemId) ?? 0) + 1)
    return counts
  }, [comments])
  const failed = windows.find((window) => window.isError && window.data === undefined)
  if (failed) return <div className="flex-1"><ProblemPanel error={failed.error} retry={() => void failed.refetch()} /></div>

  const style = { '--grid-columns': gridColumns(columns, widths), '--grid-width': `${gridWidth(columns, widths)}px` } as CSSProperties
  const activeShown = selection.row >= span.first && selection.row < span.end

  return (
    <ContextMenuArea items={() => workspace.menu?.() ?? rowMenu(workspace)} onClosed={() => { if (!workspace.editing && !workspace.dialog) workspace.focusGrid() }}>
      <div
        ref={scroller} role="treegrid" tabIndex={0} aria-label="Estimate" aria-multiselectable="true" aria-readonly={workspace.frozen || undefined} aria-rowcount={total + 1} aria-colcount={columns.length + 1}
        aria-activedescendant={activeShown && !editing ? `${gridId}-r${selection.row}c${selection.column}` : undefined} aria-busy={loading || undefined}
        className="grid-scroll" style={style} data-view={view}
        onKeyDown={(event) => { if (event.target === event.currentTarget) onGridKey(workspace, event) }}
        onCopy={(event) => onCopy(workspace, event)} onCut={(event) => onCut(workspace, event)} onPaste={(event) => onPaste(workspace, event)}
        onPointerDown={(event) => onPointerDown(event, workspace, drag.start)} onDoubleClick={() => onDoubleClick(workspace)}
      >
        <GridHead columns={columns} widths={widths} onWidth={onWidth} />
        <div role="rowgroup" className="grid-body" style={{ height: span.height }}>
          <div role="presentation" className="grid-canvas" style={{ transform: `translateY(${span.top - (span.first - base) * ROW_HEIGHT_PX}px)` }}>
            {indexes.map((index, at) => {
              const row = rows[at]
              const inRange = (index >= rowFrom && index <= rowTo) || (selection.wholeRows && isRowSelected(selection, index))
              return (
                <GridRow
                  // An element scrolled out is used again for the row that scrolls in.
                  key={index % span.pool} row={row} index={index} top={(index - base) * ROW_HEIGHT_PX} columns={columns} gridId={gridId}
                  active={index === selection.row ? selection.column : -1} from={inRange ? columnFrom : -1} to={inRange ? columnTo : -2}
                  picked={selection.wholeRows && inRange} many={many} editing={row && editing?.id === row.id ? editing.column : null}
                  flash={row && flashOf(session.flashes.get(row.id))} errors={(row && errors.get(row.id)) ?? ''} pending={row ? pending.has(row.id) : false}
                  others={row ? othersOf(session, row.id) : undefined} comments={(row && said.get(row.id)) ?? 0}
                />
              )
            })}
            {drag.drop && (
              <div
                className={drag.drop.where === 'into' ? 'grid-drop into' : 'grid-drop'}
                style={{ top: (drag.drop.index - base + (drag.drop.where === 'after' ? 1 : 0)) * ROW_HEIGHT_PX - (drag.drop.where === 'into' ? 0 : 1), '--drop-indent': `${110 + (drag.drop.depth - 1) * INDENT_PX}px` } as CSSProperties}
              />
            )}
          </div>
        </div>
      </div>
    </ContextMenuArea>
  )
}

type Session = ReturnType<typeof useEstimateSession>

/** The windows that show, and the next one in either direction once the scrollbar rests. */
function useWindows(session: Session, span: { first: number; end: number }, settled: { first: number; end: number }) {
  const from = windowOf(span.first)
  const to = windowOf(Math.max(span.first, span.end - 1))
  const near = [windowOf(settled.first), windowOf(Math.max(settled.first, settled.end - 1))] as const
  const shown = Array.from({ length: to - from + 1 }, (_, at) => from + at)
  const results = useQueries({
    queries: shown.map((index) => ({ ...session.windowQuery(index), enabled: index >= near[0] && index <= near[1] })),
  })
  const view = viewKey(session.view)
  useEffect(() => {
    const timer = setTimeout(() => void session.client.prefetchQuery(session.windowQuery(near[1] + 1)), 120)
    return () => clearTimeout(timer)
  }, [session, near[1], view]) // eslint-disable-line react-hooks/exhaustive-deps -- the tuple is new on every render
  return results
}

function flashOf(flash: { until: number } | undefined) {
  return flash && flash.until > Date.now() ? (flash as NonNullable<ReturnType<Session['flashes']['get']>>) : undefined
}

/** Nothing for a row nobody else is on, so that it is not painted again. */
function othersOf(session: Session, id: string) {
  const others = session.together.of(id)
  return others.holder || others.here.length > 0 ? others : undefined
}

function groupErrors(errors: ReadonlyMap<string, string>): Map<string, string> {
  const grouped = new Map<string, Record<string, string>>()
  for (const [key, message] of errors) {
    const [id = '', column = ''] = key.split(':')
    grouped.set(id, { ...grouped.get(id), [column]: message })
  }
  return new Map([...grouped].map(([id, messages]) => [id, JSON.stringify(messages)]))
}

type WorkspaceNow = ReturnType<typeof useWorkspace>

function hitOf(target: EventTarget, workspace: WorkspaceNow): { index: number; column: number; gutter: boolean; fold: boolean; handle: boolean } | null {
  const element = target instanceof Element ? target : null
  const rowElement = element?.closest<HTMLElement>('[data-index]')
  if (!element || !rowElement) return null
  const cell = element.closest<HTMLElement>('[data-column]')
  return {
    index: Number(rowElement.dataset.index), column: cell ? Number(cell.dataset.column) : workspace.selection.column,
    gutter: element.closest('[data-gutter]') !== null, fold: element.closest('[data-fold]') !== null, handle: element.closest('[data-drag]') !== null,
  }
}

function onPointerDown(event: PointerEvent<HTMLDivElement>, workspace: WorkspaceNow, startDrag: (event: PointerEvent, index: number) => void): void {
  if (event.target instanceof HTMLInputElement) return
  const hit = hitOf(event.target, workspace)
  if (!hit) return
  if (workspace.editing) (document.activeElement as HTMLElement | null)?.blur()
  if (event.button === 2) {
    if (!isRowSelected(workspace.selection, hit.index)) workspace.select(goTo(workspace.selection, hit.index, hit.column), null)
    return
  }
  if (event.button !== 0) return
  if (hit.handle) return startDrag(event, hit.index)
  if (hit.fold) {
    event.preventDefault()
    const row = workspace.session.rowAt(hit.index)
    workspace.select(goTo(workspace.selection, hit.index, hit.column), null)
    workspace.focusGrid()
    if (row) workspace.session.toggle(row)
    return
  }
  if (event.ctrlKey || event.metaKey) return workspace.select(pick(workspace.selection, hit.index, hit.column), null)
  const extended = goTo(workspace.selection, hit.index, hit.column, event.shiftKey)
  workspace.select(hit.gutter ? wholeRows(extended) : extended)
  if (event.pointerType === 'mouse') dragSelect(event, workspace)
}

/** Holding the button and moving extends the block. */
function dragSelect(event: PointerEvent<HTMLDivElement>, workspace: WorkspaceNow): void {
  if (event.shiftKey) event.preventDefault()
  const onMove = (moved: globalThis.PointerEvent) => {
    const hit = moved.target ? hitOf(moved.target, workspace) : null
    if (hit && (hit.index !== workspace.selection.row || hit.column !== workspace.selection.column)) {
      window.getSelection()?.removeAllRanges()
      workspace.select(goTo(workspace.selection, hit.index, hit.column, true))
    }
  }
  const onUp = () => {
    window.removeEventListener('pointermove', onMove)
    window.removeEventListener('pointerup', onUp)
  }
  window.addEventListener('pointermove', onMove)
  window.addEventListener('pointerup', onUp)
}

function onDoubleClick(workspace: WorkspaceNow): void {
  const row = workspace.activeRow
  const column = workspace.activeColumn
  if (row && column && !workspace.editing) startEdit(workspace, 'edit', editText(column, row))
}
