import { describe, expect, test } from 'vitest'
import type { EditResult, Row } from '~/api/types'
import { copiedOf, madeCommit } from './copied'

const row = (kind: Row['kind'], code: string, description: string, hasChildren = false) => ({ kind, code, description, hasChildren }) as Row

describe('what was copied back', () => {
  test('one row is called by its code, many are counted', () => {
    expect(copiedOf([row('item', '1.01', 'Strip topsoil')])).toEqual({ name: '1.01', without: '' })
    expect(copiedOf([row('item', '1.01', 'Strip topsoil'), row('heading', '2', 'Drainage')])).toEqual({ name: '2 rows', without: '' })
  })

  test('a row with others under it says that they stay', () => {
    expect(copiedOf([row('heading', '1.2', 'Kerbs', true)])).toEqual({ name: '1.2 Kerbs', without: 'the heading itself, not the rows under it' })
    expect(copiedOf([row('heading', '', 'Kerbs', true)]).name).toBe('Kerbs')
    expect(copiedOf([row('item', '1.03', 'Culvert', true)])).toEqual({ name: '1.03 Culvert', without: 'the item itself, not its sub-items' })
    expect(copiedOf([row('heading', '1.2', 'Kerbs', true), row('item', '1.03', 'Culvert')])).toEqual({ name: '2 rows', without: 'of the rows under them only those selected' })
  })
})

describe('whether a commit was made', () => {
  const label = 'Copy back 1.01 from commit 32'
  const answer = (lsn: number, last?: { lsn: number; label: string }) => ({ lsn, label, undo: last ? { undo: last } : {} }) as EditResult

  test('is one that is new and the first that undo takes back', () => {
    expect(madeCommit(answer(47, { lsn: 47, label }), 46)).toBe(true)
  })

  test('is none where the answer names what was there before', () => {
    // Nothing to undo at all, the newest commit is somebody else's, one's own, or one's own from another tab.
    expect(madeCommit(answer(44), 44)).toBe(false)
    expect(madeCommit(answer(48, { lsn: 45, label: 'Change note' }), 46)).toBe(false)
    expect(madeCommit(answer(47, { lsn: 47, label }), 47)).toBe(false)
    expect(madeCommit(answer(49, { lsn: 49, label: 'Change note' }), 47)).toBe(false)
  })
})
