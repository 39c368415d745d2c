import { z } from 'zod/mini'
import type { Tender, TenderInput } from '~/api/types'
import { whole } from '~/ui/whole'
import { fromZonedInput, toZonedInput } from './zoned'

/** What the forms of a tender hold: every field as text. */
export const tenderSchema = z.object({
  number: z.string().check(z.trim(), z.minLength(1, 'Give the tender a number.'), z.maxLength(40, 'At most 40 characters.')),
  name: z.string().check(z.trim(), z.minLength(1, 'Give the tender a name.'), z.maxLength(200, 'At most 200 characters.')),
  /** The company, or empty where the client is only a name. */
  clientId: z.string(),
  clientName: z.string().check(z.trim()),
  clientRef: z.string().check(z.trim()),
  location: z.string().check(z.trim()),
  closing: z.string(),
  /** The notice that moves the closing time, once the tender is past its enquiry (BR-004). */
  closingNotice: z.string(),
  validityDays: z.string().check(z.trim(), z.regex(/^\d{0,4}$/, 'Whole days, 0 to 9,999.')),
  formOfContract: z.enum(['nzs3910', 'nzs3916', 'nzs3917', 'other']),
  envelopes: z.enum(['one', 'two']),
  probability: z.string().check(z.trim(), z.regex(/^(\d{1,2}|100)?$/, '0 to 100 percent, in whole percent.')),
})
export type TenderValues = z.infer<typeof tenderSchema>

export const EMPTY_TENDER: TenderValues = {
  number: '', name: '', clientId: '', clientName: '', clientRef: '', location: '', closing: '', closingNotice: '', validityDays: '90', formOfContract: 'nzs3910', envelopes: 'one', probability: '',
}

export function valuesOf(tender: Tender, zone: string): TenderValues {
  return {
    number: tender.number, name: tender.name, clientId: tender.clientId ?? '', closingNotice: '', clientName: tender.clientName ?? '', clientRef: tender.clientRef ?? '', location: tender.location ?? '',
    closing: toZonedInput(tender.closingAt, zone), validityDays: tender.validityDays == null ? '' : String(tender.validityDays),
    formOfContract: tender.formOfContract, envelopes: tender.envelopes, probability: tender.probabilityPct == null ? '' : String(tender.probabilityPct),
  }
}

export function inputOf(values: TenderValues, zone: string): TenderInput {
  return {
    number: values.number, name: values.name, clientId: values.clientId || null, clientName: values.clientName, clientRef: values.clientRef, location: values.location,
    closingAt: fromZonedInput(values.closing, zone), ...(values.validityDays === '' ? {} : { validityDays: whole(values.validityDays) }),
    formOfContract: values.formOfContract, envelopes: values.envelopes, probabilityPct: values.probability === '' ? null : whole(values.probability),
  }
}

/** Only what differs from `before`, for a patch. */
export function changesOf(before: TenderValues, after: TenderValues, zone: string): Partial<TenderInput> & { closingNotice?: string } {
  const input = inputOf(after, zone)
  const old = inputOf(before, zone)
  const changes = Object.fromEntries(Object.entries(input).filter(([name, value]) => old[name as keyof TenderInput] !== value)) as Partial<TenderInput>
  return 'closingAt' in changes && after.closingNotice !== '' ? { ...changes, closingNotice: after.closingNotice } : changes
}

/** The field of the form that a field of the API is shown in. */
export function formField(field: string): keyof TenderValues | null {
  if (field === 'closingAt') return 'closing'
  if (field === 'clientId') return 'clientName'
  if (field === 'probabilityPct') return 'probability'
  return field in EMPTY_TENDER ? (field as keyof TenderValues) : null
}
