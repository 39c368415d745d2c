import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { ROW_HEIGHT_PX, type Span, scrollTopFor, spanOf } from './windowing'

const HEAD_HEIGHT_PX = 30
const OVERSCAN_ROWS = 10
/** A jump of the scrollbar asks for rows once it rests this long, or every so often while it runs. */
const SETTLE_MS = 50
const SETTLE_MAX_MS = 150

export interface Viewport {
  span: Span
  /** The span to read from the server: it lags behind a scrollbar in full flight. */
  settled: Span
  /** Whole rows that fit. */
  page: number
  scrollTo: (index: number, align: 'nearest' | 'centre') => void
}

/** What shows of `total` rows in the scroller, kept current while scrolling and resizing. */
export function useViewport(scroller: RefObject<HTMLDivElement | null>, total: number): Viewport {
  const [scrollTop, setScrollTop] = useState(0)
  const [height, setHeight] = useState(600)
  const span = spanOf(scrollTop, height, total, OVERSCAN_ROWS)
  const [settledAt, setSettledAt] = useState(0)
  const lastSettle = useRef(0)
  const wanted = useRef<{ index: number; align: 'nearest' | 'centre' } | null>(null)

  useEffect(() => {
    const element = scroller.current
    if (!element) return
    let frame = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    const settle = () => {
      lastSettle.current = performance.now()
      setSettledAt(element.scrollTop)
    }
    const onScroll = () => {
      if (!frame) frame = requestAnimationFrame(() => { frame = 0; setScrollTop(element.scrollTop) })
      clearTimeout(timer)
      if (performance.now() - lastSettle.current > SETTLE_MAX_MS) settle()
      else timer = setTimeout(settle, SETTLE_MS)
    }
    const observer = new ResizeObserver(() => setHeight(Math.max(ROW_HEIGHT_PX, element.clientHeight - HEAD_HEIGHT_PX)))
    observer.observe(element)
    element.addEventListener('scroll', onScroll, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', onScroll)
      cancelAnimationFrame(frame)
      clearTimeout(timer)
    }
  }, [scroller])

  const scrollTo = useCallback((index: number, align: 'nearest' | 'centre') => {
    const element = scroller.current
    if (!element) return
    const viewport = Math.max(ROW_HEIGHT_PX, element.clientHeight - HEAD_HEIGHT_PX)
    if (index >= total) {
      wanted.current = { index, align }
      return
    }
    const top = scrollTopFor(index, element.scrollTop, viewport, total, align)
    if (top === null) return
    element.scrollTop = top
    setScrollTop(element.scrollTop)
    setSettledAt(element.scrollTop)
  }, [scroller, total])

  // A row asked for before the tree knew it was that long.
  useLayoutEffect(() => {
    const pending = wanted.current
    if (!pending || pending.index >= total) return
    wanted.current = null
    scrollTo(pending.index, pending.align)
  }, [scrollTo, total])

  return { span, settled: spanOf(settledAt, height, total, OVERSCAN_ROWS), page: Math.max(1, Math.floor(height / ROW_HEIGHT_PX) - 1), scrollTo }
}
