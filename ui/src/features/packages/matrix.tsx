import { type KeyboardEvent, useRef } from 'react'
import type { CompanyQuote, PackageDetail, PackageMember } from '~/api/types'
import { EditableCell } from '~/features/resources/editable-cell'
import { Chip } from '~/ui/bits'
import { cx } from '~/ui/cx'
import { editableDecimal, formatMoney, formatQuantity, formatRate } from '~/ui/decimal'
import { unitText } from '~/ui/words'
import { QUOTE_STATE_NAMES, givenFor, hasFigures, readPrice, takesQuotes, typedPrice, unmatched } from './model'

export interface MatrixProps {
  detail: PackageDetail
  readOnly: boolean
  selected: string | null
  onSelect: (quote: string) => void
  /** Saves a price; null when done, else why not. */
  onPrice: (quote: CompanyQuote, member: PackageMember, price: NonNullable<ReturnType<typeof readPrice>>) => Promise<string | null>
}

const STEPS: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }

/** Companies across, members down; gaps, qualifications, the lowest and the chosen quote stand out. */
export function Matrix({ detail, readOnly, selected, onSelect, onPrice }: MatrixProps) {
  const table = useRef<HTMLTableElement>(null)
  const shown = detail.quotes.filter((quote) => quote.state !== 'declined' && quote.state !== 'withdrawn')
  const award = detail.rounds.find((round) => round.round === detail.round)?.award
  const lowest = detail.package.lowest?.quoteId
  const open = !readOnly && takesQuotes(detail.package.state)
  /** Arrow keys go from cell to cell while nothing is typed. */
  const onKeyDown = (event: KeyboardEvent<HTMLTableElement>) => {
    const step = STEPS[event.key]
    const cell = (event.target as HTMLElement).closest<HTMLElement>('[data-cell]')
    if (!step || !cell || event.target instanceof HTMLInputElement) return
    const [row = 0, column = 0] = (cell.dataset['cell'] ?? '').split(':').map(Number)
    const next = table.current?.querySelector<HTMLElement>(`[data-cell="${row + step[0]}:${column + step[1]}"] button, [data-cell="${row + step[0]}:${column + step[1]}"][tabindex]`)
    if (!next) return
    event.preventDefault()
    next.focus()
  }
  const sum = (name: string, of: (quote: CompanyQuote) => string | null | undefined, strong = false) => (
    <tr className={cx(strong && 'font-semibold')}>
      <th scope="row" colSpan={3} className="sticky left-0 z-10 bg-pane text-left! text-xs! text-ink2!">{name}</th>
      <td className="num border-r border-r-line" />
      {shown.map((quote) => (
        <td key={quote.id} colSpan={2} className={cx('num border-r border-r-line', strong && quote.id === lowest && 'bg-good2 text-good', strong && quote.id === award?.quoteId && 'bg-acc2 text-acc')}>{formatMoney(of(quote))}</td>
      ))}
    </tr>
  )
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- its cells are buttons; the arrow keys go from one to the next
    <table ref={table} onKeyDown={onKeyDown} aria-label="Comparison of quotes" className="table w-max min-w-full">
      <thead>
        <tr>
          <th rowSpan={2} className="sticky left-0 z-20 w-80 max-xl:w-52">Member</th><th rowSpan={2} className="num">Quantity</th><th rowSpan={2}>Unit</th>
          <th rowSpan={2} className="num border-r border-r-line">Own estimate</th>
          {shown.map((quote) => (
            <th key={quote.id} colSpan={2} scope="colgroup" className={cx('h-auto! border-r border-r-line py-1! align-top', selected === quote.id && 'bg-acc2!')}>
              <button type="button" aria-pressed={selected === quote.id} onClick={() => onSelect(quote.id)} className="block max-w-56 truncate text-left text-xs font-semibold text-ink hover:text-acc hover:underline" title={quote.name}>{quote.name}</button>
              <span className="mt-0.5 flex flex-wrap gap-1">
                {quote.id === award?.quoteId ? <Chip look="accent">Chosen</Chip> : quote.id === lowest ? <Chip look="good">Lowest</Chip> : <Chip>{quote.compared ? `No. ${quote.compared.rank}` : QUOTE_STATE_NAMES[quote.state]}</Chip>}
                {quote.late && <Chip look="warn">Late</Chip>}
                {quote.outdated && <Chip look="warn" title="The package has changed since it was quoted">Outdated</Chip>}
                {hasFigures(quote) && !quote.conforming && <Chip look="bad">Not conforming</Chip>}
                {quote.qualifications && <Chip look="warn" title={quote.qualifications}>Qualified</Chip>}
                {quote.problems.length > 0 && <Chip look="bad" title={quote.problems.map((one) => one.message).join(' ')}>Not comparable</Chip>}
                {unmatched(quote).length > 0 && <Chip look="bad">{unmatched(quote).length} unmatched</Chip>}
              </span>
            </th>
          ))}
        </tr>
        <tr>{shown.map((quote) => [<th key={`${quote.id}r`} className="num top-[45px]!">Rate ex GST</th>, <th key={`${quote.id}a`} className="num top-[45px]! border-r border-r-line">Amount</th>])}</tr>
      </thead>
      <tbody>
        {detail.members.map((member, row) => (
          <tr key={member.id}>
            <td className="sticky left-0 z-10 max-w-80 truncate max-xl:max-w-52 bg-pane" title={`${member.code} ${member.description}`}>
              <span className="font-medium">{member.code}</span> {member.description}{member.changed && <Chip look="warn" className="ml-1" title="Not as it was when the package was issued">Changed</Chip>}
            </td>
            <td className="num">{formatQuantity(member.quantity)}</td><td>{unitText(member.unit)}</td><td className="num border-r border-r-line text-ink2">{formatMoney(member.own)}</td>
            {shown.map((quote, column) => {
              const line = quote.compared?.lines[row]
              const given = givenFor(quote, member.id)
              const gap = line?.plug != null
              const best = isBest(detail, row, quote)
              return [
                <td key={`${quote.id}r`} data-cell={`${row}:${column}`} className={cx('num min-w-28 max-xl:min-w-20', gap && 'bg-warn2')}>
                  <EditableCell
                    numeric disabled={!open} label={`${quote.name}, ${member.code || member.description}`} value={typedPrice(given, (figure) => editableDecimal(figure))}
                    onSave={async (text) => {
                      const price = readPrice(text)
                      return price === null ? 'A rate, “= amount” for the line, “included”, “free”, or nothing for a gap.' : onPrice(quote, member, price)
                    }}
                  >
                    {gap ? <span className="text-warn">gap</span> : given?.tag ? <span className="text-ink2">{given.tag}</span> : line?.rate != null ? formatRate(line.rate) : (typedPrice(given, (figure) => editableDecimal(figure)) || <span className="text-ink3">–</span>)}
                  </EditableCell>
                </td>,
                <td key={`${quote.id}a`} className={cx('num border-r border-r-line', gap && 'bg-warn2 text-warn italic', best && 'font-semibold text-good')} title={given?.note ?? (gap ? 'A plug in the gap: the highest of the others, or our own' : undefined)}>
                  {gap ? formatMoney(line.plug) : formatMoney(line?.amount)}{given?.note && <span aria-hidden="true" className="text-warn">*</span>}
                </td>,
              ]
            })}
          </tr>
        ))}
        {sum('Quoted', (quote) => quote.compared?.quotedTotal)}
        {sum('Plugs in gaps', (quote) => quote.compared?.plugTotal)}
        {sum('Adjustments', (quote) => quote.compared?.adjustmentTotal)}
        {sum('Comparison total ex GST', (quote) => quote.compared?.comparisonTotal, true)}
        {sum('As they stand: GST ignored, gaps as nothing', (quote) => quote.compared?.naiveTotal)}
      </tbody>
    </table>
  )
}

/** Whether a quote has the lowest amount of a line, and it is not the only one. */
function isBest(detail: PackageDetail, row: number, quote: CompanyQuote): boolean {
  const amounts = detail.quotes.flatMap((one) => { const amount = one.compared?.lines[row]?.amount; return amount == null ? [] : [{ id: one.id, cents: BigInt(amount.replace('.', '')) }] })
  if (amounts.length < 2) return false
  const least = amounts.reduce((a, b) => (b.cents < a.cents ? b : a))
  return amounts.some((one) => one.id === quote.id && one.cents === least.cents)
}
