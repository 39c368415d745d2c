import type { Estimate, Tender } from '~/api/types'
import type { Crumb } from '~/app/page'
import { Chip } from '~/ui/bits'
import { ESTIMATE_STATE_NAMES, FROZEN_STATES } from '~/ui/words'

/** Which revision it is, and how far it has come. */
export function EstimateChips({ estimate }: { estimate: Estimate }) {
  return (
    <>
      <Chip>revision {estimate.revision}</Chip>
      <Chip look={FROZEN_STATES.includes(estimate.state) ? 'warn' : 'accent'}>{ESTIMATE_STATE_NAMES[estimate.state]}</Chip>
    </>
  )
}

/** The way to the tender; to the register until the tender is here. */
export function tenderCrumb(tender: Tender | undefined): Crumb {
  return tender ? { label: `${tender.number} · ${tender.name}`, to: '/tenders/$tenderId', params: { tenderId: tender.id } } : { label: 'Tenders', to: '/tenders' }
}

/** The way to a screen of an estimate: its tender, then itself. */
export function estimateCrumbs(tender: Tender | undefined, estimate: Estimate): Crumb[] {
  return [tenderCrumb(tender), { label: estimate.name, to: '/estimates/$estimateId', params: { estimateId: estimate.id } }]
}
