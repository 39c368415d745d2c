import type { EstimateState, Tender, TenderState } from '~/api/types'
import { Chip } from '~/ui/bits'
import { formatDayTime, timeLeft } from '~/ui/dates'
import { ESTIMATE_STATE_NAMES, TENDER_STATE_NAMES } from '~/ui/words'
import { OPEN_STATES } from './states'

type Look = 'plain' | 'accent' | 'warn' | 'bad' | 'good'

const TENDER_LOOKS: Record<TenderState, Look> = {
  enquiry: 'plain', active: 'accent', submitted: 'warn', won: 'good', lost: 'bad', 'no-award': 'plain', declined: 'plain', withdrawn: 'plain', archived: 'plain',
}
const ESTIMATE_LOOKS: Record<EstimateState, Look> = {
  'in-progress': 'accent', reviewed: 'good', approved: 'good', submitted: 'warn', superseded: 'plain', archived: 'plain',
}

export function TenderStateChip({ state }: { state: TenderState }) {
  return <Chip look={TENDER_LOOKS[state]}>{TENDER_STATE_NAMES[state]}</Chip>
}

export function EstimateStateChip({ state }: { state: EstimateState }) {
  return <Chip look={ESTIMATE_LOOKS[state]}>{ESTIMATE_STATE_NAMES[state]}</Chip>
}

const SOON_MS = 3 * 24 * 3_600_000

/** When a tender closes and, while it is open, how long that still is. */
export function Closing({ tender }: { tender: Pick<Tender, 'closingAt' | 'state'> }) {
  if (!tender.closingAt) return <span className="text-ink3">Not set</span>
  const open = OPEN_STATES.includes(tender.state)
  const left = timeLeft(tender.closingAt)
  const soon = left !== null && new Date(tender.closingAt).getTime() - Date.now() < SOON_MS
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-1 whitespace-nowrap">
      <time dateTime={tender.closingAt}>{formatDayTime(tender.closingAt)}</time>
      {open && (left ? <Chip look={soon ? 'warn' : 'plain'}>{left} left</Chip> : <Chip look="bad">Closed</Chip>)}
    </span>
  )
}
