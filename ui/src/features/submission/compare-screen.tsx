import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { estimateQuery, tenderQuery } from '~/api/queries'
import type { ComparedItem, Moment } from '~/api/types'
import { Page } from '~/app/page'
import { tenderCrumb } from '~/features/estimate/page-parts'
import { momentsQuery } from '~/features/estimate/past/moments'
import { Chip, EmptyState, Spinner } from '~/ui/bits'
import { formatDayTime } from '~/ui/dates'
import { formatMoney, formatQuantity, isDecimal, isZeroDecimal, subtractDecimal } from '~/ui/decimal'
import { Field, Select } from '~/ui/form'
import { ProblemPanel } from '~/ui/problem'
import { whole } from '~/ui/whole'
import { compareQuery } from './queries'

const LOOKS = { added: 'good', removed: 'bad', changed: 'accent', price: 'plain' } as const
const WORDS = { added: 'Added', removed: 'Removed', changed: 'Changed', price: 'Price only' } as const

interface CompareProps { estimateId: string; other?: string | undefined; withAt?: number | undefined; at?: number | undefined }

/** What came, went and changed between two revisions or any two commits, and what it does to cost and price. */
export function CompareScreen({ estimateId, other, withAt, at }: CompareProps) {
  const navigate = useNavigate()
  const estimate = useQuery(estimateQuery(estimateId))
  const tenderId = estimate.data?.tenderId ?? ''
  const tender = useQuery({ ...tenderQuery(tenderId), enabled: tenderId !== '' })
  const others = tender.data?.estimates.filter((one) => one.id !== estimateId) ?? []
  const moments = useInfiniteQuery(momentsQuery(estimateId))
  const commits = moments.data?.pages.flatMap((page) => page.items) ?? []
  // Without another revision it is compared with its own first commit that is known.
  const first = others.length === 0 && other === undefined && commits.length > 1 ? commits.at(-1)?.lsn : undefined
  const chosen = other ?? others[0]?.id ?? (first === undefined ? '' : estimateId)
  const from = withAt ?? first
  const comparison = useQuery(compareQuery(estimateId, chosen, from, at))
  const data = comparison.data
  const sideOf = (value: string): { with: string; withAt: number | undefined } => (others.some((one) => one.id === value) ? { with: value, withAt: undefined } : { with: estimateId, withAt: whole(value) })
  const go = (side: { with: string; withAt: number | undefined }, to: number | undefined) => void navigate({
    to: '/estimates/$estimateId/compare', params: { estimateId }, replace: true,
    search: { with: side.with, ...(side.withAt === undefined ? {} : { withAt: side.withAt }), ...(to === undefined ? {} : { at: to }) },
  })
  return (
    <Page title={`Compare ${estimate.data ? `${estimate.data.code} r${estimate.data.revision}` : ''}`} crumbs={[tenderCrumb(tender.data)]}>
      {tender.data && others.length === 0 && from === undefined && !moments.isPending ? <EmptyState icon="copy" title="Nothing to compare with">This estimate has one commit. Once it is changed, any two of its commits, or two revisions, can be compared here row by row.</EmptyState> : <div className="grid max-w-7xl gap-4 p-4">
        <div className="grid max-w-3xl gap-3 sm:grid-cols-2">
          <Field label="From">
            <Select value={from === undefined ? chosen : String(from)} onChange={(event) => go(sideOf(event.target.value), at)}>
              {others.length > 0 && <optgroup label="Other revisions">{others.map((one) => <option key={one.id} value={one.id}>{one.code} revision {one.revision}</option>)}</optgroup>}
              {other !== undefined && other !== estimateId && from !== undefined && <option value={String(from)}>{others.find((one) => one.id === other)?.code} as it was at commit {from}</option>}
              <Commits commits={commits} also={other === undefined || other === estimateId ? from : undefined} />
            </Select>
          </Field>
          <Field label="To">
            <Select value={at === undefined ? '' : String(at)} onChange={(event) => go({ with: chosen, withAt: from }, event.target.value === '' ? undefined : whole(event.target.value))}>
              <option value="">{estimate.data ? `${estimate.data.code} revision ${estimate.data.revision}` : 'This revision'}, as it is now</option>
              <Commits commits={commits} also={at} />
            </Select>
          </Field>
        </div>
        {comparison.isError ? <ProblemPanel error={comparison.error} retry={() => void comparison.refetch()} /> : chosen !== '' && !data ? <Spinner /> : data && (
          <>
            <table className="table max-w-xl">
              <thead><tr><th /><th className="num">{data.before.code} r{data.before.revision}{from !== undefined && ` #${from}`}</th><th className="num">{data.after.code} r{data.after.revision}{at !== undefined ? ` #${at}` : from !== undefined && ' now'}</th><th className="num">Difference</th></tr></thead>
              <tbody>
                <tr><td>Cost</td><td className="num">{formatMoney(data.before.cost)}</td><td className="num">{formatMoney(data.after.cost)}</td><td className="num">{effect(data.before.cost, data.after.cost)}</td></tr>
                <tr><td>Price ex GST</td><td className="num">{money(data.before.totalEx)}</td><td className="num">{money(data.after.totalEx)}</td><td className="num">{effect(data.before.totalEx, data.after.totalEx)}</td></tr>
              </tbody>
            </table>
            {data.items.length === 0 ? <p className="text-ink2">No item differs.</p> : (
              <table className="table" aria-label="Items that differ">
                <thead><tr><th>Item</th><th className="w-full">Description</th><th>What</th><th className="num">Cost before</th><th className="num">Cost after</th><th className="num">Price before</th><th className="num">Price after</th><th className="num">Effect on price</th></tr></thead>
                <tbody>{data.items.map((item) => <ItemRow key={item.id} item={item} estimateId={estimateId} />)}</tbody>
              </table>
            )}
          </>
        )}
      </div>}
    </Page>
  )
}

