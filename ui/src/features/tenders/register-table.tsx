import { Link } from '@tanstack/react-router'
import type { Pages } from '~/api/pages'
import type { Tender, TenderValue } from '~/api/types'
import { cx } from '~/ui/cx'
import { formatMoney, isZeroDecimal } from '~/ui/decimal'
import { ListFoot, SkeletonRows, SortHead } from '~/ui/list'
import { Closing, TenderStateChip } from './chips'
import { REASON_NAMES } from './outcome'
import { type TenderDialog, TenderMenu } from './tender-menu'

const COLUMNS = 9

interface TableProps {
  pages: Pages<Tender>
  worth: ReadonlyMap<string, TenderValue>
  sort: string
  onSort: (sort: string) => void
  onDialog: (kind: TenderDialog, tender: Tender) => void
}

export function RegisterTable({ pages, worth, sort, onSort, onDialog }: TableProps) {
  const head = { sort, onSort }
  return (
    <>
      <table className={cx('table', pages.stale && 'opacity-60')} aria-busy={!pages.items || pages.stale}>
        <thead>
          <tr>
            <SortHead field="number" {...head} className="w-24">Number</SortHead>
            <SortHead field="name" {...head}>Name</SortHead>
            <SortHead field="client" {...head} className="w-52 max-xl:w-40">Client</SortHead>
            <SortHead field="closing" {...head} className="w-72 max-xl:w-44">Closes</SortHead>
            <th className="w-44 max-xl:w-28">State</th>
            <th className="num w-28">Price ex GST</th>
            <SortHead field="probability" {...head} className="num w-20 max-xl:hidden">Chance</SortHead>
            <th className="w-24 max-xl:hidden">Estimates</th>
            <th className="w-12"><span className="sr-only">Actions</span></th>
          </tr>
        </thead>
        <tbody>
          {!pages.items && <SkeletonRows columns={COLUMNS} />}
          {pages.items?.map((tender) => <TenderRow key={tender.id} tender={tender} value={worth.get(tender.id)} onDialog={(kind) => onDialog(kind, tender)} />)}
        </tbody>
      </table>
      <ListFoot pages={pages} noun="tender" />
    </>
  )
}

function TenderRow({ tender, value, onDialog }: { tender: Tender; value: TenderValue | undefined; onDialog: (kind: TenderDialog) => void }) {
  return (
    <tr>
      <td className="font-medium whitespace-nowrap"><Link to="/tenders/$tenderId" params={{ tenderId: tender.id }} className="text-acc hover:underline">{tender.number}</Link></td>
      <td className="max-w-0 min-w-48 truncate" title={tender.name}><TenderName tender={tender} /></td>
      <td className="max-w-52 truncate text-ink2 max-xl:max-w-40" title={tender.clientName ?? ''}>{tender.clientName}</td>
      <td className="py-1"><Closing tender={tender} /></td>
      <td className="py-1"><TenderStateChip state={tender.state} /> <Ending tender={tender} /></td>
      <td className="num tabular-nums">{value?.totalEx && !isZeroDecimal(value.totalEx) ? formatMoney(value.totalEx) : <span className="text-ink3">–</span>}</td>
      <td className="num tabular-nums max-xl:hidden">{tender.probabilityPct == null ? <span className="text-ink3">–</span> : `${tender.probabilityPct}%`}</td>
      <td className="whitespace-nowrap max-xl:hidden"><EstimateLinks tender={tender} /></td>
      <td className="num"><TenderMenu tender={tender} onDialog={onDialog} /></td>
    </tr>
  )
}

/** Why it went to another or to nobody. */
function Ending({ tender }: { tender: Tender }) {
  const { outcome } = tender.course
  if (!outcome) return null
  const price = outcome.winningPrice ? `Winning price ${formatMoney(outcome.winningPrice)} ex GST.` : 'Winning price unknown.'
  return <span className="text-xs text-ink2 xl:ml-1" title={[price, outcome.note].filter(Boolean).join(' ')}>{REASON_NAMES[outcome.reason]}</span>
}

const ESTIMATES_SHOWN = 2

/** The name opens the newest estimate, where most work is; the number opens the tender itself. */
function TenderName({ tender }: { tender: Tender }) {
  const [newest] = tender.estimates
  if (!newest) return tender.name
  return <Link to="/estimates/$estimateId" params={{ estimateId: newest.id }} className="hover:text-acc hover:underline">{tender.name}</Link>
}

function EstimateLinks({ tender }: { tender: Tender }) {
  const left = tender.estimates.length - ESTIMATES_SHOWN
  return (
    <span className="inline-flex items-center gap-2">
      {tender.estimates.slice(0, ESTIMATES_SHOWN).map((estimate) => (
        <Link key={estimate.id} to="/estimates/$estimateId" params={{ estimateId: estimate.id }} title={estimate.name} className="text-acc hover:underline">
          {estimate.code}<span className="text-ink3"> r{estimate.revision}</span>
        </Link>
      ))}
      {left > 0 && <span className="text-xs text-ink3">+{left}</span>}
      {tender.estimates.length === 0 && <span className="text-ink3">None</span>}
    </span>
  )
}
