import { zodResolver } from '@hookform/resolvers/zod'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { useForm, useWatch } from 'react-hook-form'
import { z } from 'zod/mini'
import { api, isProblem } from '~/api/client'
import { keys, unitsQuery } from '~/api/queries'
import type { Resource } from '~/api/types'
import { Spinner } from '~/ui/bits'
import { Button } from '~/ui/button'
import { editableDecimal, readDecimal } from '~/ui/decimal'
import { Dialog } from '~/ui/dialog'
import { Field, Select, TextArea, TextInput } from '~/ui/form'
import { problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { RESOURCE_TYPES, TYPE_NAMES } from '~/ui/words'
import { readRate } from './rates'

const number = z.string().check(z.refine((text) => text.trim() === '' || readDecimal(text) !== null, 'A number, or nothing.'))
const schema = z.object({
  code: z.string().check(z.trim(), z.minLength(1, 'Give it a code.'), z.maxLength(40, 'At most 40 characters.')),
  description: z.string().check(z.trim(), z.minLength(1, 'Describe it.')),
  type: z.enum(['labour', 'plant', 'material', 'subcontract', 'other']),
  unit: z.string().check(z.minLength(1, 'Choose a unit.')),
  rate: z.string().check(z.refine((text) => !('refusal' in readRate(text)), 'Zero or more, at most four decimals.')),
  waste: number,
  efficiency: number,
  note: z.string(),
})
type Values = z.infer<typeof schema>

const figure = (text: string): string | null => (text.trim() === '' ? null : readDecimal(text))

function valuesOf(resource: Resource | null): Values {
  if (!resource) return { code: '', description: '', type: 'labour', unit: '', rate: '', waste: '', efficiency: '', note: '' }
  const { code, description, type, unit, note } = resource
  return { code, description, type, unit, rate: '', waste: editableDecimal(resource.defaultWaste), efficiency: editableDecimal(resource.defaultEfficiency), note: note ?? '' }
}

/** A new resource of the price book, or all of one that is there but its rates. */
export function ResourceDialog({ book, resource = null, onClose }: { book?: string | undefined; resource?: Resource | null; onClose: () => void }) {
  const client = useQueryClient()
  const { data: units } = useQuery(unitsQuery)
  const form = useForm<Values>({ resolver: zodResolver(schema), defaultValues: valuesOf(resource) })
  const [refusal, setRefusal] = useState<string | null>(null)
  const id = useId()
  const { register, formState: { errors, isSubmitting, isDirty } } = form
  const type = useWatch({ control: form.control, name: 'type' })

  const create = form.handleSubmit(async (values) => {
    setRefusal(null)
    const read = readRate(values.rate)
    const set = {
      code: values.code, description: values.description, type: values.type, unit: values.unit, note: values.note.trim() || null,
      defaultWaste: figure(values.waste), defaultEfficiency: figure(values.efficiency),
    }
    try {
      const made = resource
        ? await api.patch<Resource>(`/resources/${resource.id}`, { version: resource.version, ...set })
        : await api.post<Resource>('/resources', { ...(book ? { priceBookId: book } : {}), ...set, rate: 'rate' in read ? read.rate : null })
      void client.invalidateQueries({ queryKey: keys.resources })
      void client.invalidateQueries({ queryKey: keys.catalogue })
      void client.invalidateQueries({ queryKey: keys.priceBooks })
      toast.done(resource ? `${made.code} saved` : `${made.code} added`, resource?.used ? { detail: 'Lines that have it keep what they were priced with.' } : {})
      onClose()
    } catch (error) {
      let shown = false
      for (const violation of isProblem(error) ? error.violations : []) {
        const field = violation.rule === 'BR-044' ? 'code' : violation.field
        if (field && field in schema.shape) { form.setError(field as keyof Values, { message: violation.message }, { shouldFocus: true }); shown = true }
      }
      if (!shown) setRefusal(problemText(error))
    }
  })
  return (
    <Dialog
      open onOpenChange={(open) => { if (!open) onClose() }} title={resource ? `Change ${resource.code}` : 'New resource'} description={resource ? 'Its rates are changed in the list.' : 'What a worksheet line or a recipe is made of.'}
      footer={<><Button onClick={onClose}>Cancel</Button><Button look="primary" type="submit" form={id} busy={isSubmitting} disabled={resource !== null && !isDirty}>{resource ? 'Save resource' : 'Add resource'}</Button></>}
    >
      {/* A select takes its value from options that are there. */}
      {!units ? <div className="grid place-items-center p-8"><Spinner /></div> : (
      <form id={id} noValidate className="grid grid-cols-2 gap-3" onSubmit={(event) => void create(event)}>
        <Field label="Code" error={errors.code?.message}><TextInput {...register('code')} placeholder="LAB-OP" /></Field>
        <Field label="Type" error={errors.type?.message}>
          <Select {...register('type')}>{RESOURCE_TYPES.map((type) => <option key={type} value={type}>{TYPE_NAMES[type]}</option>)}</Select>
        </Field>
        <Field label="Description" className="col-span-2" error={errors.description?.message}><TextInput {...register('description')} /></Field>
        <Field label="Unit" error={errors.unit?.message}>
          <Select {...register('unit')}><option value="">Choose…</option>{units.items.map((unit) => <option key={unit.code} value={unit.code}>{unit.code} {unit.name}</option>)}</Select>
        </Field>
        {!resource && <Field label="Rate ex GST" hint="May follow later" error={errors.rate?.message}><TextInput {...register('rate')} inputMode="decimal" className="text-right" /></Field>}
        {(type === 'material' || form.getValues('waste') !== '') && <Field label="Waste, %" hint="Of a new line of it" error={errors.waste?.message}><TextInput {...register('waste')} inputMode="decimal" className="text-right" /></Field>}
        {(type !== 'material' || form.getValues('efficiency') !== '') && <Field label="Efficiency" hint="Of a new line of it, such as 0.83" error={errors.efficiency?.message}><TextInput {...register('efficiency')} inputMode="decimal" className="text-right" /></Field>}
        <Field label="Note" className="col-span-2"><TextArea {...register('note')} rows={2} /></Field>
        {refusal && <p role="alert" className="col-span-2 text-bad">{refusal}</p>}
      </form>
      )}
    </Dialog>
  )
}
