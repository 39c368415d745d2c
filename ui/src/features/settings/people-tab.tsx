import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Role, StaffMember } from '~/api/types'
import { Avatar, Chip } from '~/ui/bits'
import { Button, IconButton } from '~/ui/button'
import { cx } from '~/ui/cx'
import { formatFull, formatRelative } from '~/ui/dates'
import { Confirm, FormDialog } from '~/ui/dialog'
import { Field, Select, TextInput } from '~/ui/form'
import { SkeletonRows } from '~/ui/list'
import { Menu } from '~/ui/menu'
import { ProblemPanel } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { useSubmit } from '~/ui/use-submit'
import { ROLE_NAMES } from '~/ui/words'

const ROLES: Role[] = ['viewer', 'estimator', 'lead-estimator', 'admin']

/** Who works here: added, given another role, deactivated. */
export function PeopleTab({ ownId }: { ownId: string }) {
  const people = useQuery({ queryKey: keys.users, queryFn: ({ signal }) => api.get<{ items: StaffMember[] }>('/users', { signal }) })
  const client = useQueryClient()
  const [adding, setAdding] = useState<'person' | 'service' | null>(null)
  const [leaving, setLeaving] = useState<StaffMember | null>(null)
  const [unlinking, setUnlinking] = useState<StaffMember | null>(null)
  const refresh = () => Promise.all([keys.users, keys.people, keys.session].map((queryKey) => client.invalidateQueries({ queryKey })))

  const change = async (person: StaffMember, set: { role?: Role; active?: boolean }, said: string) => {
    try {
      await api.patch<StaffMember>(`/users/${person.id}`, { version: person.version, ...set })
      toast.done(said)
    } catch (error) {
      toast.refused(`${person.name} could not be changed`, error)
    }
    await refresh()
  }
  const signOut = async (person: StaffMember) => {
    try {
      await api.delete(`/users/${person.id}/sessions`)
      toast.done(`${person.name} is signed out`)
    } catch (error) {
      toast.refused(`${person.name} could not be signed out`, error)
    }
    await refresh()
  }

  if (people.isError) return <ProblemPanel error={people.error} retry={() => void people.refetch()} />
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <div className="flex flex-wrap items-center gap-2 px-4 py-3">
        <p className="min-w-0 flex-1 text-ink2">Whoever is added signs in with that e-mail address. A service account is for programs: it has API tokens and cannot sign in.</p>
        <Button onClick={() => setAdding('service')}>New service account</Button>
        <Button look="primary" icon="plus" onClick={() => setAdding('person')}>Add person</Button>
      </div>
      <table className="table" aria-busy={people.isPending}>
        <thead><tr><th>Name</th><th>E-mail</th><th className="w-44">Role</th><th className="w-36">Last seen</th><th className="w-32">State</th><th className="w-12"><span className="sr-only">Actions</span></th></tr></thead>
        <tbody>
          {people.isPending && <SkeletonRows columns={6} rows={3} />}
          {people.data?.items.map((person) => (
            <tr key={person.id} className={cx(!person.active && 'text-ink3')}>
              <td className="max-w-0 truncate font-medium"><span className="flex items-center gap-2"><Avatar id={person.id} name={person.name} size={22} /><span className="truncate" title={person.name}>{person.name}{person.id === ownId && <span className="font-normal text-ink3"> (you)</span>}</span></span></td>
              <td className="max-w-0 truncate text-ink2" title={person.email ?? undefined}>{person.email ?? <Chip>Service account</Chip>}</td>
              <td>
                <Field label={`Role of ${person.name}`} hideLabel>
                  <Select value={person.role} disabled={!person.active} onChange={(event) => void change(person, { role: event.target.value as Role }, `${person.name} is ${ROLE_NAMES[event.target.value as Role]} now`)}>
                    {ROLES.map((role) => <option key={role} value={role}>{ROLE_NAMES[role]}</option>)}
                  </Select>
                </Field>
              </td>
              <td className="text-ink2">{person.seenAt ? <time dateTime={person.seenAt} title={formatFull(person.seenAt)}>{formatRelative(person.seenAt)}</time> : person.email == null ? 'by its tokens' : 'not signed in'}</td>
              <td>{person.active ? <Chip look="good">Active</Chip> : <Chip>Deactivated</Chip>}</td>
              <td className="num">
                <Menu
                  trigger={<IconButton icon="more" label={`Actions of ${person.name}`} />}
                  items={[
                    { label: 'Sign out everywhere', icon: 'signOut', disabled: person.sessions === 0, onSelect: () => void signOut(person) },
                    { label: 'Unlink from providers…', icon: 'link', disabled: person.links === 0, onSelect: () => setUnlinking(person) },
                    'separator',
                    person.active
                      ? { label: 'Deactivate…', icon: 'close', danger: true, onSelect: () => setLeaving(person) }
                      : { label: 'Let in again', icon: 'check', onSelect: () => void change(person, { active: true }, `${person.name} may come in again`) },
                  ]}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {adding && <NewPerson service={adding === 'service'} onClose={() => { setAdding(null); void refresh() }} />}
      <Confirm
        open={leaving !== null} onOpenChange={(open) => { if (!open) setLeaving(null) }} title={`Deactivate ${leaving?.name ?? ''}?`} action="Deactivate" danger
        onConfirm={async () => {
          if (leaving) await api.patch(`/users/${leaving.id}`, { version: leaving.version, active: false })
          toast.done(`${leaving?.name ?? ''} is deactivated`)
          await refresh()
        }}
      >
        Their sessions and API tokens end at once. What they did keeps their name.
      </Confirm>
      <Confirm
        open={unlinking !== null} onOpenChange={(open) => { if (!open) setUnlinking(null) }} title={`Unlink ${unlinking?.name ?? ''}?`} action="Unlink" danger
        onConfirm={async () => {
          if (unlinking) await api.delete(`/users/${unlinking.id}/links`)
          toast.done(`${unlinking?.name ?? ''} is unlinked`)
          await refresh()
        }}
      >
        They are signed out. Whoever signs in next with the verified address {unlinking?.email} is them from then on.
      </Confirm>
    </div>
  )
}

function NewPerson({ service, onClose }: { service: boolean; onClose: () => void }) {
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('estimator')
  const { busy, refusal, run } = useSubmit()
  const add = async () => {
    await api.post<StaffMember>('/users', { name, role, email: service ? undefined : email })
    toast.done(`${name.trim()} is added`)
    onClose()
  }
  return (
    <FormDialog
      className="grid gap-3" title={service ? 'New service account' : 'Add person'} action={service ? 'Add account' : 'Add person'}
      description={service ? 'For a program. Make API tokens for it afterwards.' : 'Nothing is sent: tell them the address of this server.'}
      busy={busy} disabled={!name.trim() || (!service && !email.trim())} onClose={onClose} onSubmit={(event) => run(add, event)}
    >
      <Field label="Name"><TextInput value={name} maxLength={200} onChange={(event) => setName(event.target.value)} /></Field>
      {!service && <Field label="E-mail address"><TextInput type="email" value={email} maxLength={200} onChange={(event) => setEmail(event.target.value)} /></Field>}
      <Field label="Role"><Select value={role} onChange={(event) => setRole(event.target.value as Role)}>{ROLES.map((one) => <option key={one} value={one}>{ROLE_NAMES[one]}</option>)}</Select></Field>
      {refusal && <p role="alert" className="text-bad">{refusal}</p>}
    </FormDialog>
  )
}
