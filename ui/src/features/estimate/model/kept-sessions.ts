import type { EstimateSession } from './session'

/**
 * Estimates that were left with edits still waiting, by estimate and person. They go on as soon as that
 * person is signed in and connected again, whatever screen is open, and live as long as the tab.
 */
const kept = new Map<string, { session: EstimateSession; off: () => void }>()

const keyOf = (estimateId: string, userId: string | null) => `${estimateId} ${userId ?? ''}`

function onLeave(event: BeforeUnloadEvent): void {
  if ([...kept.values()].some(({ session }) => session.queue.size > 0)) event.preventDefault()
}

/** `follow` watches the connection for the session until the function it gives is called. */
export function keepSession(session: EstimateSession, follow: () => () => void): void {
  if (session.queue.size === 0) return
  dropSession(session)
  kept.set(keyOf(session.estimateId, session.userId), { session, off: follow() })
  window.addEventListener('beforeunload', onLeave)
}

/** The session of this person whose edits wait, if there is one. */
export function keptSession(estimateId: string, userId: string | null): EstimateSession | undefined {
  return kept.get(keyOf(estimateId, userId))?.session
}

/** How many edits of a person wait in this tab, in estimates that are not on screen. */
export function waitingOf(userId: string): number {
  return [...kept.values()].reduce((sum, { session }) => sum + (session.userId === userId ? session.queue.size : 0), 0)
}

/** The session is on screen again and looks after itself. */
export function dropSession(session: EstimateSession): void {
  const key = keyOf(session.estimateId, session.userId)
  kept.get(key)?.off()
  kept.delete(key)
  if (kept.size === 0) window.removeEventListener('beforeunload', onLeave)
}
