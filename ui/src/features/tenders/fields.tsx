import type { FieldErrors, UseFormRegister } from 'react-hook-form'
import { Field, Select, TextInput } from '~/ui/form'
import { CONTRACT_NAMES } from '~/ui/words'
import type { TenderValues } from './values'

export interface TenderFieldsProps {
  register: UseFormRegister<TenderValues>
  errors: FieldErrors<TenderValues>
  disabled?: boolean
}

/** The details of a tender, the same in the dialog for a new one and on its page. */
export function TenderFields({ register, errors, disabled }: TenderFieldsProps) {
  const field = (name: keyof TenderValues) => ({ ...register(name), disabled: disabled ?? false })
  const error = (name: keyof TenderValues) => errors[name]?.message
  return (
    <fieldset className="grid grid-cols-6 gap-3" disabled={disabled}>
      <legend className="sr-only">Details</legend>
      <Field label="Number" error={error('number')} className="col-span-2"><TextInput {...field('number')} required placeholder="T-2026-014" /></Field>
      <Field label="Name" error={error('name')} className="col-span-4"><TextInput {...field('name')} required placeholder="Waihou Road stage 2" /></Field>
      <Field label="Client" error={error('clientName')} className="col-span-4"><TextInput {...field('clientName')} /></Field>
      <Field label="Client’s reference" error={error('clientRef')} className="col-span-2"><TextInput {...field('clientRef')} /></Field>
      <Field label="Location" error={error('location')} className="col-span-6"><TextInput {...field('location')} /></Field>
      <Field label="Closes" hint="New Zealand time" error={error('closing')} className="col-span-4"><TextInput {...field('closing')} type="datetime-local" /></Field>
      <Field label="Valid for, days" error={error('validityDays')} className="col-span-2"><TextInput {...field('validityDays')} inputMode="numeric" /></Field>
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
