import { describe, expect, it } from 'vitest'
import type { Categorisation } from '~/api/types'
import { EMPTY, choicesFor, choose, draftOf, fieldsOf, givenTo } from './model'

const region: Categorisation = {
  id: 'r', name: 'Region', kind: 'category', appliesTo: { tenders: true, resources: false, items: true, companies: false }, archived: false, version: 1,
  options: [{ id: 'w', code: '', name: 'Waikato', archived: false, carriers: 2 }, { id: 'p', code: '', name: 'Bay of Plenty', archived: true, carriers: 0 }],
}

describe('categorisations', () => {
  it('say what they are given to', () => {
    expect(givenTo(region.appliesTo)).toBe('tenders, items')
  })

  it('are sent as they were read, without counts and empty rows', () => {
    const draft = draftOf(region)
    draft.options.push({ code: '', name: '  ', archived: false, carriers: 0 }, { code: 'x', name: ' Otago ', archived: false, carriers: 0 })
    expect(fieldsOf(draft).options).toEqual([
      { id: 'w', code: '', name: 'Waikato', archived: false }, { id: 'p', code: '', name: 'Bay of Plenty', archived: true }, { code: '', name: 'Otago', archived: false },
    ])
    expect(fieldsOf({ ...EMPTY, name: 'Local', kind: 'flag' }).options).toBeUndefined()
  })

  it('are offered where they are given, and where one is carried still', () => {
    expect(choicesFor([region], 'tender', [])).toEqual([region])
    expect(choicesFor([region], 'company', [])).toEqual([])
    expect(choicesFor([{ ...region, archived: true }], 'company', ['p'])).toHaveLength(1)
  })

  it('are carried once each', () => {
    expect(choose(['w', 'other'], region, 'p')).toEqual(['other', 'p'])
    expect(choose(['w', 'other'], region, '')).toEqual(['other'])
  })
})
