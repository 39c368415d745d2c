import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { HistoryEntry, Page } from '~/api/types'
import { Avatar, Skeleton } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatFull, formatRelative } from '~/ui/dates'
import { ProblemPanel } from '~/ui/problem'
import { count } from '~/ui/words'
import { changeWords, saysSomething } from '../model/history-words'

const PAGE = 50
/** Fields of one commit shown at once: a whole worksheet has dozens. */
const CHANGES_SHOWN = 8

/** Who changed what and when: one entry per commit, newest first. */
export function HistoryList({ entity, id, estimateId, lsn }: { entity: string; id: string; estimateId: string; lsn?: number }) {
  const history = useInfiniteQuery({
    queryKey: [...keys.history(entity, id), estimateId, lsn ?? 0],
    queryFn: ({ pageParam, signal }) => api.get<Page<HistoryEntry>>(`/history/${entity}/${id}`, { query: { estimateId, cursor: pageParam, limit: PAGE }, signal }),
    initialPageParam: undefined as string | undefined, getNextPageParam: (last) => last.nextCursor ?? undefined, staleTime: 0,
  })
  if (history.isError) return <ProblemPanel error={history.error} retry={() => void history.refetch()} />
  if (!history.data) return <div className="grid gap-2 p-4">{[0, 1, 2].map((at) => <Skeleton key={at} className="h-10" />)}</div>
  const entries = history.data.pages.flatMap((page) => page.items)
  if (entries.length === 0) return <p className="px-6 py-12 text-center text-ink2">No change has been recorded yet.</p>
  return (
    <>
      <ol>
        {entries.map((entry) => (
          <li key={entry.lsn} className="flex gap-2.5 border-b border-line2 px-4 py-2.5">
            <Avatar id={entry.actor.id} name={entry.actor.name} size={24} />
            <div className="min-w-0 flex-1">
              <p className="flex items-baseline gap-2">
                <span className="font-medium">{entry.actor.name}</span>
                <time dateTime={entry.at} title={formatFull(entry.at)} className="text-xs text-ink3">{formatRelative(entry.at)}</time>
                <span className="ml-auto font-mono text-2xs text-ink3">#{entry.lsn}</span>
              </p>
              <p className="text-ink2">{entry.label || entry.command}</p>
              <Changes changes={entry.changes.filter(saysSomething)} />
            </div>
          </li>
        ))}
      </ol>
      {history.hasNextPage && <div className="p-3 text-center"><Button busy={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>Earlier changes</Button></div>}
    </>
  )
}

function Changes({ changes }: { changes: HistoryEntry['changes'] }) {
  const [all, setAll] = useState(false)
  if (changes.length === 0) return null
  const left = all ? 0 : Math.max(0, changes.length - CHANGES_SHOWN)
  return (
    <>
      <dl className="mt-1 grid grid-cols-[minmax(6rem,max-content)_minmax(0,1fr)] gap-x-3 text-xs">
        {changes.slice(0, changes.length - left).map((change) => <FieldWords key={change.field} change={change} className="max-w-40 truncate text-ink3" />)}
      </dl>
      {left > 0 && <button type="button" onClick={() => setAll(true)} className="mt-1 text-xs text-acc hover:underline">{count(left, 'more change')}</button>}
    </>
  )
}

/** One field before and after, as a term of a list of them. */
export function FieldWords({ change, className }: { change: HistoryEntry['changes'][number]; className: string }) {
  const words = changeWords(change)
  return (
    <div className="contents">
      <dt className={className} title={words.field}>{words.field}</dt>
      <dd className="min-w-0 wrap-anywhere">
        {words.before !== null && <><del className="text-ink3">{words.before || 'empty'}</del> <span aria-hidden="true" className="text-ink3">→</span> </>}
        <ins className="no-underline">{words.after || 'empty'}</ins>
      </dd>
    </div>
  )
}
