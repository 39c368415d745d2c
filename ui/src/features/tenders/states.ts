import type { TenderState } from '~/api/types'

export const TENDER_STATES: readonly TenderState[] = ['enquiry', 'active', 'submitted', 'won', 'lost', 'no-award', 'declined', 'withdrawn', 'archived']
/** Tenders in these states still have work before their closing time. */
export const OPEN_STATES: readonly TenderState[] = ['enquiry', 'active']
