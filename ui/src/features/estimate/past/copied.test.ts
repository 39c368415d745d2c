import { describe, expect, test } from 'vitest'
import type { Row } from '~/api/types'
import { copiedOf } from './copied'

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
