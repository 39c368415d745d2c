import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { api, isProblem } from '~/api/client'
import { keys } from '~/api/queries'
import type { Company } from '~/api/types'
import { useMay } from '~/app/rights'
import { Button, IconButton } from '~/ui/button'
import { Dialog } from '~/ui/dialog'
import { Checkbox, Field, TextArea, TextInput } from '~/ui/form'
import { problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { COMPANY_ROLE_NAMES, type CompanyDraft, EMPTY_COMPANY, ROLES, draftOf, fieldsOf } from './model'

/** A company with the people there: a new one, or one that is changed. */
export function CompanyEditor({ company, onClose, onSaved }: { company?: Company; onClose: () => void; onSaved?: (company: Company) => void }) {
  const client = useQueryClient()
  const [draft, setDraft] = useState<CompanyDraft>(() => (company ? draftOf(company) : EMPTY_COMPANY))
  const [version, setVersion] = useState(company?.version ?? 0)
  const [refusal, setRefusal] = useState<{ field: string | null; text: string } | null>(null)
  const [busy, setBusy] = useState(false)
  const id = useId()
  const edits = useMay('edit')
  const linked = company?.xeroContactId !== undefined
  const set = (change: Partial<CompanyDraft>) => setDraft((now) => ({ ...now, ...change }))
  const contact = (at: number, change: Partial<CompanyDraft['contacts'][number]>) =>
    set({ contacts: draft.contacts.map((one, index) => (index === at ? { ...one, ...change } : one)) })
  const error = (field: string) => (refusal?.field === field ? refusal.text : undefined)

  const save = async (event: FormEvent) => {
    event.preventDefault()
    if (!draft.name.trim()) return setRefusal({ field: 'name', text: 'Give the company a name.' })
    setBusy(true)
    setRefusal(null)
    try {
      const saved = company
        ? await api.patch<Company>(`/companies/${company.id}`, { version, set: fieldsOf(draft) })
        : await api.post<Company>('/companies', fieldsOf(draft))
      void client.invalidateQueries({ queryKey: keys.companies })
      void client.invalidateQueries({ queryKey: keys.history('company', saved.id) })
      toast.done(company ? `${saved.name} saved` : `${saved.name} added`)
      onSaved?.(saved)
      onClose()
    } catch (problem) {
      if (isProblem(problem) && problem.code === 'stale-version' && company) {
        const now = await api.get<Company>(`/companies/${company.id}`)
        setVersion(now.version)
        setRefusal({ field: null, text: 'Someone else changed this company meanwhile. Save again to put yours in its place, or close to keep theirs.' })
      } else {
        setRefusal({ field: isProblem(problem) ? problem.at : null, text: problemText(problem) })
      }
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog
      open onOpenChange={(open) => { if (!open) onClose() }} title={company ? company.name : 'New company'} width="wide"
      description={linked ? 'Linked to Xero: its name, contacts and state are changed there, and come here with the next sync.' : 'Clients ask for prices; suppliers and subcontractors are asked to quote.'}
      footer={edits ? <><Button onClick={onClose}>Cancel</Button><Button look="primary" type="submit" form={id} busy={busy}>{company ? 'Save company' : 'Add company'}</Button></> : <Button onClick={onClose}>Close</Button>}
    >
      <form id={id} noValidate onSubmit={(event) => void save(event)} className="grid gap-4">
        <fieldset disabled={!edits} className="contents">
        <div className="grid grid-cols-6 gap-3">
          <Field label="Name" error={error('name')} className="col-span-6"><TextInput required disabled={linked} value={draft.name} onChange={(event) => set({ name: event.target.value })} /></Field>
          <fieldset className="col-span-6 flex flex-wrap items-center gap-x-4">
            <legend className="mb-1 text-xs font-medium text-ink2">Roles</legend>
            {ROLES.map((role) => (
              <Checkbox key={role} label={COMPANY_ROLE_NAMES[role]} checked={draft.roles[role]} onChange={(event) => set({ roles: { ...draft.roles, [role]: event.target.checked } })} />
            ))}
            <span className="h-4 border-l border-line" aria-hidden="true" />
            <Checkbox label="On hold: not asked for quotes" checked={draft.onHold} onChange={(event) => set({ onHold: event.target.checked })} />
          </fieldset>
          <Field label="Regions" hint="Between commas" error={error('regions')} className="col-span-3"><TextInput value={draft.regions} onChange={(event) => set({ regions: event.target.value })} placeholder="Waikato, Bay of Plenty" /></Field>
          <Field label="Trades" hint="Between commas" error={error('trades')} className="col-span-3"><TextInput value={draft.trades} onChange={(event) => set({ trades: event.target.value })} placeholder="Chipseal, Line marking" /></Field>
        </div>
        <fieldset disabled={linked} className="grid gap-1.5">
          <legend className="mb-1 text-xs font-medium text-ink2">Contacts</legend>
          {draft.contacts.map((one, at) => (
            <div key={at} className="grid grid-cols-[1fr_1.3fr_0.8fr_auto] gap-2">
              <Field hideLabel label={`Name of contact ${at + 1}`}><TextInput placeholder="Name" value={one.name} onChange={(event) => contact(at, { name: event.target.value })} /></Field>
              <Field hideLabel label={`E-mail of contact ${at + 1}`}><TextInput type="email" placeholder="E-mail" value={one.email} onChange={(event) => contact(at, { email: event.target.value })} /></Field>
              <Field hideLabel label={`Phone of contact ${at + 1}`}><TextInput type="tel" placeholder="Phone" value={one.phone} onChange={(event) => contact(at, { phone: event.target.value })} /></Field>
              <IconButton icon="trash" className="edits" label={`Remove contact ${at + 1}`} onClick={() => set({ contacts: draft.contacts.filter((_, index) => index !== at) })} />
            </div>
          ))}
          {error('contacts') && <p role="alert" className="text-xs text-bad">{error('contacts')}</p>}
          <div className="edits"><Button icon="plus" onClick={() => set({ contacts: [...draft.contacts, { name: '', email: '', phone: '' }] })}>Add a contact</Button></div>
        </fieldset>
        <Field label="Note" error={error('note')}><TextArea rows={2} value={draft.note} onChange={(event) => set({ note: event.target.value })} /></Field>
        </fieldset>
        {refusal && refusal.field === null && <p role="alert" className="text-bad">{refusal.text}</p>}
      </form>
    </Dialog>
  )
}
