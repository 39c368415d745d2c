import { describe, expect, it } from 'vitest'
import type { ContentBlock } from '~/api/types'
import { inOrder } from './blocks'

const block = (id: string, item?: string): ContentBlock => ({
  id, kind: 'exclusions', text: id, version: 1, ...(item ? { item: { id: item, code: item, description: '' } } : {}),
})

describe('texts of a kind', () => {
  it('come in the order of the letter: those of the whole estimate, then item by item', () => {
    const blocks = [block('a', '1.2'), block('b'), block('c', '1.1'), block('d', '1.2'), block('e')]
    expect(inOrder(blocks).map((one) => one.id)).toEqual(['b', 'e', 'a', 'd', 'c'])
  })
})
