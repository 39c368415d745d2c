import { describe, expect, it } from 'vitest'
import type { Row } from '~/api/types'
import { heading, item } from '~/test/rows'
import { type Change, RecentChanges, byId, changedFields, patchWindow, windowOf } from './patch'

const window = { lsn: 10, total: 2, offset: 0, rows: [heading('h'), item('a')] }
const change = (lsn: number, rows: Row[], structure = false): Change => ({
  lsn, rows, removed: [], structure, reload: false, totals: {} as never, worksheets: [],
})

describe('patching a window', () => {
  it('replaces changed rows and keeps this view’s open state', () => {
    const next = patchWindow(window, byId([heading('h', { open: false, direct: '5.00' })]), 11)
    expect(next.rows[0]).toMatchObject({ direct: '5.00', open: true })
    expect(next.rows[1]).toBe(window.rows[1])
    expect(next.lsn).toBe(10)
  })
  it('ignores a change the window already contains', () => {
    expect(patchWindow(window, byId([item('a', { code: 'old' })]), 9)).toBe(window)
  })
  it('numbers windows of a hundred rows', () => {
    expect([windowOf(0), windowOf(99), windowOf(100), windowOf(99_999)]).toEqual([0, 0, 1, 999])
  })
})

describe('recent changes', () => {
  it('tells an echo of our own commit from news', () => {
    const recent = new RecentChanges()
    expect(recent.add(change(11, []))).toBe(true)
    expect(recent.add(change(11, []))).toBe(false)
    expect(recent.lsn).toBe(11)
  })
  it('brings an answer up that was computed before a commit', () => {
    const recent = new RecentChanges()
    recent.add(change(12, [item('a', { quantity: '7.0000' })]))
    recent.add(change(11, [item('a', { quantity: '6.0000' })]))
    const { window: next, stale } = recent.bringUp(window)
    expect(stale).toBe(false)
    expect(next.rows[1]?.quantity).toBe('7.0000')
  })
  it('lets a later commit win when an earlier one is heard of after it', () => {
    const recent = new RecentChanges()
    recent.add(change(12, [item('a', { quantity: '7.0000' })]))
    const late = change(11, [item('a', { quantity: '6.0000' }), item('b')])
    recent.add(late)
    expect([...recent.freshRows(late).keys()]).toEqual(['b'])
  })
  it('asks for the window again when rows moved meanwhile', () => {
    const recent = new RecentChanges()
    recent.add(change(11, [], true))
    expect(recent.bringUp(window).stale).toBe(true)
    expect(recent.bringUp({ ...window, lsn: 11 }).stale).toBe(false)
  })
})

it('names the figures that changed', () => {
  expect(changedFields(item('a'), item('a', { cost: '1.00', quantity: '2.0000' }))).toEqual(['quantity', 'cost'])
})
