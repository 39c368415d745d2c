import { describe, expect, it } from 'vitest'
import type { CompanyQuote } from '~/api/types'
import { basisOf, readPrice, typedPrice } from './model'

const plain = (figure: string) => figure

describe('prices typed into the matrix', () => {
  it('tells rates, amounts, words and gaps apart', () => {
    expect(readPrice('7.85')).toEqual({ rate: '7.85' })
    expect(readPrice('= 1,200')).toEqual({ amount: '1200' })
    expect(readPrice('1200 LS')).toEqual({ amount: '1200' })
    expect(readPrice(' Included ')).toEqual({ tag: 'included' })
    expect(readPrice('')).toEqual({})
    expect(readPrice('-')).toEqual({})
    expect(readPrice('about ten')).toBeNull()
  })

  it('gives a price back as it is typed', () => {
    expect(typedPrice(undefined, plain)).toBe('')
    expect(typedPrice({ description: '', setAside: false, amount: '12.00' }, plain)).toBe('= 12.00')
    expect(typedPrice({ description: '', setAside: false, tag: 'free' }, plain)).toBe('free')
    expect(readPrice(typedPrice({ description: '', setAside: false, amount: '12.00' }, plain))).toEqual({ amount: '12.00' })
  })
})

describe('the basis of a quote', () => {
  it('is another when what its form shows is, and the same whatever else changes', () => {
    const quote = { gst: 'exclusive', currency: { code: 'NZD' }, validUntil: null, statedTotal: '10.00', conforming: true, version: 3, lines: [] } as unknown as CompanyQuote
    expect(basisOf({ ...quote, version: 4, adjustments: [] } as CompanyQuote)).toBe(basisOf(quote))
    expect(basisOf({ ...quote, gst: 'inclusive' })).not.toBe(basisOf(quote))
    expect(basisOf({ ...quote, currency: { code: 'AUD' } } as CompanyQuote)).not.toBe(basisOf(quote))
  })
})
