import type { Tender, TenderState } from '~/api/types'

export const TENDER_STATES: readonly TenderState[] = ['enquiry', 'active', 'submitted', 'won', 'lost', 'no-award', 'declined', 'withdrawn', 'archived']
/** Tenders in these states still have work before their closing time. */
export const OPEN_STATES: readonly TenderState[] = ['enquiry', 'active']
/** Tenders that may still be won. */
export const LIVE_STATES: readonly TenderState[] = ['enquiry', 'active', 'submitted']
/** Tenders that are decided one way or the other. */
export const CLOSED_STATES: readonly TenderState[] = ['won', 'lost', 'no-award', 'declined', 'withdrawn']

/** Where a person may move a tender from each state; submitting an estimate makes it submitted. */
export const MOVES: Record<TenderState, readonly TenderState[]> = {
  enquiry: ['active', 'declined'], active: ['withdrawn'], submitted: ['active', 'won', 'lost', 'no-award', 'withdrawn'],
  won: ['archived'], lost: ['archived'], 'no-award': ['archived'], declined: ['archived'], withdrawn: ['archived'], archived: [],
}

/** Why a tender can never be deleted: what was sent to a client is kept (BR-008). */
export function whyKept(tender: Pick<Tender, 'estimates'>): string | undefined {
  return tender.estimates.some((one) => one.submittedTotalEx != null) ? 'It was submitted to the client: it is kept (BR-008).' : undefined
}