/** Commits of the estimate to choose from, newest first; one that is older than those known is there too. */
function Commits({ commits, also }: { commits: readonly Moment[]; also: number | undefined }) {
  return (
    <optgroup label="Commits of this revision">
      {commits.map((one) => <option key={one.lsn} value={String(one.lsn)}>{`#${one.lsn} ${formatDayTime(one.at)}, ${one.actor.name}: ${one.label || one.command}`}</option>)}
      {also !== undefined && commits.every((one) => one.lsn !== also) && <option value={String(also)}>#{also}</option>}
    </optgroup>
  )
}

function ItemRow({ item, estimateId }: { item: ComparedItem; estimateId: string }) {
  // The rules share the price out anew: an item's own price may move though nobody touched it.
  const what = item.difference === 'changed' && item.fields.length === 0 && item.costBefore === item.costAfter ? 'price' : item.difference
  return (
    <tr>
      <td className="whitespace-nowrap">{item.difference === 'removed' ? item.code : <Link to="/estimates/$estimateId" params={{ estimateId }} search={{ node: item.id }} className="text-acc hover:underline">{item.code || 'Show'}</Link>}</td>
      <td className="min-w-48 py-1 wrap-anywhere">{item.description}{item.fields.map((field) => <div key={field.field} className="text-xs text-ink2">{field.field}: {figure(field.before)} → {figure(field.after)}</div>)}</td>
      <td><Chip look={LOOKS[what]}>{WORDS[what]}</Chip></td>
      <td className="num">{money(item.costBefore)}</td><td className="num">{money(item.costAfter)}</td><td className="num">{money(item.sellBefore)}</td><td className="num">{money(item.sellAfter)}</td>
      <td className="num font-medium">{effect(item.sellBefore ?? '0.00', item.sellAfter ?? '0.00')}</td>
    </tr>
  )
}

/** A figure as people read it, words as they are. */
function figure(text: string | null | undefined): string {
  return text ? (isDecimal(text) ? formatQuantity(text) : text) : 'none'
}

function money(text: string | null | undefined): string {
  return text ? formatMoney(text) : ''
}

function effect(before: string | null | undefined, after: string | null | undefined): string {
  if (!before || !after) return ''
  const moved = subtractDecimal(after, before)
  return isZeroDecimal(moved) ? '–' : `${moved.startsWith('-') ? '' : '+'}${formatMoney(moved)}`
}
