import { describe, expect, it } from 'vitest'
import { closingRange, isFiltered, readViews, sameView } from './views'

describe('views of the register', () => {
  it('are the same when they show the same, whatever is left out', () => {
    expect(sameView({ q: 'road', sort: undefined }, { q: 'road' })).toBe(true)
    expect(sameView({ q: 'road' }, { q: 'road', view: 'board' })).toBe(false)
    expect(isFiltered({ sort: '-name' })).toBe(false)
    expect(isFiltered({ closes: 'week' })).toBe(true)
  })
  it('turn words into times that hold for a minute', () => {
    const now = Date.parse('2026-11-24T18:00:31Z')
    expect(closingRange('week', now)).toEqual({ closingFrom: '2026-11-24T18:00:00.000Z', closingBefore: '2026-12-01T18:00:00.000Z' })
    expect(closingRange('past', now)).toEqual({ closingBefore: '2026-11-24T18:00:00.000Z' })
    expect(closingRange(undefined, now)).toEqual({})
  })
  it('survive whatever else lies in their place', () => {
    expect(readViews(null)).toEqual([])
    expect(readViews('{"a":1}')).toEqual([])
    expect(readViews('not json')).toEqual([])
    expect(readViews('[{"name":"Mine","show":{"q":"x"}},{"name":3}]')).toEqual([{ name: 'Mine', show: { q: 'x' } }])
  })
})
