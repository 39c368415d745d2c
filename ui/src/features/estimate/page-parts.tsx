import type { Estimate, Tender } from '~/api/types'
import type { Crumb } from '~/app/page'
import { isReadOnly, may, readOnlyWords, useRole } from '~/app/rights'
import { Chip } from '~/ui/bits'
import { cx } from '~/ui/cx'
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

/** Says over a screen of an estimate that it only reads, why, and what to do about it. */
export function ReadOnlyNote({ estimate, what }: { estimate: Estimate; what: string }) {
  const role = useRole()
  if (!isReadOnly(estimate.state, role)) return null
  return <p className={cx('border-b border-line px-4 py-1.5', may(role, 'edit') ? 'bg-warn2 text-warn' : 'bg-acc2 text-acc')}>{readOnlyWords(role, what)}</p>
}

/** The way to the tender; to the register until the tender is here. */
export function tenderCrumb(tender: Tender | undefined): Crumb {
  return tender ? { label: `${tender.number} · ${tender.name}`, to: '/tenders/$tenderId', params: { tenderId: tender.id } } : { label: 'Tenders', to: '/tenders' }
}

/** The way to a screen of an estimate: its tender, then itself. */
export function estimateCrumbs(tender: Tender | undefined, estimate: Estimate): Crumb[] {
  return [tenderCrumb(tender), { label: estimate.name, to: '/estimates/$estimateId', params: { estimateId: estimate.id } }]
}
