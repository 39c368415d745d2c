import { useEffect, useRef, useState } from 'react'
import type { LiveLease, Row } from '~/api/types'
import { afterPaint } from '~/app/after-paint'
import { Avatar, Chip, MixBar, Skeleton, StatusDot, TypeDot } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatMoney, formatQuantity, formatRate, isZeroDecimal, shareOf } from '~/ui/decimal'
import { Flashing } from '~/ui/flashing'
import { ProblemPanel } from '~/ui/problem'
import { RESOURCE_TYPES, TYPE_NAMES, count, unitText } from '~/ui/words'
import { ItemTexts } from '~/features/content/item-texts'
import { readCell } from '../cell-edit'
import { columnOf, editText } from '../columns'
import { updateOf } from '../model/edits'
import { mayTakeOver } from '../model/session'
import { useWorkspace } from '../model/workspace-context'
import { Definitions } from './definitions'
import { FormulaInput } from './formula-input'
import { ItemDetails } from './item-details'
import { LinesTable } from './lines-table'
import { PastRates } from './past-rates'
import { refusalWords, useWorksheet } from './use-worksheet'

/** How the selected item is priced; for a heading, what it adds up. */
export default function WorksheetPanel() {
  const workspace = useWorkspace()
  const row = workspace.activeRow
  // The last row stands while the keyboard passes over rows that are still on their way.
  const [shown, setShown] = useState<Row | undefined>(row)
  useEffect(() => { if (row) setShown(row) }, [row])
  const current = row ?? shown
  if (!current) return <p className="px-6 py-12 text-center text-ink2">Choose an item to price it.</p>
  return current.kind === 'heading' ? <HeadingSummary row={current} /> : <ItemWorksheet key={current.id} row={current} />
}

function HeadingSummary({ row }: { row: Row }) {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-4">
      <h2 className="font-semibold">{row.code} {row.description}</h2>
      <p className="mt-0.5 text-ink2">
        {count(row.items, 'item')}{row.unpriced > 0 && `, ${row.unpriced} unpriced`}{row.plugged > 0 && `, ${row.plugged} plugged`}
      </p>
      <MixBar byType={row.byType} className="mt-4" />
      <table className="table mt-3">
        <tbody>
          {RESOURCE_TYPES.map((type) => (
            <tr key={type}>
              <td className="w-6 pl-0!"><TypeDot type={type} /></td><td>{TYPE_NAMES[type]}</td>
              <td className="num">{formatMoney(row.byType[type])}</td><td className="num w-16 text-ink3">{shareOf(row.byType[type], row.cost).toFixed(1)} %</td>
            </tr>
          ))}
          <tr><td /><td className="text-ink2">Direct</td><td className="num">{formatMoney(row.direct)}</td><td /></tr>
          {!isZeroDecimal(row.indirect) && <tr><td /><td className="text-ink2">Indirect</td><td className="num">{formatMoney(row.indirect)}</td><td /></tr>}
          <tr className="font-semibold"><td /><td>Cost</td><td className="num">{formatMoney(row.cost)}</td><td /></tr>
        </tbody>
      </table>
    </div>
  )
}

function ItemWorksheet({ row }: { row: Row }) {
  const workspace = useWorkspace()
  const estimateId = workspace.session.estimateId
  // The grid shows the step to another item first; passing over items reads nothing of them.
  const [rests, setRests] = useState(false)
  useEffect(() => afterPaint(() => setRests(true)), [])
  const actions = useWorksheet(workspace, row.id, row.code || row.description || 'the item', row.plugRate != null, rests)
  const { sheet, query } = actions
  useEffect(() => { if (query.isError) workspace.sheetFailed() }, [workspace, query.isError])
  const { together } = workspace.session
  useEffect(() => () => together.leave(row.id), [together, row.id])
  const holder = together.of(row.id).holder
  return (
    <div className="contents" onFocus={(event) => { if (isField(event.target)) together.hold(row.id) }} onBlur={(event) => { if (!event.currentTarget.contains(event.relatedTarget)) together.leave(row.id) }}>
      {holder && <HeldBy holder={holder} />}
      <header className="shrink-0 border-b border-line px-4 pt-3 pb-2">
        <h2 className="flex items-center gap-2 font-semibold">
          <span className="min-w-0 truncate" title={row.description}>{row.code && `${row.code} · `}{row.description || 'No description'}</span>
          {row.status && <StatusDot status={row.status} className="shrink-0" />}
          {row.diverged && <Chip look="warn">diverged</Chip>}
        </h2>
        <dl className="mt-1 flex gap-4 text-xs whitespace-nowrap text-ink2">
          <div className="flex gap-1"><dt>Quantity</dt><dd className="font-semibold text-ink">{row.quantity == null ? '–' : formatQuantity(row.quantity)} {unitText(row.unit)}</dd></div>
          <div className="flex gap-1"><dt>Cost</dt><dd><Flashing value={row.cost} className="font-semibold text-ink">{formatMoney(row.cost)}</Flashing></dd></div>
          <div className="flex gap-1"><dt>Rate</dt><dd className="font-semibold text-ink">{formatRate(row.costRate) || '–'}</dd></div>
        </dl>
      </header>
      <QuantityBar row={row} />
      <div className="min-h-0 flex-1 overflow-y-auto">
        {!rests ? null : query.isError ? <ProblemPanel error={query.error} retry={() => void query.refetch()} /> : !sheet ? (
          <div className="grid gap-2 p-4">{[0, 1, 2].map((at) => <Skeleton key={at} className="h-7" />)}</div>
        ) : (
          <>
            {row.hasChildren ? (
              <p className="border-b border-line px-4 py-3 text-ink2">This item is the sum of its {count(row.childCount, 'sub-item')}. Choose one to see how it is priced.</p>
            ) : <LinesTable estimateId={estimateId} sheet={sheet} actions={actions} />}
            <Definitions estimateId={estimateId} sheet={sheet} actions={actions} frozen={workspace.frozen} />
            <ItemTexts estimateId={estimateId} row={row} frozen={workspace.frozen} />
            <PastRates estimateId={estimateId} row={row} />
            <ItemDetails row={row} />
            {sheet.lines.length > 0 && <Mix row={row} />}
          </>
        )}
      </div>
    </div>
  )
}

