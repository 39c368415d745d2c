import { useQuery } from '@tanstack/react-query'
import { type PointerEvent, Suspense, lazy, useRef, useState } from 'react'
import { commentsQuery } from '~/api/queries'
import { Spinner } from '~/ui/bits'
import { IconButton } from '~/ui/button'
import { cx } from '~/ui/cx'
import { useEstimateSession } from '../model/context'
import { checksQuery } from '../model/session'
import { useWorkspace } from '../model/workspace-context'
import type { Panel } from '../workspace'
import { ChecksPanel } from './checks-panel'
import { HistoryPanel } from './history-panel'

const CommentsPanel = lazy(() => import('~/features/comments/comments-panel'))
const FilesPanel = lazy(() => import('~/features/attachments/files-panel'))
const WorksheetPanel = lazy(() => import('../worksheet/worksheet-panel'))

const WIDTH_KEY = 'oxflow.panelWidth'
const WIDTH_DEFAULT = 400
const WIDTH_MIN = 320
const WIDTH_MAX = 900

function storedWidth(): number {
  const width = Number(localStorage.getItem(WIDTH_KEY) ?? WIDTH_DEFAULT)
  return Number.isFinite(width) ? Math.max(WIDTH_MIN, Math.min(WIDTH_MAX, width)) : WIDTH_DEFAULT
}

/** Worksheet, checks and history of the selected row; beside the grid, over it on narrow screens. */
export function SidePanel() {
  const session = useEstimateSession()
  const workspace = useWorkspace()
  const checks = useQuery(checksQuery(session.estimateId))
  const comments = useQuery(commentsQuery(session.estimateId))
  const said = comments.data?.items.filter((comment) => comment.itemId === workspace.activeId).length ?? 0
  const [width, setWidth] = useState(storedWidth)
  const start = useRef<{ x: number; width: number } | null>(null)
  const open = (checks.data?.counts.rules ?? 0) + (checks.data?.counts.warnings ?? 0)

  const resize = (next: number) => {
    const clamped = Math.max(WIDTH_MIN, Math.min(WIDTH_MAX, Math.round(next)))
    setWidth(clamped)
    localStorage.setItem(WIDTH_KEY, String(clamped))
  }
  const onMove = (event: PointerEvent) => { if (start.current) resize(start.current.width + start.current.x - event.clientX) }

  const tabs: { id: Panel; label: string; note?: string }[] = [
    { id: 'worksheet', label: 'Worksheet' }, { id: 'checks', label: 'Checks', ...(open ? { note: open.toLocaleString('en-NZ') } : {}) }, { id: 'history', label: 'History' },
    { id: 'comments', label: 'Comments', ...(said ? { note: said.toLocaleString('en-NZ') } : {}) },
    { id: 'files', label: 'Files' },
  ]
  return (
    <aside
      aria-label="Details of the row" style={{ width: `min(${width}px, calc(100vw - 4rem))` }}
      className="absolute inset-y-0 right-0 z-20 flex shrink-0 flex-col border-l border-line bg-pane max-xl:shadow-pop xl:static"
    >
      {/* eslint-disable jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/no-noninteractive-tabindex -- a splitter is a focusable separator */}
      <div
        role="separator" aria-orientation="vertical" aria-label="Width of the panel" aria-valuenow={width} aria-valuemin={WIDTH_MIN} aria-valuemax={WIDTH_MAX} tabIndex={0}
        className="absolute inset-y-0 -left-1 z-10 w-2 cursor-col-resize touch-none hover:bg-acc/30"
        onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); start.current = { x: event.clientX, width } }}
        onPointerMove={onMove} onPointerUp={() => { start.current = null }} onDoubleClick={() => resize(WIDTH_DEFAULT)}
        onKeyDown={(event) => { if (event.key === 'ArrowLeft') resize(width + 20); if (event.key === 'ArrowRight') resize(width - 20) }}
      />
      {/* eslint-enable jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/no-noninteractive-tabindex */}
      <div className="flex h-[30px] shrink-0 items-stretch border-b border-line px-4">
        <div role="tablist" aria-label="Panel" className="flex min-w-0 flex-1 items-stretch gap-4 overflow-x-auto overflow-y-hidden">
          {tabs.map((tab) => (
            <button
              key={tab.id} type="button" role="tab" id={`tab-${tab.id}`} aria-controls="side-panel" aria-selected={workspace.panel === tab.id} onClick={() => workspace.set({ panel: tab.id })}
              className={cx('shrink-0 text-xs -outline-offset-2!', workspace.panel === tab.id ? 'font-medium text-ink shadow-[inset_0_-2px_var(--acc)]' : 'text-ink2 hover:text-ink')}
            >
              {tab.label}{tab.note && <span className="ml-1 font-normal text-ink3">{tab.note}</span>}
            </button>
          ))}
        </div>
        <IconButton icon="close" label="Close the panel" className="-mr-2 self-center" onClick={() => { workspace.set({ panelOpen: false }); workspace.focusGrid() }} />
      </div>
      <div id="side-panel" role="tabpanel" aria-labelledby={`tab-${workspace.panel}`} className="flex min-h-0 flex-1 flex-col contain-strict">
        {workspace.panel === 'checks' ? <ChecksPanel /> : workspace.panel === 'history' ? <HistoryPanel /> : (
          <Suspense fallback={<div className="grid place-items-center p-8"><Spinner /></div>}>{workspace.panel === 'comments' ? <CommentsPanel /> : workspace.panel === 'files' ? <FilesPanel /> : <WorksheetPanel />}</Suspense>
        )}
      </div>
    </aside>
  )
}
