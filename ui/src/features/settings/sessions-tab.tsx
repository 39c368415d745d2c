import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { SignInSession } from '~/api/types'
import { Chip } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatFull, formatRelative } from '~/ui/dates'
import { Confirm } from '~/ui/dialog'
import { SkeletonRows } from '~/ui/list'
import { ProblemPanel } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { browserName } from './browser'

/** Where one is signed in, and how to end that. */
export function SessionsTab() {
  const sessions = useQuery({ queryKey: keys.sessions, queryFn: ({ signal }) => api.get<{ items: SignInSession[] }>('/sessions', { signal }) })
  const client = useQueryClient()
  const navigate = useNavigate()
  const [everywhere, setEverywhere] = useState(false)
  const end = async (session: SignInSession) => {
    try {
      await api.delete(`/sessions/${session.id}`)
      toast.done('That session is over')
    } catch (error) {
      toast.refused('The session could not be ended', error)
    }
    await client.invalidateQueries({ queryKey: keys.sessions })
  }
  const endAll = async () => {
    await api.delete('/sessions')
    client.clear()
    await navigate({ to: '/sign-in' })
  }
  if (sessions.isError) return <ProblemPanel error={sessions.error} retry={() => void sessions.refetch()} />
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <div className="flex flex-wrap items-center gap-3 px-4 py-3">
        <p className="min-w-0 flex-1 text-ink2">A session you do not know? End it, and tell whoever runs your sign-in.</p>
        <Button look="danger" onClick={() => setEverywhere(true)}>Sign out everywhere</Button>
      </div>
      <table className="table" aria-busy={sessions.isPending}>
        <thead><tr><th>Browser</th><th className="w-44">Address</th><th className="w-48">Signed in</th><th className="w-40">Last used</th><th className="w-40"><span className="sr-only">Actions</span></th></tr></thead>
        <tbody>
          {sessions.isPending && <SkeletonRows columns={5} rows={2} />}
          {sessions.data?.items.map((session) => (
            <tr key={session.id}>
              <td className="max-w-0 truncate font-medium" title={session.agent}>{browserName(session.agent)}</td>
              <td className="truncate text-ink2 tabular-nums">{session.address}</td>
              <td className="text-ink2"><time dateTime={session.startedAt} title={formatFull(session.startedAt)}>{formatRelative(session.startedAt)}</time></td>
              <td className="text-ink2"><time dateTime={session.usedAt} title={formatFull(session.usedAt)}>{formatRelative(session.usedAt)}</time></td>
              <td className="num">{session.current ? <Chip look="good">This one</Chip> : <Button look="plain" onClick={() => void end(session)}>End session</Button>}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Confirm open={everywhere} onOpenChange={setEverywhere} title="Sign out everywhere?" action="Sign out everywhere" danger onConfirm={endAll}>
        Every session of yours ends at once, this one too. Edits that were not saved yet stay in their browser until you sign in there again.
      </Confirm>
    </div>
  )
}