/** Typing into a worksheet holds its item; looking at it does not. */
function isField(target: EventTarget): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}

/** Somebody else is at work on the item: who, and the way to take it over for those who may. */
function HeldBy({ holder }: { holder: LiveLease }) {
  const workspace = useWorkspace()
  return (
    <p role="status" className="flex shrink-0 items-center gap-2 border-b border-line bg-warn2 px-4 py-1.5 text-xs">
      <Avatar id={holder.person.id} name={holder.person.name} size={20} />
      <span className="min-w-0 flex-1"><b className="font-medium">{holder.person.name}</b> is at work on this item. What you type here is refused until they have left it.</span>
      {mayTakeOver(workspace.session.client) && <Button look="plain" onClick={() => workspace.set({ dialog: { kind: 'take-over', rowId: holder.rowId, holder: holder.person.name } })}>Take over…</Button>}
    </p>
  )
}

/** The formula bar: the quantity of the item as number or formula, checked while it is typed. */
function QuantityBar({ row }: { row: Row }) {
  const workspace = useWorkspace()
  const [text, setText] = useState(() => editText(columnOf('quantity'), row))
  const [refused, setRefused] = useState<string | null>(null)
  const original = editText(columnOf('quantity'), row)
  const followed = useRef(original)
  useEffect(() => {
    // What others change shows here, unless something is being typed.
    const was = followed.current
    followed.current = original
    setText((now) => (now === was ? original : now))
  }, [original])
  const save = async () => {
    if (text === original) return workspace.focusGrid()
    const read = readCell(columnOf('quantity'), row, text, workspace.units)
    if (!read.ok) return setRefused(read.message)
    const field = document.activeElement
    try {
      await workspace.session.submit([updateOf(row, read.edit.set, row.version)], {
        label: `Quantity of ${row.code || row.description}`, overlay: new Map([[row.id, read.edit.overlay]]), seen: [row],
      })
      // Who has gone on meanwhile stays there.
      if (document.activeElement === field) workspace.focusGrid()
    } catch (error) {
      setRefused(refusalWords(error))
    }
  }
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line bg-bg px-4 py-1.5">
      <em className="font-mono text-xs font-semibold text-acc not-italic">fx</em>
      <FormulaInput
        wide estimateId={workspace.session.estimateId} itemId={row.id} value={text} label="Quantity: a number or a formula" hint="Number or formula" refused={refused} disabled={workspace.frozen}
        onChange={(next) => { setText(next); setRefused(null) }} onEnter={() => void save()} onEscape={() => { setText(original); setRefused(null); workspace.focusGrid() }}
        className="h-6! min-w-32 flex-1 border-line! bg-transparent! px-1.5!"
      />
    </div>
  )
}

function Mix({ row }: { row: Row }) {
  const parts = RESOURCE_TYPES.filter((type) => !isZeroDecimal(row.byType[type]))
  return (
    <section aria-label="Cost by type" className="px-4 py-3">
      <MixBar byType={row.byType} />
      <ul className="mt-2 grid gap-0.5 text-xs">
        {parts.map((type) => (
          <li key={type} className="flex items-center gap-2"><TypeDot type={type} /><span className="flex-1 text-ink2">{TYPE_NAMES[type]}</span><span>{formatMoney(row.byType[type])}</span></li>
        ))}
      </ul>
    </section>
  )
}
