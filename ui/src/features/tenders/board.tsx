import { Link } from '@tanstack/react-router'
import type { Tender, TenderState, TenderValue } from '~/api/types'
import { Chip, Skeleton } from '~/ui/bits'
import { cx } from '~/ui/cx'
import { formatMoneyWhole, isZeroDecimal } from '~/ui/decimal'
import { TENDER_STATE_NAMES, count } from '~/ui/words'
import { Closing } from './chips'
import { type TenderDialog, TenderMenu } from './tender-menu'
import { statesOf, type TenderView } from './views'
import { sumWorth } from './worth'

/** The stages of a tender from left to right; what ended without an award is one column. */
const STAGES: readonly { name: string; states: readonly TenderState[]; hint: string }[] = [
  { name: 'Enquiry', states: ['enquiry'], hint: 'Decide to bid or not' },
  { name: 'Active', states: ['active'], hint: 'Being priced' },
  { name: 'Submitted', states: ['submitted'], hint: 'With the client' },
  { name: 'Won', states: ['won'], hint: 'Handed over, or to be' },
  { name: 'Lost', states: ['lost'], hint: 'Won by another' },
  { name: 'No award', states: ['no-award', 'declined', 'withdrawn'], hint: 'Not let, not bid or withdrawn' },
]

interface BoardProps {
  tenders: Tender[] | undefined
  worth: ReadonlyMap<string, TenderValue>
  view: TenderView
  onDialog: (kind: TenderDialog, tender: Tender) => void
}

/** Tenders by stage, with what each stage is worth. */
export function TenderBoard({ tenders, worth, view, onDialog }: BoardProps) {
  const wanted = statesOf(view)
  const stages = STAGES.filter((stage) => wanted.length === 0 || stage.states.some((state) => wanted.includes(state)))
  return (
    <div className="flex min-h-0 flex-1 gap-3 overflow-x-auto p-3">
      {stages.map((stage) => {
        const cards = tenders?.filter((tender) => stage.states.includes(tender.state)) ?? []
        const { total, weighted } = sumWorth(cards, worth)
        const live = stage.states.some((state) => state === 'enquiry' || state === 'active' || state === 'submitted')
        return (
          <section key={stage.name} aria-label={stage.name} className="flex min-h-0 w-52 shrink-0 grow flex-col rounded-md border border-line bg-bg">
            <header className="border-b border-line px-3 py-2">
              <h2 className="flex items-baseline gap-2 font-semibold">{stage.name}<span className="text-xs font-normal text-ink3">{tenders ? count(cards.length, 'tender') : ''}</span></h2>
              <p className="mt-0.5 flex min-h-4 justify-between text-2xs text-ink3">
                {isZeroDecimal(total) ? <span>{stage.hint}</span> : <><span title="Sum of prices excluding GST" className="tabular-nums text-ink2">{formatMoneyWhole(total)} ex GST</span>{live && !isZeroDecimal(weighted) && <span title="Sum of prices times the chance of winning" className="tabular-nums">weighted {formatMoneyWhole(weighted)}</span>}</>}
              </p>
            </header>
            <ul aria-label={`Tenders: ${stage.name}`} className="min-h-0 flex-1 space-y-2 overflow-y-auto p-2">
              {!tenders && <li><Skeleton className="h-20" /></li>}
              {tenders && cards.length === 0 && <li className="px-1 py-6 text-center text-xs text-ink3">None now</li>}
              {cards.map((tender) => <Card key={tender.id} tender={tender} value={worth.get(tender.id)} onDialog={(kind) => onDialog(kind, tender)} />)}
            </ul>
          </section>
        )
      })}
    </div>
  )
}

function Card({ tender, value, onDialog }: { tender: Tender; value: TenderValue | undefined; onDialog: (kind: TenderDialog) => void }) {
  const [newest] = tender.estimates
  const odd = tender.state === 'declined' || tender.state === 'withdrawn'
  return (
    <li className={cx('rounded border border-line bg-pane p-2.5 hover:border-edge')}>
      <div className="flex items-start gap-1">
        <div className="min-w-0 flex-1">
          <Link to="/tenders/$tenderId" params={{ tenderId: tender.id }} className="inline-flex min-h-6 items-center text-xs font-medium text-acc hover:underline">{tender.number}</Link>
          <h3 className="font-medium leading-snug">
            {newest ? <Link to="/estimates/$estimateId" params={{ estimateId: newest.id }} title={tender.name} className="line-clamp-2 min-h-6 wrap-anywhere hover:text-acc hover:underline">{tender.name}</Link> : <span className="line-clamp-2">{tender.name}</span>}
          </h3>
        </div>
        <TenderMenu tender={tender} onDialog={onDialog} />
      </div>
      {tender.clientName && <p className="truncate text-xs text-ink2" title={tender.clientName}>{tender.clientName}</p>}
      <div className="mt-1.5 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-ink2">
        {value?.totalEx && !isZeroDecimal(value.totalEx) && <span title="Price excluding GST" className="tabular-nums"><b className="font-medium text-ink">{formatMoneyWhole(value.totalEx)}</b> ex GST</span>}
        {tender.probabilityPct != null && <Chip title="Chance of winning">{tender.probabilityPct}%</Chip>}
        {odd && <Chip>{TENDER_STATE_NAMES[tender.state]}</Chip>}
      </div>
      <div className="mt-1 text-xs"><Closing tender={tender} /></div>
    </li>
  )
}
