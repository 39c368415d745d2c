import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { ApiToken, MadeApiToken, StaffMember, TokenScope } from '~/api/types'
import { Chip, EmptyState } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatFull, formatRelative } from '~/ui/dates'
import { Confirm, Dialog } from '~/ui/dialog'
import { Field, Select, TextInput } from '~/ui/form'
import { SkeletonRows } from '~/ui/list'
import { ProblemPanel } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { useSubmit } from '~/ui/use-submit'

const SCOPES: [TokenScope, string][] = [['read', 'Read only'], ['write', 'Read and change'], ['admin', 'Everything its owner may']]
const DAYS = [7, 30, 90, 366]

/** What programs come with instead of signing in. */
export function TokensTab({ isAdmin }: { isAdmin: boolean }) {
  const tokens = useQuery({ queryKey: keys.tokens, queryFn: ({ signal }) => api.get<{ items: ApiToken[] }>('/tokens', { signal }) })
  const client = useQueryClient()
  const [making, setMaking] = useState(false)
  const [going, setGoing] = useState<ApiToken | null>(null)
  const refresh = () => client.invalidateQueries({ queryKey: keys.tokens })
  if (tokens.isError) return <ProblemPanel error={tokens.error} retry={() => void tokens.refetch()} />
  const make = <Button look="primary" icon="plus" onClick={() => setMaking(true)}>New token</Button>
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      {tokens.data?.items.length === 0 ? (
        <EmptyState icon="link" title="No API tokens" actions={make}>A program that uses the API comes with a token instead of signing in. It does no more than its owner may, and ends by itself.</EmptyState>
      ) : (
        <>
          <div className="flex flex-wrap items-center gap-3 px-4 py-3">
            <p className="min-w-0 flex-1 text-ink2">A program sends one as <code>Authorization: Bearer oxf_…</code>. <a className="text-acc hover:underline" href="/api">The API</a> says what it can ask for.</p>
            {make}
          </div>
          <table className="table" aria-busy={tokens.isPending}>
            <thead><tr><th>Name</th><th className="w-44">Stands for</th><th className="w-44">May</th><th className="w-36">Last used</th><th className="w-40">Ends</th><th className="w-28"><span className="sr-only">Actions</span></th></tr></thead>
            <tbody>
              {tokens.isPending && <SkeletonRows columns={6} rows={2} />}
              {tokens.data?.items.map((token) => <TokenRow key={token.id} token={token} onRevoke={() => setGoing(token)} />)}
            </tbody>
          </table>
        </>
      )}
      {making && <NewToken isAdmin={isAdmin} onClose={() => { setMaking(false); void refresh() }} />}
      <Confirm
        open={going !== null} onOpenChange={(open) => { if (!open) setGoing(null) }} title={`Revoke “${going?.name ?? ''}”?`} action="Revoke token" danger
        onConfirm={async () => { if (going) await api.delete(`/tokens/${going.id}`); toast.done('The token is no good any more'); await refresh() }}
      >
        Whatever program uses it is refused from now on.
      </Confirm>
    </div>
  )
}

function TokenRow({ token, onRevoke }: { token: ApiToken; onRevoke: () => void }) {
  const over = Date.parse(token.endsAt) <= Date.now()
  return (
    <tr>
      <td className="max-w-0 truncate font-medium" title={token.name}>{token.name}</td>
      <td className="max-w-0 truncate text-ink2" title={token.userName}>{token.userName}</td>
      <td className="text-ink2">{SCOPES.find(([scope]) => scope === token.scope)?.[1]}</td>
      <td className="text-ink2">{token.usedAt ? <time dateTime={token.usedAt} title={formatFull(token.usedAt)}>{formatRelative(token.usedAt)}</time> : 'never'}</td>
      <td>{over ? <Chip look="warn">Ended</Chip> : <time className="text-ink2" dateTime={token.endsAt} title={formatFull(token.endsAt)}>{formatRelative(token.endsAt)}</time>}</td>
      <td className="num"><Button look="plain" aria-label={`Revoke ${token.name}`} onClick={onRevoke}>Revoke</Button></td>
    </tr>
  )
}

function NewToken({ isAdmin, onClose }: { isAdmin: boolean; onClose: () => void }) {
  const staff = useQuery({ queryKey: keys.users, enabled: isAdmin, queryFn: ({ signal }) => api.get<{ items: StaffMember[] }>('/users', { signal }) })
  const [name, setName] = useState('')
  const [scope, setScope] = useState<TokenScope>('read')
  const [days, setDays] = useState(30)
  const [userId, setUserId] = useState('')
  const { busy, refusal, run } = useSubmit()
  const [made, setMade] = useState<MadeApiToken | null>(null)
  const services = staff.data?.items.filter((one) => one.email == null && one.active) ?? []

  const make = async () => setMade(await api.post<MadeApiToken>('/tokens', { name, scope, days, userId: userId || undefined }))
  const copy = async (text: string) => {
    await navigator.clipboard.writeText(text)
    toast.done('Copied')
  }

  if (made) {
    return (
      <Dialog open onOpenChange={onClose} title="Copy the token now" description="It is shown this once and cannot be shown again." footer={<Button look="primary" onClick={onClose}>I have copied it</Button>}>
        <div className="flex items-center gap-2">
          <input readOnly aria-label="Token" className="field font-mono text-xs" value={made.text} onFocus={(event) => event.target.select()} />
          <Button icon="copy" onClick={() => void copy(made.text)}>Copy</Button>
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog
      open onOpenChange={onClose} title="New API token"
      footer={<><Button onClick={onClose}>Cancel</Button><Button look="primary" type="submit" form="new-token" busy={busy} disabled={!name.trim()}>Make token</Button></>}
    >
      <form id="new-token" className="grid gap-3" onSubmit={(event) => run(make, event)}>
        <Field label="What it is for"><TextInput value={name} maxLength={100} onChange={(event) => setName(event.target.value)} /></Field>
        <div className="grid grid-cols-2 gap-3">
          <Field label="May"><Select value={scope} onChange={(event) => setScope(event.target.value as TokenScope)}>{SCOPES.map(([value, label]) => <option key={value} value={value}>{label}</option>)}</Select></Field>
          <Field label="Ends in"><Select value={days} onChange={(event) => setDays(DAYS.find((one) => String(one) === event.target.value) ?? days)}>{DAYS.map((value) => <option key={value} value={value}>{value} days</option>)}</Select></Field>
        </div>
        {services.length > 0 && (
          <Field label="Stands for">
            <Select value={userId} onChange={(event) => setUserId(event.target.value)}><option value="">Yourself</option>{services.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}</Select>
          </Field>
        )}
        {refusal && <p role="alert" className="text-bad">{refusal}</p>}
      </form>
    </Dialog>
  )
}
