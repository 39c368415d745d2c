import { type PointerEvent, useRef } from 'react'
import { cx } from '~/ui/cx'
import { COLUMN_WIDTH_MAX, COLUMN_WIDTH_MIN, type Column } from '../columns'

/** Room for the handle by which rows are dragged and picked, px. */
const GUTTER_PX = 18
/** The flexible column never gets narrower than this, px. */
const FLEXIBLE_MIN_PX = 240

export function gridColumns(columns: readonly Column[], widths: Readonly<Record<string, number>>): string {
  const tracks = columns.map((column) => {
    const width = widths[column.id] ?? column.width
    return column.flexible && widths[column.id] === undefined ? `minmax(${FLEXIBLE_MIN_PX}px, 1fr)` : `${width}px`
  })
  return `${GUTTER_PX}px ${tracks.join(' ')}`
}

/** Below this width the grid scrolls sideways, px. */
export function gridWidth(columns: readonly Column[], widths: Readonly<Record<string, number>>): number {
  return columns.reduce((sum, column) => sum + (widths[column.id] ?? (column.flexible ? FLEXIBLE_MIN_PX : column.width)), GUTTER_PX)
}

export interface GridHeadProps {
  columns: readonly Column[]
  widths: Readonly<Record<string, number>>
  onWidth: (id: string, width: number) => void
}

export function GridHead({ columns, widths, onWidth }: GridHeadProps) {
  return (
    <div role="rowgroup" style={{ display: 'contents' }}>
      <div role="row" aria-rowindex={1} className="grid-head">
        <div role="columnheader" aria-colindex={1}><span className="sr-only">Handle</span></div>
        {columns.map((column, at) => (
          <div key={column.id} role="columnheader" aria-colindex={at + 2} className={cx(column.align)}>
            {column.label}
            <Resizer column={column} width={widths[column.id] ?? column.width} onWidth={onWidth} />
          </div>
        ))}
      </div>
    </div>
  )
}

function Resizer({ column, width, onWidth }: { column: Column; width: number; onWidth: (id: string, width: number) => void }) {
  const start = useRef<{ x: number; width: number } | null>(null)
  const onPointerDown = (event: PointerEvent<HTMLSpanElement>) => {
    event.preventDefault()
    event.stopPropagation()
    event.currentTarget.setPointerCapture(event.pointerId)
    start.current = { x: event.clientX, width: event.currentTarget.parentElement?.offsetWidth ?? width }
  }
  const onPointerMove = (event: PointerEvent<HTMLSpanElement>) => {
    if (!start.current) return
    const next = start.current.width + event.clientX - start.current.x
    onWidth(column.id, Math.max(COLUMN_WIDTH_MIN, Math.min(COLUMN_WIDTH_MAX, Math.round(next))))
  }
  return (
    <span
      className="grid-resize" aria-hidden="true" onPointerDown={onPointerDown} onPointerMove={onPointerMove}
      onPointerUp={() => { start.current = null }} onDoubleClick={() => onWidth(column.id, column.flexible ? 0 : column.width)}
    />
  )
}
