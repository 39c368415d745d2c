import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { estimateQuery, tenderQuery } from '~/api/queries'
import type { ComparedItem } from '~/api/types'
import { Page } from '~/app/page'
import { tenderCrumb } from '~/features/estimate/page-parts'
import { Chip, EmptyState, Spinner } from '~/ui/bits'
import { formatMoney, formatQuantity, isDecimal, isZeroDecimal, subtractDecimal } from '~/ui/decimal'
import { Field, Select } from '~/ui/form'
import { ProblemPanel } from '~/ui/problem'
import { compareQuery } from './queries'

const LOOKS = { added: 'good', removed: 'bad', changed: 'accent', price: 'plain' } as const
const WORDS = { added: 'Added', removed: 'Removed', changed: 'Changed', price: 'Price only' } as const

/** What came, went and changed between two revisions, and what it does to cost and price. */
export function CompareScreen({ estimateId, other, withAt }: { estimateId: string; other?: string | undefined; withAt?: number | undefined }) {
  const navigate = useNavigate()
  const estimate = useQuery(estimateQuery(estimateId))
  const tenderId = estimate.data?.tenderId ?? ''
  const tender = useQuery({ ...tenderQuery(tenderId), enabled: tenderId !== '' })
  const others = tender.data?.estimates.filter((one) => one.id !== estimateId) ?? []
  const chosen = other ?? others[0]?.id ?? ''
  const comparison = useQuery(compareQuery(estimateId, chosen, withAt))
  const data = comparison.data
  return (
    <Page title={`Compare ${estimate.data ? `${estimate.data.code} r${estimate.data.revision}` : ''}`} crumbs={[tenderCrumb(tender.data)]}>
      {tender.data && others.length === 0 && withAt === undefined ? <EmptyState icon="copy" title="Nothing to compare with">A new revision of this estimate can be compared with this one, row by row.</EmptyState> : <div className="grid max-w-7xl gap-4 p-4">
        <Field label="With" className="max-w-xs">
          <Select value={chosen} onChange={(event) => void navigate({ to: '/estimates/$estimateId/compare', params: { estimateId }, search: { with: event.target.value } })}>
            {withAt !== undefined && <option value={chosen}>As it was at commit {withAt}</option>}
            {others.filter((one) => withAt === undefined || one.id !== chosen).map((one) => <option key={one.id} value={one.id}>{one.code} revision {one.revision}</option>)}
          </Select>
        </Field>
        {comparison.isError ? <ProblemPanel error={comparison.error} retry={() => void comparison.refetch()} /> : chosen !== '' && !data ? <Spinner /> : data && (
          <>
            <table className="table max-w-xl">
              <thead><tr><th /><th className="num">{data.before.code} r{data.before.revision}{withAt !== undefined && ` #${withAt}`}</th><th className="num">{data.after.code} r{data.after.revision}{withAt !== undefined && ' now'}</th><th className="num">Difference</th></tr></thead>
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
