import { type CSSProperties, memo } from 'react'
import { Chip, MixBar, Skeleton, StatusDot, colourOf, initialsOf } from '~/ui/bits'
import { cx } from '~/ui/cx'
import { formatMoney } from '~/ui/decimal'
import { Icon } from '~/ui/icons'
import type { Column, GridRowData } from '../columns'
import type { Flash } from '../model/session'
import type { RowOthers } from '../model/together'
import { CellEditor } from './cell-editor'

export interface GridRowProps {
  row: GridRowData | undefined
  index: number
  top: number
  columns: readonly Column[]
  /** Position of the active cell in this row, -1 when it is elsewhere. */
  active: number
  /** Selected columns of this row. */
  from: number
  to: number
  /** The whole row is picked. */
  picked: boolean
  /** More than one row is selected. */
  many: boolean
  /** Column being edited. */
  editing: string | null
  flash: Flash | undefined
  /** Why cells of this row were refused: column to message, as one string so that the row repaints only when it changes. */
  errors: string
  /** Values not confirmed yet. */
  pending: boolean
  /** Who else holds the row or is on it. */
  others: RowOthers | undefined
  /** How much was said about the row. */
  comments: number
  gridId: string
}

export const INDENT_PX = 16

export const GridRow = memo(function GridRow(props: GridRowProps) {
  const { row, index, top, columns, gridId } = props
  const style: CSSProperties = { transform: `translateY(${top}px)` }
  if (!row) return <PlaceholderRow {...props} style={style} />
  const heading = row.kind === 'heading'
  const off = row.inactive || row.type === 'excluded' || (row.option && !row.option.selected)
  const errors = props.errors ? (JSON.parse(props.errors) as Record<string, string>) : {}
  return (
    <div
      role="row" id={`${gridId}-r${index}`} data-index={index} aria-rowindex={index + 2} aria-level={row.depth}
      aria-selected={props.picked || (props.active >= 0)} {...(row.hasChildren ? { 'aria-expanded': row.open } : {})}
      style={style}
      className={cx('grid-row', heading && `h${Math.min(row.depth, 4)}`, off && 'off', props.active >= 0 && 'current', props.active >= 0 && !props.many && 'single', props.picked && 'picked')}
    >
      <div role="gridcell" aria-colindex={1} className="gutter" data-gutter="">
        <span className="drag" data-drag="" aria-hidden="true" />
        {props.others && <Others others={props.others} />}
      </div>
      {columns.map((column, at) => {
        const cursor = props.others?.here.find((other) => other.place.field === column.id)
        const failed = errors[column.id]
        const flashes = props.flash?.fields.some((field) => field === column.id) === true
        const editing = props.editing === column.id
        return (
          <div
            key={column.id} role="gridcell" id={`${gridId}-r${index}c${at}`} aria-colindex={at + 2} data-column={at}
            aria-selected={at >= props.from && at <= props.to} aria-readonly={column.editor === null || undefined} aria-invalid={failed ? true : undefined}
            title={column.id === 'code' || column.id === 'description' || column.id === 'note' ? column.text(row) : undefined}
            className={cx('cell', column.align, tone(column, row),
              at >= props.from && at <= props.to && props.many && 'block', at === props.active && 'active', editing && 'editing',
              failed && 'failed', props.pending && at === props.active && 'pending')}
          >
            {flashes && <span key={props.flash?.turn} className="flash flash-under" style={props.flash?.colour ? ({ '--flash-colour': `color-mix(in srgb, ${props.flash.colour} 38%, transparent)` } as CSSProperties) : undefined} />}
            <CellContent column={column} row={row} comments={props.comments} />
            {cursor && <span aria-hidden="true" className={cx('grid-cursor', cursor.place.typing && 'typing')} style={{ '--who': colourOf(cursor.id) } as CSSProperties} data-who={cursor.name} />}
            {failed && at === props.active && !editing && <span role="alert" className="grid-error">{failed}</span>}
            {editing && <CellEditor row={row} column={column} />}
          </div>
        )
      })}
    </div>
  )
})

/** Who holds the row, or else who is on it: initials in their colour, named for those who cannot see it. */
function Others({ others }: { others: RowOthers }) {
  const { holder, here } = others
  const first = here[0]
  const person = holder?.person ?? (first ? { id: first.id, name: first.name } : null)
  if (!person) return null
  const typing = here.some((other) => other.id === person.id && other.place.typing)
  const words = `${person.name} ${holder ? (typing ? 'is typing here' : 'is at work on this row') : 'is on this row'}${here.length > 1 ? `, with ${here.length - 1} more` : ''}`
  return (
    <span role="img" aria-label={words} title={words} className={cx('grid-who', holder && 'holds')} style={{ '--who': colourOf(person.id) } as CSSProperties}>
      {initialsOf(person.name)}
    </span>
  )
}

