/**
 * Which rows show, by arithmetic: every row has one height, so a tree of a million rows costs no more
 * than one of ten. Browsers cap the height of an element; beyond the cap the scrollbar is scaled.
 */
export const ROW_HEIGHT_PX = 28
/** Under the cap of every browser (about 17.8 million px in Firefox, 33.5 million in Chromium). */
export const SCROLL_HEIGHT_MAX_PX = 12_000_000

export interface Span {
  /** First row to draw. */
  first: number
  /** One past the last row to draw. */
  end: number
  /** Height of the scrolled area, px. */
  height: number
  /** Where row `first` goes within the scrolled area, px. */
  top: number
  /** Rows drawn at most: the same while the viewport keeps its size, so that their elements can be used again. */
  pool: number
}

function heights(total: number, viewport: number): { real: number; shown: number; ratio: number } {
  const real = total * ROW_HEIGHT_PX
  const shown = Math.min(real, SCROLL_HEIGHT_MAX_PX)
  const ratio = real > shown ? (real - viewport) / Math.max(1, shown - viewport) : 1
  return { real, shown, ratio }
}

export function spanOf(scrollTop: number, viewport: number, total: number, overscan: number): Span {
  const { shown, ratio } = heights(total, viewport)
  const offset = Math.max(0, scrollTop) * ratio
  const first = Math.min(Math.max(0, Math.floor(offset / ROW_HEIGHT_PX) - overscan), Math.max(0, total - 1))
  const pool = Math.ceil(viewport / ROW_HEIGHT_PX) + 1 + 2 * overscan
  const end = Math.min(total, first + pool)
  return { first: total === 0 ? 0 : first, end, height: shown, top: first * ROW_HEIGHT_PX - offset + Math.max(0, scrollTop), pool }
}

/** The scroll position that shows row `index` whole, moving as little as possible; null when it shows already. */
export function scrollTopFor(index: number, scrollTop: number, viewport: number, total: number, align: 'nearest' | 'centre' = 'nearest'): number | null {
  const { ratio, shown } = heights(total, viewport)
  const offset = scrollTop * ratio
  const top = index * ROW_HEIGHT_PX
  const bottom = top + ROW_HEIGHT_PX
  const fits = top >= offset - 0.5 && bottom <= offset + viewport + 0.5
  if (fits) return null
  const wanted = align === 'centre' ? top - viewport / 2 + ROW_HEIGHT_PX / 2 : top < offset ? top : bottom - viewport
  return Math.max(0, Math.min(wanted / ratio, shown - viewport))
}
