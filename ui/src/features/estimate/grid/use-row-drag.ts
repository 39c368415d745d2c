import { type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react'
import type { Place, Row } from '~/api/types'
import { moveRows } from '../actions'
import type { Workspace } from '../workspace'
import { ROW_HEIGHT_PX } from './windowing'
import { goTo, isRowSelected, wholeRows } from './selection'

export interface DropAt {
  index: number
  where: 'before' | 'after' | 'into'
  depth: number
}

const EDGE_PX = 36
const SCROLL_STEP_PX = 14

/** Where in a row the pointer is: its upper part means before, its lower part after, the middle of what can hold rows means into. */
export function dropWhere(fraction: number, row: Row): DropAt['where'] {
  if (row.kind === 'heading') return fraction < 0.25 ? 'before' : fraction > 0.75 && !row.open ? 'after' : 'into'
  return fraction < 0.5 ? 'before' : 'after'
}

/** Dragging rows by their handle, with a line where they would land. Esc gives up. */
export function useRowDrag(workspace: Workspace, scroller: RefObject<HTMLDivElement | null>) {
  const [drop, setDrop] = useState<DropAt | null>(null)
  const dragging = useRef<Row[] | null>(null)
  const latest = useRef<DropAt | null>(null)
  const pointer = useRef<{ x: number; y: number } | null>(null)

  const show = (at: DropAt | null) => {
    latest.current = at
    setDrop(at)
  }

  const stop = () => {
    dragging.current = null
    pointer.current = null
    show(null)
  }

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => { if (event.key === 'Escape' && dragging.current) { event.stopPropagation(); stop() } }
    window.addEventListener('keydown', onKey, true)
    return () => window.removeEventListener('keydown', onKey, true)
  })

  const hover = () => {
    const at = pointer.current
    const rows = dragging.current
    if (!at || !rows) return
    const target = document.elementFromPoint(at.x, at.y)?.closest<HTMLElement>('[data-index]')
    const index = Number(target?.dataset.index ?? -1)
    const row = index >= 0 ? workspace.session.rowAt(index) : undefined
    if (!target || !row || rows.some((moved) => moved.id === row.id)) return show(null)
    const box = target.getBoundingClientRect()
    show({ index, where: dropWhere((at.y - box.top) / ROW_HEIGHT_PX, row), depth: row.depth })
  }

  const start = (event: PointerEvent, index: number) => {
    if (workspace.frozen || event.button !== 0) return
    event.preventDefault()
    if (!isRowSelected(workspace.selection, index)) workspace.select(wholeRows(goTo(workspace.selection, index, workspace.selection.column)), null)
    workspace.focusGrid()
    const element = event.currentTarget as HTMLElement
    element.setPointerCapture(event.pointerId)
    const origin = { x: event.clientX, y: event.clientY }
    let begun = false
    const onMove = (moved: globalThis.PointerEvent) => {
      pointer.current = { x: moved.clientX, y: moved.clientY }
      if (!begun && Math.abs(moved.clientY - origin.y) + Math.abs(moved.clientX - origin.x) > 4) {
        begun = true
        void workspace.selectedTops().then((rows) => { if (pointer.current) dragging.current = rows })
        scrollAtEdges(scroller.current, pointer, () => dragging.current !== null, hover)
      }
      hover()
    }
    const onUp = () => {
      element.removeEventListener('pointermove', onMove)
      element.removeEventListener('pointerup', onUp)
      element.removeEventListener('pointercancel', onUp)
      const at = latest.current
      const rows = dragging.current
      const row = at && workspace.session.rowAt(at.index)
      stop()
      if (at && rows && row) land(workspace, rows, row, at.where)
    }
    element.addEventListener('pointermove', onMove)
    element.addEventListener('pointerup', onUp)
    element.addEventListener('pointercancel', onUp)
  }

  return { drop, start }
}

function land(workspace: Workspace, rows: Row[], row: Row, where: DropAt['where']): void {
  const place: Place = where === 'into' ? row.open ? 'first' : 'last' : where === 'before' ? { before: row.id } : { after: row.id }
  void moveRows(workspace, rows, where === 'into' ? row.id : (row.parentId ?? null), place)
}

function scrollAtEdges(scroller: HTMLDivElement | null, pointer: RefObject<{ x: number; y: number } | null>, going: () => boolean, moved: () => void): void {
  const step = () => {
    if (!scroller || !pointer.current) return
    const box = scroller.getBoundingClientRect()
    const { y } = pointer.current
    const by = y < box.top + EDGE_PX ? -SCROLL_STEP_PX : y > box.bottom - EDGE_PX ? SCROLL_STEP_PX : 0
    if (by && going()) {
      scroller.scrollTop += by
      moved()
    }
    requestAnimationFrame(step)
  }
  requestAnimationFrame(step)
}
