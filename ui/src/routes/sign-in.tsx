import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { api } from '~/api/client'
import { keys, signInUsersQuery } from '~/api/queries'
import type { Session, User } from '~/api/types'
import { waitingOf } from '~/features/estimate/model/kept-sessions'
import { Avatar, Chip, Skeleton } from '~/ui/bits'
import { Icon } from '~/ui/icons'
import { ProblemPanel, problemText } from '~/ui/problem'
import { ROLE_NAMES, count } from '~/ui/words'

/** Development sign-in: pick who you are. Only a loopback demo or development server offers it. */
export default function SignIn() {
  const users = useQuery(signInUsersQuery)
  const client = useQueryClient()
  const navigate = useNavigate()
  const { next } = useSearch({ from: '/sign-in' })
  const [busy, setBusy] = useState<string | null>(null)
  const [error, setError] = useState<string | null>(null)
  useEffect(() => { document.title = 'Sign in · oxFlow' }, [])

  const signIn = async (user: User) => {
    setBusy(user.id)
    setError(null)
    try {
      const session = await api.post<Session>('/session', { userId: user.id })
      client.clear()
      client.setQueryData(keys.session, session)
      await navigate({ to: next ?? '/tenders', replace: true })
    } catch (refusal) {
      setError(problemText(refusal))
      setBusy(null)
    }
  }

  return (
    <main id="main" className="grid min-h-full place-items-center p-6">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center gap-3">
          <img src="/favicon.svg" alt="" className="size-9" />
          <div>
            <h1 className="text-lg font-semibold">Sign in to oxFlow</h1>
            <p className="text-ink2">Development sign-in: choose who you are.</p>
          </div>
        </div>
        {users.isError ? (
          <ProblemPanel error={users.error} retry={() => void users.refetch()} />
        ) : (
          <ul className="overflow-hidden rounded-lg border border-line bg-pane">
            {users.isPending && [0, 1, 2].map((index) => <li key={index} className="p-3"><Skeleton className="h-8" /></li>)}
            {users.data?.items.map((user) => (
              <li key={user.id} className="border-b border-line2 last:border-0">
                <button
                  type="button" disabled={busy !== null} onClick={() => void signIn(user)}
                  className="flex w-full items-center gap-3 px-3 py-2.5 text-left -outline-offset-2! transition-colors hover:bg-acc2 disabled:opacity-60"
                >
                  <Avatar id={user.id} name={user.name} size={32} />
                  <span className="min-w-0 flex-1">
                    <span className="block font-medium">{user.name}</span>
                    <span className="block truncate text-xs text-ink2">{ROLE_NAMES[user.role]} · {user.email}</span>
                  </span>
                  {waitingOf(user.id) > 0 && <Chip look="warn">{count(waitingOf(user.id), 'edit')} waiting</Chip>}
                  <Icon name="chevronRight" className="text-ink3" />
                </button>
              </li>
            ))}
          </ul>
        )}
        {error && <p role="alert" className="mt-3 text-bad">{error}</p>}
      </div>
    </main>
  )
}
