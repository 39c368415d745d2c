import { describe, expect, it } from 'vitest'
import { ROW_HEIGHT_PX, SCROLL_HEIGHT_MAX_PX, scrollTopFor, spanOf } from './windowing'

describe('the rows that show', () => {
  it('draws the viewport and a margin', () => {
    expect(spanOf(2800, 560, 100_000, 5)).toMatchObject({ first: 95, end: 126, height: 2_800_000, top: 95 * 28, pool: 31 })
  })
  it('stops at both ends', () => {
    expect(spanOf(0, 560, 8, 5)).toMatchObject({ first: 0, end: 8, top: 0 })
    expect(spanOf(0, 560, 0, 5)).toMatchObject({ first: 0, end: 0, height: 0 })
  })
  it('scales a million rows under the browsers’ cap and still reaches the last one', () => {
    const total = 1_000_000
    const span = spanOf(SCROLL_HEIGHT_MAX_PX - 560, 560, total, 0)
    expect(span.height).toBe(SCROLL_HEIGHT_MAX_PX)
    expect(span.end).toBe(total)
    expect(span.top + (total - span.first) * ROW_HEIGHT_PX).toBeCloseTo(SCROLL_HEIGHT_MAX_PX, 3)
  })
})

describe('bringing a row into view', () => {
  it('does nothing when it shows', () => {
    expect(scrollTopFor(5, 0, 560, 100)).toBeNull()
  })
  it('moves as little as needed', () => {
    expect(scrollTopFor(20, 0, 560, 100)).toBe(28)
    expect(scrollTopFor(3, 280, 560, 100)).toBe(84)
  })
  it('lands on the row in a scaled tree', () => {
    const total = 1_000_000
    const top = scrollTopFor(654_321, 0, 560, total, 'centre') ?? 0
    const span = spanOf(top, 560, total, 0)
    expect(span.first).toBeLessThanOrEqual(654_321)
    expect(span.end).toBeGreaterThan(654_321)
  })
})
