import { zodResolver } from '@hookform/resolvers/zod'
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { api } from '~/api/client'
import { keys, sessionQuery } from '~/api/queries'
import type { Tender } from '~/api/types'
import { FormDialog } from '~/ui/dialog'
import { TenderFields } from './fields'
import { LeadSelect, useLeads } from './lead-select'
import { showRefusal } from './refusal'
import { EMPTY_TENDER, type TenderValues, inputOf, tenderSchema } from './values'

/** Registers a tender with its first estimate, and opens that estimate. */
export default function NewTender({ onClose }: { onClose: () => void }) {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const client = useQueryClient()
  const navigate = useNavigate()
  const form = useForm<TenderValues>({ resolver: zodResolver(tenderSchema), defaultValues: EMPTY_TENDER })
  const { usual } = useLeads()
  const [chosen, setChosen] = useState<string | null>(null)
  const lead = chosen ?? usual
  const [refusal, setRefusal] = useState<string | null>(null)

  const create = form.handleSubmit(async (values) => {
    setRefusal(null)
    try {
      const tender = await api.post<Tender>('/tenders', { ...inputOf(values, session.organisation.timeZone), ...(lead ? { leadId: lead } : {}) })
      client.setQueryData(keys.tender(tender.id), tender)
      void client.invalidateQueries({ queryKey: keys.tenders })
      const estimate = tender.estimates[0]
      if (estimate) await navigate({ to: '/estimates/$estimateId', params: { estimateId: estimate.id } })
      else await navigate({ to: '/tenders/$tenderId', params: { tenderId: tender.id } })
    } catch (error) {
      setRefusal(showRefusal(error, form.setError))
    }
  })
  return (
    <FormDialog
      noValidate title="New tender" description="Number and name are enough to start; the rest can follow." action="Create tender"
      busy={form.formState.isSubmitting} onClose={onClose} onSubmit={(event) => void create(event)}
    >
      <TenderFields form={form} />
      <LeadSelect className="mt-3" value={lead} onChange={setChosen} />
      {refusal && <p role="alert" className="mt-3 text-bad">{refusal}</p>}
    </FormDialog>
  )
}
