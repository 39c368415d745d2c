import { useVirtualizer } from '@tanstack/react-virtual'
import { Link } from '@tanstack/react-router'
import { Popover } from 'radix-ui'
import { useEffect, useRef, useState } from 'react'
import { isProblem } from '~/api/client'
import { usePages } from '~/api/pages'
import { keys } from '~/api/queries'
import type { Commercials, ItemPrice, Price } from '~/api/types'
import { useEstimateSession } from '~/features/estimate/model/context'
import { EmptyState, Spinner } from '~/ui/bits'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { compareDecimal, editableDecimal, formatMoney, formatQuantity, formatRate, isZeroDecimal, subtractDecimal } from '~/ui/decimal'
import { Flashing } from '~/ui/flashing'
import { Field, TextInput } from '~/ui/form'
import { ProblemPanel, problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { count, unitText } from '~/ui/words'
import { doneWithUndo } from '~/features/estimate/step-back'
import { figure } from './model/draft'

const ROW_PX = 28
const PAGE = 500
/** Rows before the end at which the next page is asked for. */
const AHEAD = 100

/** Every line of the schedule: what each rule puts on it, and the rate it comes to. */
export function ItemPrices({ commercials, readOnly }: { commercials: Commercials; readOnly: boolean }) {
  const session = useEstimateSession()
  const pages = usePages<ItemPrice>([...keys.commercials(session.estimateId), 'items'], `/estimates/${session.estimateId}/commercials/items`, { limit: PAGE }, Boolean(commercials.price))
  const scroller = useRef<HTMLDivElement>(null)
  const items = pages.items ?? []
  const rows = useVirtualizer({ count: items.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_PX, overscan: 12 })
  const shown = rows.getVirtualItems()
  const last = shown.at(-1)?.index ?? 0
  const { hasMore, loadingMore, more } = pages
  useEffect(() => { if (hasMore && !loadingMore && last >= items.length - AHEAD) more() }, [hasMore, loadingMore, last, items.length, more])

  const { price } = commercials
  if (!price) return <EmptyState icon="warning" title="There is no price">Broken rules leave it undefined. {commercials.violations[0]?.message}</EmptyState>
  if (pages.error) return <ProblemPanel error={pages.error} retry={pages.retry} />
  if (!pages.items) return <div className="grid flex-1 place-items-center"><Spinner /></div>
  if (items.length === 0) return <EmptyState icon="estimate" title="No lines to price yet">The schedule has no items that carry the rules. Items of the type Schedule with a quantity appear here.</EmptyState>
  const rules = commercials.rules.filter((rule) => rule.set.active !== false)
  // A column is as wide as its sum, so that no figure is cut.
  const moneys = [price.directCost, ...rules.map((rule) => rule.amount)].map(widthOf)
  const ends = [5, widthOf(price.targetTotal), 5.75, widthOf(price.totalEx)]
  const template = `4rem minmax(10rem,1fr) 2.5rem 4.5rem ${[...moneys, ...ends].map((rem) => `${rem}rem`).join(' ')}`
  const width = `${[4, 10, 2.5, 4.5, ...moneys, ...ends, 2].reduce((sum, rem) => sum + rem, 0)}rem`
  const grid = { gridTemplateColumns: template, minWidth: width }
  const heads: [string, string][] = [['Code', ''], ['Description', ''], ['Unit', ''], ['Quantity', ''], ['Direct', ''], ...rules.map((rule): [string, string] => [rule.set.name ?? '', rule.id]), ['Rate-lock moves', ''], ['Target', ''], ['Rate', ''], ['Amount', '']]
  const locked = items.filter((item) => item.lockedRate != null).length
  return (
    <div className="flex min-h-0 flex-1 flex-col bg-pane">
      <p className="flex gap-4 border-b border-line px-4 py-1.5 text-xs text-ink2">
        <span role="status">{count(pages.total, 'item')}{locked > 0 && !hasMore && `, ${locked} rate-locked`}</span>
        {!readOnly && <span className="text-ink3">Choose a rate to rate-lock it: the price stays, the difference moves to the other items.</span>}
      </p>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the keyboard scrolls it */}
      <div ref={scroller} tabIndex={0} role="table" aria-label="Item prices" aria-rowcount={pages.total + 1} className="min-h-0 flex-1 overflow-auto -outline-offset-2">
        <div role="rowgroup" className="sticky top-0 z-10 bg-pane">
          <div role="row" aria-rowindex={1} style={grid} className="grid h-10 items-center border-b border-line px-4 text-2xs leading-3.5! text-ink3">
            {heads.map(([label, key], at) => <span key={key || label} role="columnheader" title={label} className={cx('px-1', at < 2 ? 'sticky grid h-full content-center bg-pane' : 'line-clamp-2', at > 2 && 'text-right', at === 0 && 'left-0', at === 1 && 'left-16')}>{label}</span>)}
          </div>
        </div>
        <div role="rowgroup" className="relative" style={{ height: rows.getTotalSize(), minWidth: width }}>
          {shown.map((virtual) => {
            const item = items[virtual.index]
            if (!item) return null
            const below = compareDecimal(item.amount, item.loadedCost) < 0
            return (
              <div
                key={item.id} role="row" aria-rowindex={virtual.index + 2} style={{ ...grid, height: ROW_PX, transform: `translateY(${virtual.start}px)` }}
                className="absolute inset-x-0 top-0 grid items-center border-b border-line2 px-4 hover:bg-acc2/45"
              >
                <span role="cell" className="sticky left-0 truncate bg-pane px-1"><Link to="/estimates/$estimateId" params={{ estimateId: session.estimateId }} search={{ node: item.id }} className="text-ink2 underline-offset-2 hover:text-ink hover:underline">{item.code}</Link></span>
                <span role="cell" className="sticky left-16 truncate bg-pane px-1" title={item.description}>{item.description}</span>
                <span role="cell" className="px-1 text-ink2">{unitText(item.unit)}</span>
                <span role="cell" className="px-1 text-right">{formatQuantity(item.quantity)}</span>
                {figureCell('direct', item.direct)}
                {rules.map((rule, at) => figureCell(rule.id, item.shares[at], 'text-ink2'))}
                <span role="cell" className={cx('px-1 text-right', isZeroDecimal(item.lock) ? 'text-ink3' : 'text-ink2')}>{isZeroDecimal(item.lock) ? '' : formatMoney(item.lock)}</span>
                {figureCell('target', item.target)}
                <span role="cell" className="px-1 text-right"><RateCell item={item} readOnly={readOnly} balancing={commercials.balancingItemId === item.id} /></span>
                <span role="cell" className={cx('px-1 text-right font-medium', below && 'text-bad')} title={below ? `${item.code} sells at ${formatMoney(item.amount)}, below its cost of ${formatMoney(item.loadedCost)}` : undefined}>
                  <Flashing value={item.amount}>{formatMoney(item.amount)}</Flashing>{below && <span className="sr-only"> below cost</span>}
                </span>
              </div>
            )
          })}
        </div>
        <div role="rowgroup" className="sticky bottom-0 z-10 bg-pane">
          <div role="row" style={grid} className="grid h-8 items-center border-y border-line px-4 font-semibold">
            <span role="rowheader" className="sticky left-0 col-span-2 bg-pane px-1">Schedule</span><span role="cell" /><span role="cell" />
            {figureCell('direct', price.directCost)}
            {rules.map((rule) => figureCell(rule.id, rule.amount))}
            <span role="cell" />
            {figureCell('target', price.targetTotal)}
            <span role="cell" />
            {figureCell('amount', scheduleSum(price))}
          </div>
        </div>
      </div>
    </div>
  )
}

