import { expect, it } from 'vitest'
import type { Attachment } from '~/api/types'
import { filesAt } from './attachments'

const file = (id: string, kind: Attachment['kind'], holderId?: string) => ({ id, kind, ...(holderId ? { holderId } : {}) }) as Attachment

it('shows a row, package or quote its own files, and the tender all of them', () => {
  const all = [file('a', 'tender'), file('b', 'item', 'i1'), file('c', 'item', 'i2'), file('d', 'package', 'i1'), file('e', 'quote', 'q1')]
  const ids = (place: Parameters<typeof filesAt>[1]) => filesAt(all, place).map((one) => one.id).join('')
  expect(ids({ kind: 'tender' })).toBe('abcde')
  expect(ids({ kind: 'item', holderId: 'i1', estimateId: 'x' })).toBe('b')
  expect(ids({ kind: 'package', holderId: 'i1', estimateId: 'x' })).toBe('d')
  expect(ids({ kind: 'quote', holderId: 'q2', estimateId: 'x' })).toBe('')
})
