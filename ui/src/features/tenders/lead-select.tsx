import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { peopleQuery, sessionQuery } from '~/api/queries'
import { may } from '~/app/rights'
import { Field, Select } from '~/ui/form'
import { ROLE_NAMES } from '~/ui/words'

/** Who may answer for an estimate, and who does where nobody is chosen: whoever is signed in, else the first (BR-009). */
export function useLeads() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const people = useQuery(peopleQuery)
  const leads = (people.data?.items ?? []).filter((one) => may(one.role, 'decide'))
  const usual = leads.find((one) => one.id === session.user.id) ?? leads[0]
  return { leads, usual: usual?.id ?? '' }
}

/** The person who answers for an estimate. */
export function LeadSelect({ value, onChange, error, className }: { value: string; onChange: (id: string) => void; error?: string | null; className?: string }) {
  const { leads } = useLeads()
  return (
    <Field label="Answers for the estimate" hint="A Lead Estimator or Admin" error={error} {...(className ? { className } : {})}>
      <Select value={value} onChange={(event) => onChange(event.target.value)}>
        {leads.map((one) => <option key={one.id} value={one.id}>{one.name}, {ROLE_NAMES[one.role]}</option>)}
      </Select>
    </Field>
  )
}