function figureCell(key: string, value: string | null | undefined, look?: string) {
  return <span key={key} role="cell" title={value == null ? undefined : formatMoney(value)} className={cx('truncate px-1 text-right', look)}>{value == null ? '' : formatMoney(value)}</span>
}

/** Room for a sum of money in semibold, in rem. */
function widthOf(value: string | null | undefined): number {
  return Math.max(5, formatMoney(value).length * 0.5 + 0.75)
}

/** What the lines shown add up to: the price without what the client fixes and daywork. */
function scheduleSum(price: Price): string {
  return [price.clientSums, price.percentageItems, price.dayworkCost, price.dayworkMargin].reduce(subtractDecimal, price.totalEx)
}

/** The rate of a line; opened, it can be rate-locked or let go. */
function RateCell({ item, readOnly, balancing }: { item: ItemPrice; readOnly: boolean; balancing: boolean }) {
  const session = useEstimateSession()
  const [open, setOpen] = useState(false)
  const [text, setText] = useState('')
  const [error, setError] = useState<{ rule: string; message: string } | null>(null)
  const isLocked = item.lockedRate != null
  const look = (
    <Flashing value={item.rate}>
      {isLocked && <span aria-hidden="true" className="mr-1 inline-block size-1.5 bg-ink align-middle" />}
      {formatRate(item.rate)}
    </Flashing>
  )
  const words = `Rate of ${item.code}: ${formatRate(item.rate)}${isLocked ? ', rate-locked' : ''}`
  if (readOnly) return <span title={isLocked ? 'Rate-locked' : undefined}>{look}{isLocked && <span className="sr-only"> rate-locked</span>}</span>
  const set = async (rate: string | null) => {
    try {
      const title = rate === null ? `${item.code} no longer rate-locked` : `${item.code} rate-locked at ${formatRate(rate)}`
      const result = await session.submit([{ op: 'update-item', id: item.id, set: { lockedSellRate: rate } }], { label: rate === null ? `Release the rate-lock of ${item.code}` : `Rate-lock ${item.code} at ${rate}` })
      setOpen(false)
      doneWithUndo(session, title, result)
    } catch (refused) {
      if (isProblem(refused) || refused instanceof Error) setError({ rule: isProblem(refused) ? (refused.violations[0]?.rule ?? '') : '', message: problemText(refused) })
      else toast.refused('The rate stays', refused)
    }
  }
  return (
    <Popover.Root open={open} onOpenChange={(next) => { setOpen(next); setError(null); setText(editableDecimal(item.lockedRate ?? item.rate)) }}>
      <Popover.Trigger asChild>
        <button type="button" aria-label={words} title={isLocked ? 'Rate-locked' : 'Rate-lock…'} className="-mr-1 rounded px-1 hover:bg-acc2">{look}</button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content align="end" sideOffset={4} collisionPadding={8} aria-label={`Rate-lock of ${item.code}`} className="pop z-50 w-64 rounded-lg border border-line bg-raise p-3 shadow-pop">
          <form onSubmit={(event) => { event.preventDefault(); void set(figure(text)) }}>
            <Field label={`Sell rate of ${item.code}`} error={error ? <>{error.rule && `${error.rule}: `}{error.message}</> : undefined} hint={balancing ? 'This is the balancing item: rate-locked, it takes no misclose.' : undefined}>
              <TextInput inputMode="decimal" className="text-right" value={text} onFocus={(event) => event.target.select()} onChange={(event) => { setText(event.target.value); setError(null) }} />
            </Field>
            <div className="mt-2 flex justify-end gap-2">
              {isLocked && <Button onClick={() => void set(null)}>Release</Button>}
              <Button type="submit" look="primary" disabled={text.trim() === ''}>Rate-lock</Button>
            </div>
          </form>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
