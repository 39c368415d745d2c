import { describe, expect, it } from 'vitest'
import { type Bounds, SELECTION_START, clampTo, columnRange, goTo, isRowSelected, move, pick, rowRange, selectAll, selectedRowCount, selectedRows, wholeRows } from './selection'

const bounds: Bounds = { rows: 50, columns: 8, page: 20 }
const at = (row: number, column: number) => goTo(SELECTION_START, row, column)

describe('moving', () => {
  it('stops at the edges', () => {
    expect(move(at(0, 0), 'up', bounds)).toMatchObject({ row: 0, column: 0 })
    expect(move(at(49, 7), 'right', bounds)).toMatchObject({ row: 49, column: 7 })
    expect(move(at(40, 3), 'page-down', bounds)).toMatchObject({ row: 49, column: 3 })
  })
  it('wraps Tab to the next row and back', () => {
    expect(move(at(3, 7), 'next-cell', bounds)).toMatchObject({ row: 4, column: 0 })
    expect(move(at(4, 0), 'previous-cell', bounds)).toMatchObject({ row: 3, column: 7 })
    expect(move(at(49, 7), 'next-cell', bounds)).toMatchObject({ row: 49, column: 7 })
  })
  it('goes to the corners', () => {
    expect(move(at(9, 4), 'first', bounds)).toMatchObject({ row: 0, column: 0 })
    expect(move(at(9, 4), 'last', bounds)).toMatchObject({ row: 49, column: 7 })
    expect(move(at(9, 4), 'column-bottom', bounds)).toMatchObject({ row: 49, column: 4 })
  })
})

describe('selecting', () => {
  it('grows a block from the anchor in any direction', () => {
    let block = at(5, 3)
    for (const step of ['down', 'down', 'right', 'up', 'up', 'up'] as const) block = move(block, step, bounds, true)
    expect(rowRange(block)).toEqual([4, 5])
    expect(columnRange(block, 8)).toEqual([3, 4])
  })
  it('forgets the block on a plain move', () => {
    const block = move(at(5, 3), 'down', bounds, true)
    expect(rowRange(move(block, 'left', bounds))).toEqual([6, 6])
  })
  it('picks and drops single rows', () => {
    const picked = pick(pick(at(2, 1), 7, 1), 4, 1)
    expect(selectedRows(picked, 100)).toEqual([2, 4, 7])
    expect(columnRange(picked, 8)).toEqual([0, 7])
    expect(selectedRows(pick(picked, 4, 1), 100)).toEqual([2, 7])
  })
  it('counts rows and caps what it lists', () => {
    expect(selectedRowCount(selectAll(at(3, 3), bounds))).toBe(50)
    expect(selectedRows(selectAll(at(3, 3), bounds), 10)).toHaveLength(10)
    expect(isRowSelected(wholeRows(at(3, 3)), 3)).toBe(true)
    expect(isRowSelected(at(3, 3), 4)).toBe(false)
  })
  it('stays inside a tree that became shorter', () => {
    expect(clampTo(at(40, 3), { ...bounds, rows: 10 })).toMatchObject({ row: 9, anchorRow: 9, column: 3 })
    const same = at(4, 3)
    expect(clampTo(same, bounds)).toBe(same)
  })
})
