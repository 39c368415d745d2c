import type { UseFormReturn } from 'react-hook-form'
import type { Tender } from '~/api/types'
import { Field, Select, TextInput } from '~/ui/form'
import { CONTRACT_NAMES } from '~/ui/words'
import { ClientField } from './client-field'
import type { TenderValues } from './values'

export interface TenderFieldsProps {
  form: UseFormReturn<TenderValues>
  /** Absent while the tender is new. */
  tender?: Tender
  readOnly?: boolean
}

/** The details of a tender, the same in the dialog for a new one and on its page. */
export function TenderFields({ form, tender, readOnly }: TenderFieldsProps) {
  const { errors, dirtyFields } = form.formState
  const field = (name: keyof TenderValues) => form.register(name)
  const notices = tender?.course.notices ?? []
  const moved = notices.find((notice) => notice.movedClosing)
  // Past the enquiry a closing time moves by a notice to tenderers (BR-004).
  const byNotice = tender !== undefined && tender.state !== 'enquiry' && dirtyFields.closing === true
  const error = (name: keyof TenderValues) => errors[name]?.message
  return (
    <fieldset disabled={readOnly} className="grid grid-cols-6 gap-3">
      <legend className="sr-only">Details</legend>
      <Field label="Number" error={error('number')} className="col-span-2"><TextInput {...field('number')} required placeholder="T-2026-014" /></Field>
      <Field label="Name" error={error('name')} className="col-span-4"><TextInput {...field('name')} required placeholder="Waihou Road stage 2" /></Field>
      <ClientField form={form} className="col-span-4" />
      <Field label="Client’s reference" error={error('clientRef')} className="col-span-2"><TextInput {...field('clientRef')} /></Field>
      <Field label="Location" error={error('location')} className="col-span-6"><TextInput {...field('location')} /></Field>
      <Field label="Closes" hint={moved ? `New Zealand time; moved by notice ${moved.number}` : 'New Zealand time'} error={error('closing')} className="col-span-4"><TextInput {...field('closing')} type="datetime-local" /></Field>
      <Field label="Valid for, days" error={error('validityDays')} className="col-span-2"><TextInput {...field('validityDays')} inputMode="numeric" /></Field>
      {byNotice && (
        <Field
          label="Notice that moves the closing time" error={error('closingNotice')} className="col-span-6"
          hint={notices.length === 0 ? 'Enter the notice to tenderers first: past the enquiry, only a notice moves the closing time (BR-004).' : undefined}
        >
          <Select {...field('closingNotice')}>
            <option value="">Choose the notice…</option>
            {notices.map((notice) => <option key={notice.number} value={notice.number}>{[notice.number, notice.title].filter(Boolean).join(': ')}</option>)}
          </Select>
        </Field>
      )}
      <Field label="Form of contract" error={error('formOfContract')} className="col-span-2">
        <Select {...field('formOfContract')}>{Object.entries(CONTRACT_NAMES).map(([value, name]) => <option key={value} value={value}>{name}</option>)}</Select>
      </Field>
      <Field label="Envelopes" error={error('envelopes')} className="col-span-2">
        <Select {...field('envelopes')}><option value="one">One</option><option value="two">Two: attributes apart from price</option></Select>
      </Field>
      <Field label="Chance of winning, %" error={error('probability')} className="col-span-2"><TextInput {...field('probability')} inputMode="numeric" placeholder="Not known" /></Field>
    </fieldset>
  )
}
