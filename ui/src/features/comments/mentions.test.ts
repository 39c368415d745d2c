import { describe, expect, it } from 'vitest'
import { complete, mentionAt, mentioned, pieces, suggest } from './mentions'

const people = [{ id: '1', name: 'Ana Rewi' }, { id: '2', name: 'Ana Rewi-Smith' }, { id: '3', name: 'Tama Cole' }]

describe('mentions', () => {
  it('are typed after an @ that begins a word', () => {
    expect(mentionAt('ask @an')).toBe('an')
    expect(mentionAt('@')).toBe('')
    expect(mentionAt('ana@oxcon')).toBeNull()
    expect(mentionAt('ask @Ana Rewi about it')).toBeNull()
  })
  it('suggest people by the beginning of any word of their name', () => {
    expect(suggest(people, 'co').map(({ name }) => name)).toEqual(['Tama Cole'])
    expect(suggest(people, 'ana').map(({ id }) => id)).toEqual(['1', '2'])
    expect(complete('ask @ta', 'Tama Cole')).toBe('ask @Tama Cole ')
  })
  it('mean whoever is named whole, the longer name first', () => {
    expect(mentioned(people, 'ask @Ana Rewi-Smith and @Tama').map(({ id }) => id)).toEqual(['2'])
    expect(mentioned(people, '@Ana Rewi, @Tama Cole').map(({ id }) => id).sort()).toEqual(['1', '3'])
  })
  it('stand out in a text', () => {
    expect(pieces('hi @Ana Rewi!', [{ id: '1', name: 'Ana Rewi' }])).toEqual([{ text: 'hi ', mention: false }, { text: '@Ana Rewi', mention: true }, { text: '!', mention: false }])
    expect(pieces('hi', [])).toEqual([{ text: 'hi', mention: false }])
  })
})
