import { useSuspenseQuery } from '@tanstack/react-query'
import { sessionQuery } from '~/api/queries'
import type { EstimateState, Role } from '~/api/types'
import { FROZEN_STATES } from '~/ui/words'

/** What somebody does here: change records, decide about prices and outcomes, look after the organisation. */
export type Deed = 'edit' | 'decide' | 'administer'

const RANKS: Record<Role, number> = { viewer: 0, estimator: 1, 'lead-estimator': 2, admin: 3 }
const LEAST: Record<Deed, Role> = { edit: 'estimator', decide: 'lead-estimator', administer: 'admin' }

/** Who does it, said where a control is shown to somebody who may not use it. */
export const WHO_MAY: Record<Deed, string> = { edit: 'An Estimator does this', decide: 'A Lead Estimator does this', administer: 'An Admin does this' }

/** Whether the server lets a role do it; every control that leads to a change asks this or `useMay`. */
export const may = (role: Role, deed: Deed): boolean => RANKS[role] >= RANKS[LEAST[deed]]

/** Whether an estimate in this state takes no edits of somebody with this role. */
export const isReadOnly = (state: EstimateState, role: Role): boolean => !may(role, 'edit') || FROZEN_STATES.includes(state)

/** Why an estimate in this state takes no edits of somebody with this role, and what to do about it. */
export const readOnlyWords = (role: Role, what = 'it'): string =>
  may(role, 'edit') ? `This estimate is frozen. Make a new revision to change ${what}.` : `You can read this estimate. An Estimator changes ${what}.`

/** The role of whoever is signed in. */
export function useRole(): Role {
  return useSuspenseQuery(sessionQuery).data.user.role
}

/** Whether whoever is signed in may do it. */
export function useMay(deed: Deed): boolean {
  return may(useRole(), deed)
}

/** For what takes more than editing: nothing when they may do it, else who does, said where the control is. */
export function useWhyNot(deed: Deed): string | undefined {
  return useMay(deed) ? undefined : WHO_MAY[deed]
}
