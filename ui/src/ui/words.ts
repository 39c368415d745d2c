import type { EstimateState, FormOfContract, ItemStatus, ItemType, LineMethod, ResourceType, Role, TenderState } from '~/api/types'

export const RESOURCE_TYPES: readonly ResourceType[] = ['labour', 'plant', 'material', 'subcontract', 'other']
export const TYPE_NAMES: Record<ResourceType, string> = {
  labour: 'Labour', plant: 'Plant', material: 'Material', subcontract: 'Subcontract', other: 'Other',
}
export const ITEM_TYPES: readonly ItemType[] = [
  'schedule', 'normal', 'rate-only', 'provisional-sum', 'prime-cost-sum', 'percentage', 'daywork', 'excluded', 'included-elsewhere', 'risk',
]
export const ITEM_TYPE_NAMES: Record<ItemType, string> = {
  schedule: 'Schedule', normal: 'Normal', 'rate-only': 'Rate only', 'provisional-sum': 'Provisional sum', 'prime-cost-sum': 'Prime cost sum',
  percentage: 'Percentage', daywork: 'Daywork', excluded: 'Excluded', 'included-elsewhere': 'Included elsewhere', risk: 'Risk',
}
/** Types that have no quantity: the client's sums, what is worked on them, and what is only rated (BR-020). */
export const UNMEASURED: readonly ItemType[] = ['rate-only', 'provisional-sum', 'prime-cost-sum', 'percentage']
export const STATUS_NAMES: Record<ItemStatus, string> = { unpriced: 'Unpriced', plugged: 'Plugged', priced: 'Priced', reviewed: 'Reviewed' }
export const ESTIMATE_STATE_NAMES: Record<EstimateState, string> = {
  'in-progress': 'In progress', reviewed: 'Reviewed', approved: 'Approved', submitted: 'Submitted', superseded: 'Superseded', archived: 'Archived',
}
export const TENDER_STATE_NAMES: Record<TenderState, string> = {
  enquiry: 'Enquiry', active: 'Active', submitted: 'Submitted', won: 'Won', lost: 'Lost', 'no-award': 'No award', declined: 'Declined',
  withdrawn: 'Withdrawn', archived: 'Archived',
}
export const CONTRACT_NAMES: Record<FormOfContract, string> = { nzs3910: 'NZS 3910', nzs3916: 'NZS 3916', nzs3917: 'NZS 3917', other: 'Other' }
export const ROLE_NAMES: Record<Role, string> = { viewer: 'Viewer', estimator: 'Estimator', 'lead-estimator': 'Lead estimator', admin: 'Administrator' }
export const METHOD_NAMES: Record<LineMethod, string> = {
  time: 'Time', norm: 'Norm', fixed: 'Fixed', usage: 'Usage', subcontract: 'Subcontract', lump: 'Lump sum', 'percent-of': 'Percent of',
}
/** Estimates in these states take no edits. */
export const FROZEN_STATES: readonly EstimateState[] = ['submitted', 'superseded', 'archived']

/** "1 item", "3 items". */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString('en-NZ')} ${number === 1 ? noun : plural}`
}

/** A unit as people write it: "m3" is shown as "m³"; the code itself is what is typed and sent. */
export function unitText(unit: string | null | undefined): string {
  return (unit ?? '').replace(/2$/, '²').replace(/3$/, '³')
}
