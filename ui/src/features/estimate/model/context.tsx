import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, createContext, useContext, useEffect, useMemo, useSyncExternalStore } from 'react'
import { keptSession } from './kept-sessions'
import { EstimateSession, userOf } from './session'

const Context = createContext<EstimateSession | null>(null)

export function EstimateSessionProvider({ estimateId, children }: { estimateId: string; children: ReactNode }) {
  const client = useQueryClient()
  const session = useMemo(() => keptSession(estimateId, userOf(client)) ?? new EstimateSession(client, estimateId), [client, estimateId])
  useEffect(() => session.open(), [session])
  return <Context.Provider value={session}>{children}</Context.Provider>
}

/** Another session in place of the one around it: the estimate as it was. */
export function SessionProvider({ session, children }: { session: EstimateSession; children: ReactNode }) {
  return <Context.Provider value={session}>{children}</Context.Provider>
}

/** The open estimate; the component repaints when the session changes. */
export function useEstimateSession(): EstimateSession {
  const session = useContext(Context)
  if (!session) throw new Error('useEstimateSession outside an estimate')
  useSyncExternalStore(session.subscribe, () => session.version)
  return session
}
