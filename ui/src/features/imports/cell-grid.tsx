import type { ReactNode } from 'react'
import type { SheetCell } from '~/api/types'
import { cx } from '~/ui/cx'
import { columnLetter } from './model/mapping'

export interface CellGridProps {
  label: string
  cells: readonly SheetCell[][]
  columns: number
  /** Sheet row of the first row in `cells`, from 0. */
  offset: number
  headerRow: number
  /** What stands above a column, in place of its letter alone. */
  head?: (column: number) => ReactNode
  /** Columns that hold something; the others are dimmed. */
  used?: (column: number) => boolean
  /** Columns of figures: texts of a .csv stand at the right too. */
  figures?: (column: number) => boolean
  onRow?: (row: number) => void
  busy?: boolean
}

/** A window of a sheet as a spreadsheet shows it: letters, row numbers, figures at the right. */
export function CellGrid({ label, cells, columns, offset, headerRow, head, used, figures, onRow, busy }: CellGridProps) {
  return (
    // A region that scrolls has to be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div role="region" aria-label={label} tabIndex={0} className="min-h-0 overflow-auto border-y border-line -outline-offset-2!">
      <table className={cx('border-separate border-spacing-0 bg-pane text-xs', busy && 'opacity-60')}>
        <thead>
          <tr>
            <th className="sticky top-0 left-0 z-20 min-w-10 border-r border-b border-line bg-bg px-2"><span className="sr-only">Row</span></th>
            {Array.from({ length: columns }, (_, column) => (
              <th key={column} scope="col" className={cx('sticky top-0 z-10 border-r border-b border-line bg-bg px-1.5 py-1 text-left align-bottom font-medium', used && !used(column) ? 'text-ink3' : 'text-ink2')}>
                {head ? head(column) : columnLetter(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cells.map((row, index) => {
            const at = offset + index
            const isHead = at === headerRow
            return (
              <tr key={at} className={cx(isHead && 'bg-acc2 font-medium', at < headerRow && 'text-ink3')}>
                <th scope="row" className={cx('sticky left-0 z-10 border-r border-b border-line px-2 text-right font-normal text-ink3', isHead ? 'bg-acc2' : 'bg-bg')}>
                  {onRow ? (
                    <button
                      type="button" aria-pressed={isHead} aria-label={isHead ? `Row ${at + 1} holds the column headings` : `Take row ${at + 1} for the column headings`} onClick={() => onRow(at)}
                      className={cx('min-w-7 rounded px-1 text-right', isHead ? 'font-semibold text-acc' : 'hover:bg-acc2 hover:text-acc')}
                    >
                      {at + 1}
                    </button>
                  ) : at + 1}
                </th>
                {Array.from({ length: columns }, (_, column) => {
                  const cell = row[column]
                  return (
                    <td
                      key={column} title={cell?.v ?? undefined}
                      className={cx('max-w-64 truncate border-r border-b border-line2 px-2 py-1', (cell?.kind === 'number' || (at > headerRow && figures?.(column))) && 'text-right', cell?.kind === 'error' && 'text-bad', cell?.bold && 'font-semibold', used && !used(column) && 'text-ink3')}
                      style={cell?.indent ? { paddingLeft: 8 + cell.indent * 12 } : undefined}
                    >
                      {cell?.v}
                    </td>
                  )
                })}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
