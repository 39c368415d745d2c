import type { OutcomeReason } from '~/api/types'

/** Why a tender was not won. */
export const REASON_NAMES: Record<OutcomeReason, string> = {
  price: 'Price', 'non-price-attributes': 'Non-price attributes', programme: 'Programme', 'non-conforming': 'Not conforming', 'client-cancelled': 'Client cancelled',
  'over-budget': 'Over the client’s budget', capacity: 'No capacity', 'risk-or-terms': 'Risk or terms', other: 'Other',
}