function PlaceholderRow({ index, columns, gridId, style, active }: GridRowProps & { style: CSSProperties }) {
  return (
    <div role="row" id={`${gridId}-r${index}`} aria-rowindex={index + 2} aria-busy="true" data-index={index} style={style} className={cx('grid-row', active >= 0 && 'current')}>
      <div role="gridcell" aria-colindex={1} className="gutter" />
      {columns.map((column, at) => (
        <div key={column.id} role="gridcell" id={`${gridId}-r${index}c${at}`} aria-colindex={at + 2} className="cell">
          {(column.id === 'description' || column.id === 'cost') && <Skeleton className={cx('mt-2.5 h-2', column.id === 'description' ? 'w-2/5' : 'ml-auto w-3/5')} />}
        </div>
      ))}
    </div>
  )
}

function tone(column: Column, row: GridRowData): string | false {
  if (row.kind === 'heading') return false
  switch (column.id) {
    case 'code': case 'unit': case 'type': case 'costRate': case 'note':
      return row.status === 'unpriced' && column.id === 'costRate' ? 'faint' : 'soft'
    case 'quantity':
      return row.type === 'rate-only' ? 'faint' : false
    case 'cost':
      return !row.counted || row.status === 'unpriced' ? 'faint' : false
    default:
      return false
  }
}

function CellContent({ column, row, comments }: { column: Column; row: GridRowData; comments: number }) {
  switch (column.id) {
    case 'description':
      return <Description row={row} comments={comments} />
    case 'quantity':
      if (row.type === 'rate-only' && !row.quantity) return <span className="words">rate only</span>
      return (
        <span className="words" title={row.quantityFormula ? `= ${row.quantityFormula}` : undefined}>
          {row.quantityFormula && <em className="mr-1 font-mono text-2xs text-acc not-italic">fx</em>}
          {row.error ? <span className="text-bad" title={row.error.message}>{row.quantity == null ? 'error' : column.text(row)}</span> : column.text(row)}
        </span>
      )
    case 'costRate':
      if (row.kind === 'item' && row.status === 'unpriced' && !row.hasChildren && !row.costRate) return <span className="words">unpriced</span>
      return (
        <span className={row.status === 'plugged' && row.plugRate ? 'words text-warn' : 'words'} title={row.status === 'plugged' && row.plugRate ? 'A plug: a rate put in by hand' : undefined}>
          {row.kind === 'item' ? column.text(row) : ''}
        </span>
      )
    case 'sellRate':
      return (
        <span className="words" title={row.lockedSellRate != null ? 'Rate-locked: the client’s rate is fixed by hand' : undefined}>
          {row.lockedSellRate != null && <span aria-hidden="true" className="mr-1 inline-block size-1.5 bg-ink align-middle" />}
          {row.kind === 'item' ? column.text(row) : ''}
        </span>
      )
    case 'sell':
      return <span className="words" title={row.sell && !row.sell.counted ? 'Outside the price' : undefined}>{row.sell && !row.sell.counted && row.sell.amount != null ? `(${column.text(row)})` : column.text(row)}</span>
    case 'mix':
      return <MixBar byType={row.byType} className="mt-[11px]" />
    case 'cost':
      if (row.clientAmount != null) return <span className="words text-ink3" title="The client's sum: outside the cost">{column.text(row)}</span>
      return <span className="words" title={row.counted === false && row.kind === 'item' ? `${formatMoney(row.cost)}, not counted` : undefined}>{row.counted === false && row.kind === 'item' && row.status !== 'unpriced' ? `(${column.text(row)})` : column.text(row)}</span>
    case 'status':
      if (row.kind === 'item') return row.status ? <span className="flex h-[27px] items-center gap-1.5"><StatusDot status={row.status} /></span> : null
      return row.unpriced > 0 ? <span className="text-2xs font-normal text-ink3" title={`${row.unpriced} of ${row.items} items unpriced`}>{row.unpriced} ◌</span> : null
    default:
      return <span className="words">{column.text(row)}</span>
  }
}

function Description({ row, comments }: { row: GridRowData; comments: number }) {
  return (
    <span className="flex items-center" style={{ paddingLeft: (row.depth - 1) * INDENT_PX }}>
      <span className={cx('grid-fold', row.open && 'open', !row.hasChildren && 'none')} data-fold="" aria-hidden="true" />
      <span className="words name min-w-0 truncate">{row.description || <span className="text-ink3">{row.kind === 'heading' ? 'Unnamed heading' : 'No description'}</span>}</span>
      {row.option && <Chip className="ml-2" look={row.option.selected ? 'accent' : 'plain'}>option {row.option.group}{row.option.selected ? '' : ' · not taken'}</Chip>}
      {row.inactive && <Chip className="ml-2">inactive</Chip>}
      {row.indirectFlag && <Chip className="ml-2">indirect</Chip>}
      {row.diverged && <Chip className="ml-2" look="warn" title="A rate on the worksheet differs from the price book">diverged</Chip>}
      {row.error && <span className="ml-2 shrink-0 text-bad" title={row.error.message}><Icon name="warning" size={13} /></span>}
      {comments > 0 && <span role="img" aria-label={`${comments} ${comments === 1 ? 'comment' : 'comments'}`} title={`${comments} ${comments === 1 ? 'comment' : 'comments'}`} className="ml-1.5 shrink-0 text-acc"><Icon name="comment" size={12} /></span>}
      {row.note && <span className="ml-1.5 shrink-0 text-ink3" title={row.note}><Icon name="file" size={12} /></span>}
    </span>
  )
}
