import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'
import { api, isProblem } from '~/api/client'
import { keys, signInUsersQuery, signInWaysQuery } from '~/api/queries'
import type { Session, SignInProvider, User } from '~/api/types'
import { waitingOf } from '~/features/estimate/model/kept-sessions'
import { Avatar, Chip, Skeleton } from '~/ui/bits'
import { Icon } from '~/ui/icons'
import { ProblemPanel, problemText } from '~/ui/problem'
import { ROLE_NAMES, count } from '~/ui/words'
import { signInError } from './words'

/** The secret of the link for the first Admin; it stands after the #, so that no server or log on the way sees it. */
function setupOf(hash: string): string | undefined {
  return /^#setup=([0-9a-f]+)$/.exec(hash)?.[1]
}

/** The way in: a button for each provider, or on a development server the list of people. */
export function SignInScreen() {
  const ways = useQuery(signInWaysQuery)
  useEffect(() => { document.title = 'Sign in · oxFlow' }, [])
  const oidc = ways.data?.signIn === 'oidc'
  return (
    <main id="main" className="grid min-h-full place-items-center p-6">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center gap-3">
          <img src="/favicon.svg" alt="" className="size-9" />
          <div>
            <h1 className="text-lg font-semibold">Sign in to oxFlow</h1>
            {ways.data && <p className="text-ink2">{oidc ? 'With your account at work.' : 'Development sign-in: choose who you are.'}</p>}
          </div>
        </div>
        {ways.isError ? <ProblemPanel error={ways.error} retry={() => void ways.refetch()} />
          : ways.isPending ? <Waiting rows={1} />
            : oidc ? <Providers providers={ways.data.providers} /> : <People />}
      </div>
    </main>
  )
}

function Waiting({ rows }: { rows: number }) {
  return <Frame>{Array.from({ length: rows }, (_, index) => <li key={index} className="p-3"><Skeleton className="h-8" /></li>)}</Frame>
}

function Frame({ children }: { children: ReactNode }) {
  return <ul className="overflow-hidden rounded-lg border border-line bg-pane">{children}</ul>
}

const ROW = 'flex w-full items-center gap-3 px-3 py-2.5 text-left -outline-offset-2! transition-colors hover:bg-acc2 disabled:opacity-60'

function Providers({ providers }: { providers: SignInProvider[] }) {
  const { next, error: code } = useSearch({ from: '/sign-in' })
  const [setup] = useState(() => setupOf(window.location.hash))
  const [busy, setBusy] = useState<string | null>(null)
  const [error, setError] = useState<string | null>(code ? signInError(code) : null)
  useEffect(() => {
    // The secret is kept by this page and stands in no history.
    if (setup) window.history.replaceState(null, '', window.location.pathname + window.location.search)
  }, [setup])

  const signIn = async (provider: SignInProvider) => {
    setBusy(provider.id)
    setError(null)
    try {
      const { location } = await api.post<{ location: string }>('/session/oidc', { provider: provider.id, returnTo: next, setup })
      window.location.assign(location)
    } catch (refusal) {
      setError(isProblem(refusal) && !refusal.offline ? signInError(refusal.code) : problemText(refusal))
      setBusy(null)
    }
  }

  return (
    <>
      {setup && <p className="mb-3 rounded-md bg-acc2 px-3 py-2 text-ink2">No Admin has signed in yet. Whoever signs in now becomes one.</p>}
      <Frame>
        {providers.map((provider) => (
          <li key={provider.id} className="border-b border-line2 last:border-0">
            <button type="button" disabled={busy !== null} onClick={() => void signIn(provider)} className={ROW}>
              <span className="grid size-8 shrink-0 place-items-center rounded-full bg-acc2 text-acc"><Icon name="user" /></span>
              <span className="min-w-0 flex-1 truncate font-medium">{busy === provider.id ? `Going to ${provider.name} …` : `Sign in with ${provider.name}`}</span>
              <Icon name="chevronRight" className="text-ink3" />
            </button>
          </li>
        ))}
      </Frame>
      {error && <p role="alert" className="mt-3 text-bad">{error}</p>}
    </>
  )
}

function People() {
  const users = useQuery(signInUsersQuery)
  const client = useQueryClient()
  const navigate = useNavigate()
  const { next } = useSearch({ from: '/sign-in' })
  const [busy, setBusy] = useState<string | null>(null)
  const [error, setError] = useState<string | null>(null)

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

  if (users.isError) return <ProblemPanel error={users.error} retry={() => void users.refetch()} />
  if (users.isPending) return <Waiting rows={3} />
  return (
    <>
      <Frame>
        {users.data.items.map((user) => (
          <li key={user.id} className="border-b border-line2 last:border-0">
            <button type="button" disabled={busy !== null} onClick={() => void signIn(user)} className={ROW}>
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
      </Frame>
      {error && <p role="alert" className="mt-3 text-bad">{error}</p>}
    </>
  )
}
