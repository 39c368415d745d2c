import { describe, expect, it } from 'vitest'
import { byEstimate, readRate } from './rates'

describe('a typed rate', () => {
  it('is read as people write it, exactly', () => {
    expect(readRate('$1,234.5678')).toEqual({ rate: '1234.5678' })
    expect(readRate('')).toEqual({ rate: null })
    expect(readRate('7.23330')).toEqual({ rate: '7.23330' })
  })
  it('is refused with the reason', () => {
    expect(readRate('about 9')).toHaveProperty('refusal')
    expect(readRate('-1')).toEqual({ refusal: 'A rate is zero or more (BR-047).' })
    expect(readRate('1.23456')).toEqual({ refusal: 'A rate has at most four decimals (BR-047).' })
  })
})

it('usages are counted by estimate, an item once', () => {
  const usage = (estimateId: string, itemId: string) => ({ estimateId, itemId, estimateName: `Estimate ${estimateId}`, tenderNumber: 'T-1' })
  expect(byEstimate([usage('a', '1'), usage('a', '1'), usage('a', '2'), usage('b', '3')]).map((use) => [use.estimateId, use.items])).toEqual([['a', 2], ['b', 1]])
})
