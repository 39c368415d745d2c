import type { ReactNode } from 'react'
import type { Pages } from '~/api/pages'
import { Skeleton } from './bits'
import { Button } from './button'
import { cx } from './cx'
import { Icon } from './icons'

/** A column head that sorts: once up, again down. `sort` is "name" or "-name". */
export function SortHead({ field, sort, onSort, className, children }: { field: string; sort: string; onSort: (sort: string) => void; className?: string; children: ReactNode }) {
  const up = sort === field
  const down = sort === `-${field}`
  return (
    <th aria-sort={up ? 'ascending' : down ? 'descending' : 'none'} className={className}>
      <button type="button" className={cx('inline-flex h-full items-center gap-1 hover:text-ink', (up || down) && 'font-semibold text-ink')} onClick={() => onSort(up ? `-${field}` : field)}>
        {children}
        {(up || down) && <Icon name={up ? 'chevronUp' : 'chevronDown'} size={10} />}
      </button>
    </th>
  )
}

/** What stands in a table until its rows are here. */
export function SkeletonRows({ columns, rows = 6 }: { columns: number; rows?: number }) {
  return Array.from({ length: rows }, (_, row) => (
    <tr key={row}>{Array.from({ length: columns }, (_, column) => <td key={column}><Skeleton className="h-3.5" /></td>)}</tr>
  ))
}

/** How many there are, and the way to the rest. */
export function ListFoot<T>({ pages, noun, plural = `${noun}s` }: { pages: Pages<T>; noun: string; plural?: string }) {
  if (!pages.items?.length) return null
  return (
    <div className="flex items-center gap-3 px-4 py-2 text-xs text-ink2">
      <span role="status">{pages.items.length < pages.total ? `${pages.items.length.toLocaleString('en-NZ')} of ${pages.total.toLocaleString('en-NZ')} ${plural}` : `${pages.total.toLocaleString('en-NZ')} ${pages.total === 1 ? noun : plural}`}</span>
      {pages.hasMore && <Button busy={pages.loadingMore} onClick={pages.more}>Show more</Button>}
    </div>
  )
}
