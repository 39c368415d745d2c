import { useSuspenseQuery } from '@tanstack/react-query'
import { sessionQuery } from '~/api/queries'
import type { EstimateState, Role } from '~/api/types'
import { FROZEN_STATES } from '~/ui/words'

/** Whether somebody with this role decides about prices, outcomes and who leads. */
export const isLead = (role: Role): boolean => role === 'lead-estimator' || role === 'admin'

/** Whether an estimate in this state takes no edits of somebody with this role. */
export const isReadOnly = (state: EstimateState, role: Role): boolean => role === 'viewer' || FROZEN_STATES.includes(state)

/** The role of whoever is signed in. */
export function useRole(): Role {
  return useSuspenseQuery(sessionQuery).data.user.role
}
