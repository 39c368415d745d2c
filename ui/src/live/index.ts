import { useSyncExternalStore } from 'react'
import { type LinkState, live } from './connection'

export { live, type EstimateListener, type LinkState } from './connection'

/** The state of the link to the server, kept current. */
export function useLinkState(): LinkState {
  return useSyncExternalStore(live.onState, () => live.state)
}
