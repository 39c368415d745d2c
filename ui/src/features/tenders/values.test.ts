import { describe, expect, it } from 'vitest'
import { EMPTY_TENDER, changesOf, formField, inputOf, tenderSchema } from './values'

const ZONE = 'Pacific/Auckland'
const filled = { ...EMPTY_TENDER, number: 'T-1', name: 'Bridge' }

describe('the forms of a tender', () => {
  it('ask for number and name only', () => {
    expect(tenderSchema.safeParse(EMPTY_TENDER).success).toBe(false)
    expect(tenderSchema.safeParse(filled).success).toBe(true)
  })
  it('trim what is typed and send no closing time when none is given', () => {
    const values = tenderSchema.parse({ ...filled, name: ' Bridge ' })
    expect(inputOf(values, ZONE)).toMatchObject({ name: 'Bridge', closingAt: null, validityDays: 90 })
  })
  it('send only what changed', () => {
    expect(changesOf(filled, { ...filled, closing: '2026-12-04T16:00' }, ZONE)).toEqual({ closingAt: '2026-12-04T03:00:00.000Z' })
    expect(changesOf(filled, filled, ZONE)).toEqual({})
    expect(changesOf(filled, { ...filled, closingNotice: 'NTT 1' }, ZONE)).toEqual({})
    expect(changesOf(filled, { ...filled, closing: '2026-12-04T16:00', closingNotice: 'NTT 1' }, ZONE)).toMatchObject({ closingNotice: 'NTT 1' })
  })
  it('link a company or let go of it for a name', () => {
    const linked = { ...filled, clientId: 'c', clientName: 'Waihou District Council' }
    expect(changesOf(filled, linked, ZONE)).toEqual({ clientId: 'c', clientName: 'Waihou District Council' })
    expect(changesOf(linked, { ...linked, clientId: '', clientName: 'Someone else' }, ZONE)).toEqual({ clientId: null, clientName: 'Someone else' })
  })
  it('show a refusal of the server at its field', () => {
    expect(formField('closingAt')).toBe('closing')
    expect(formField('number')).toBe('number')
    expect(formField('client')).toBeNull()
  })
})
