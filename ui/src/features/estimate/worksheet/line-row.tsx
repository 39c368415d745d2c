import type { Line } from '~/api/types'
import { Chip, TypeDot } from '~/ui/bits'
import { cx } from '~/ui/cx'
import { formatMoney, formatQuantity, formatRate } from '~/ui/decimal'
import { Flashing } from '~/ui/flashing'
import { Icon } from '~/ui/icons'
import { unitText } from '~/ui/words'
import { lineName, lineQuantityText, workingOf } from './methods'

export const LINE_COLUMNS = 'grid grid-cols-[22px_minmax(0,1fr)_auto] items-center gap-x-1 px-3'

export interface LineRowProps {
  line: Line
  id: string
  selected: boolean
  active: boolean
  unfolded: boolean
  readOnly: boolean
  onUnfold: () => void
  onReprice: () => void
}

/** One line: what, how much, at which rate, and the sum in words under it; a recipe unfolds to its leaves. */
export function LineRow({ line, id, selected, active, unfolded, readOnly, onUnfold, onReprice }: LineRowProps) {
  const { code, name } = lineName(line)
  const working = workingOf(line)
  const leaves = line.leaves ?? []
  return (
    <>
      <div
        role="row" id={id} aria-level={1} aria-selected={selected} {...(leaves.length ? { 'aria-expanded': unfolded } : {})}
        className={cx('border-b border-line2 py-1', selected && 'bg-acc2', active && 'shadow-[inset_2px_0_var(--acc)]')}
      >
        <div className={LINE_COLUMNS}>
          <span role="gridcell">
            {leaves.length ? (
              <button type="button" tabIndex={-1} aria-label={unfolded ? 'Fold the recipe' : 'Unfold the recipe'} onClick={(event) => { event.stopPropagation(); onUnfold() }} className={cx('grid size-4 place-items-center text-acc', unfolded && 'rotate-90')}>
                <Icon name="chevronRight" size={11} strokeWidth={2} />
              </button>
            ) : line.type ? <TypeDot type={line.type} /> : null}
          </span>
          <span role="gridcell" className="flex min-w-0 items-center gap-1.5">
            <span className="min-w-0 truncate" title={`${code} ${name}`.trim()}>{code && <b className="font-semibold">{code}</b>} {name}</span>
            {line.recipe && <Chip look={line.recipe.currentN > line.recipe.n ? 'warn' : 'plain'} title={line.recipe.currentN > line.recipe.n ? `Version ${line.recipe.currentN} is current` : undefined}>v{line.recipe.n}</Chip>}
            {line.credit && <Chip look="good">credit</Chip>}
            {line.freeIssue && <Chip>free issue</Chip>}
            {line.diverged && (readOnly ? <Chip look="warn">{divergedWords(line)}</Chip> : (
              <button
                type="button" tabIndex={-1} onClick={(event) => { event.stopPropagation(); onReprice() }} title="Take the current rate"
                className="shrink-0 rounded-full bg-warn2 px-2 text-2xs whitespace-nowrap text-warn hover:underline"
              >
                {divergedWords(line)}
              </button>
            ))}
          </span>
          <span role="gridcell" className={cx('min-w-20 text-right', line.error && 'text-bad')}>
            <Flashing value={line.cost ?? ''}>{line.error ? 'error' : formatMoney(line.cost)}</Flashing>
          </span>
        </div>
        <div role="presentation" className="flex items-baseline gap-2 pr-3 pl-[38px] text-xs text-ink3">
          {line.error ? <span role="gridcell" className="text-bad">{line.error.message}</span> : <span role="gridcell" className="min-w-0 flex-1 truncate" title={working}>{working}</span>}
          {line.note && <span className="flex min-w-0 items-center gap-1"><Icon name="file" size={11} className="shrink-0" /><span className="truncate" title={line.note}>{line.note}</span></span>}
          {lineQuantityText(line) && (
            <span role="gridcell" className="ml-auto whitespace-nowrap text-ink2" title={line.lineQuantity ? `${formatQuantity(line.lineQuantity, 6)} ${unitText(line.unit)}` : undefined}>
              {lineQuantityText(line)} {unitText(line.unit)}{line.rate != null && ` × ${formatRate(line.rate)}`}
            </span>
          )}
        </div>
      </div>
      {unfolded && leaves.map((leaf, at) => (
        <div key={`${leaf.resourceId}-${at}`} role="row" aria-level={2} className={cx(LINE_COLUMNS, 'border-b border-line2 bg-bg py-1 text-xs text-ink2')}>
          <span role="gridcell" />
          <span role="gridcell" className="flex min-w-0 items-center gap-1.5 pl-3">
            <TypeDot type={leaf.type} />
            <span className="min-w-0 truncate" title={`${pathWords(leaf.path)} ${leaf.code} ${leaf.description}`}><b className="font-semibold">{leaf.code}</b> {leaf.description}{pathWords(leaf.path) && <span className="text-ink3"> · {pathWords(leaf.path)}</span>}</span>
          </span>
          <span role="gridcell" className="text-right whitespace-nowrap" title={formatQuantity(leaf.quantity, 6)}>
            <span className="text-ink3">{formatQuantity(leaf.quantity)} {unitText(leaf.unit)} × {formatRate(leaf.rate)}</span>
            <span className="inline-block min-w-20">{formatMoney(leaf.cost)}</span>
          </span>
        </div>
      ))}
    </>
  )
}

const divergedWords = (line: Line) => (line.currentRate != null ? `book: ${formatRate(line.currentRate)}` : 'diverged')

/** The recipes between the line's own and the resource: "PIPE-LAY > CREW-DRAIN > LAB-OP" is "CREW-DRAIN". */
function pathWords(path: string): string {
  return path.split(' > ').slice(1, -1).join(' › ')
}
