import { describe, expect, it } from 'vitest'
import type { Branding } from '~/api/types'
import { inputOf, lookOf, sameLook } from './look'

const saved: Branding = {
  letterhead: ['12 Quarry Road', '07 555 0123'], accent: '#1f3f5f', columns: { code: true, unit: true, quantity: true, rate: true, sectionTotals: false },
  signatory: { name: 'H. Reweti', position: 'Director' }, letterheadLinesMax: 8, letterheadCharsMax: 120, logoBytesMax: 524_288, version: 3,
}

describe('the look of documents', () => {
  it('is sent as it was read', () => {
    expect(inputOf(lookOf(saved))).toEqual({ letterhead: saved.letterhead, accent: saved.accent, columns: saved.columns, signatory: saved.signatory })
  })

  it('keeps empty lines between others', () => {
    expect(inputOf({ ...lookOf(saved), letterhead: 'a\r\n\r\nb' }).letterhead).toEqual(['a', '', 'b'])
  })

  it('is changed by a line, the colour, a column or who signs, and not by empty lines at the end', () => {
    const look = lookOf(saved)
    expect(sameLook({ ...look, letterhead: `${look.letterhead}\n\n`, accent: '#1F3F5F' }, look)).toBe(true)
    expect(sameLook({ ...look, letterhead: 'another' }, look)).toBe(false)
    expect(sameLook({ ...look, accent: '#000000' }, look)).toBe(false)
    expect(sameLook({ ...look, columns: { ...look.columns, rate: false } }, look)).toBe(false)
    expect(sameLook({ ...look, signatory: { ...look.signatory, position: '' } }, look)).toBe(false)
    expect(sameLook({ ...look, signatory: { ...look.signatory, name: ' H. Reweti ' } }, look)).toBe(true)
  })
})
