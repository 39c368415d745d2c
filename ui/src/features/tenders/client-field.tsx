import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type UseFormReturn, useWatch } from 'react-hook-form'
import { api } from '~/api/client'
import { isOnItsWay, keys } from '~/api/queries'
import type { Company, Page } from '~/api/types'
import { Combobox } from '~/ui/combobox'
import { Field } from '~/ui/form'
import type { TenderValues } from './values'

const OFFERS_MAX = 8

/** Who asks for the price: a company with the client role (BR-002), or just a name. */
export function ClientField({ form, className }: { form: UseFormReturn<TenderValues>; className?: string }) {
  const [clientName, clientId] = useWatch({ control: form.control, name: ['clientName', 'clientId'] })
  const [typing, setTyping] = useState(false)
  const wanted = clientName.trim()
  const found = useQuery({
    queryKey: [...keys.companies, 'clients', wanted], enabled: typing && wanted !== '', placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.get<Page<Company>>('/companies', { query: { q: wanted, role: 'client', state: 'active', limit: OFFERS_MAX }, signal }),
  })
  const put = (id: string, name: string) => {
    form.setValue('clientId', id, { shouldDirty: true })
    form.setValue('clientName', name, { shouldDirty: true })
    form.clearErrors('clientName')
  }
  const error = form.formState.errors.clientName?.message
  const hint = clientId !== '' ? 'A company of the register' : wanted !== '' ? 'A name only: choose a company to link it' : undefined
  return (
    <Field label="Client" error={error} hint={hint} className={className}>
      <Combobox
        label="Client" placeholder="Company with the client role, or a name" text={clientName} onText={(text) => { setTyping(true); put('', text) }}
        options={typing && wanted !== '' ? (found.data?.items ?? []) : []} optionKey={(company) => company.id} autoHighlight={false}
        onPick={(company) => { setTyping(false); put(company.id, company.name) }} onBlur={() => setTyping(false)} pending={typing && isOnItsWay(found)}
        renderOption={(company) => <><span className="min-w-0 truncate">{company.name}</span><span className="text-xs text-ink3">{company.regions.join(', ')}</span></>}
      />
    </Field>
  )
}
