import { describe, expect, it } from 'vitest'
import { EMPTY_COMPANY, fieldsOf, rolesOf, words } from './model'

describe('companies', () => {
  it('reads a line of words as a list, each once', () => {
    expect(words(' Waikato,, Bay of Plenty ,Waikato,')).toEqual(['Waikato', 'Bay of Plenty'])
    expect(words('  ')).toEqual([])
  })

  it('leaves empty contacts away and an empty note is none', () => {
    const fields = fieldsOf({ ...EMPTY_COMPANY, name: 'Ara', note: ' ', contacts: [{ name: ' ', email: '', phone: '' }, { name: '', email: ' a@b.c ', phone: '' }] })
    expect(fields.contacts).toEqual([{ name: '', email: 'a@b.c', phone: '' }])
    expect(fields.note).toBeNull()
  })

  it('names roles in their order', () => {
    expect(rolesOf({ client: true, supplier: false, subcontractor: true })).toEqual(['client', 'subcontractor'])
  })
})
