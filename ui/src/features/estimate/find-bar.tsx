import { useQuery, keepPreviousData } from '@tanstack/react-query'
import { useDeferredValue, useEffect, useRef, useState } from 'react'
import { api } from '~/api/client'
import type { Page, SearchHit } from '~/api/types'
import { Button, IconButton } from '~/ui/button'
import { Spinner } from '~/ui/bits'
import { problemText } from '~/ui/problem'
import { useEstimateSession } from './model/context'
import { useWorkspace } from './model/workspace-context'

/** Hits kept at once; "next" goes on from there. */
const HITS_MAX = 200

export function FindBar() {
  const session = useEstimateSession()
  const workspace = useWorkspace()
  const [text, setText] = useState('')
  const [at, setAt] = useState(-1)
  const wanted = useDeferredValue(text.trim())
  const input = useRef<HTMLInputElement>(null)
  const hits = useQuery({
    queryKey: ['estimate', session.estimateId, 'search', wanted],
    queryFn: ({ signal }) => api.get<Page<SearchHit>>(`/estimates/${session.estimateId}/search`, { query: { q: wanted, limit: HITS_MAX }, signal }),
    enabled: wanted !== '', placeholderData: keepPreviousData, staleTime: 0,
  })
  useEffect(() => { input.current?.focus(); input.current?.select() }, [workspace.findOpen])
  useEffect(() => { setAt(-1) }, [wanted])

  const items = hits.data?.items ?? []
  const due = useRef(0)
  const step = (by: number) => {
    // Enter before the answer is here: go as soon as it is.
    if (text.trim() !== wanted || hits.isFetching) { due.current = by; return }
    if (items.length === 0) return
    const next = at < 0 ? (by > 0 ? 0 : items.length - 1) : (at + by + items.length) % items.length
    setAt(next)
    const hit = items[next]
    if (hit) void workspace.goTo(hit.row.id).then(() => input.current?.focus())
  }
  useEffect(() => {
    if (due.current === 0 || text.trim() !== wanted || hits.isFetching) return
    const by = due.current
    due.current = 0
    step(by)
  })
  const close = () => { workspace.set({ findOpen: false }); workspace.focusGrid() }

  return (
    <search className="flex h-10 shrink-0 items-center gap-2 border-b border-line bg-bg px-3">
      <input
        ref={input} type="search" aria-label="Find in this estimate" placeholder="Find code or words" className="field max-w-72" value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' || event.key === 'F3') { event.preventDefault(); step(event.shiftKey ? -1 : 1) }
          if (event.key === 'Escape') { event.preventDefault(); close() }
        }}
      />
      <IconButton icon="chevronUp" label="Previous hit" tip="Previous (Shift+Enter)" disabled={items.length === 0} onClick={() => step(-1)} />
      <IconButton icon="chevronDown" label="Next hit" tip="Next (Enter)" disabled={items.length === 0} onClick={() => step(1)} />
      <span role="status" className="text-ink2">
        {hits.isError ? <span className="text-bad">{problemText(hits.error)}</span> : wanted === '' ? '' : hits.isPending ? <Spinner /> : items.length === 0 ? 'Nothing found' : at < 0
          ? `${(hits.data?.total ?? items.length).toLocaleString('en-NZ')} found` : `${at + 1} of ${(hits.data?.total ?? items.length).toLocaleString('en-NZ')}`}
      </span>
      {at >= 0 && <span className="min-w-0 truncate text-xs text-ink3">{items[at]?.path.join(' › ')}</span>}
      <div className="flex-1" />
      <Button look="plain" onClick={() => workspace.set({ dialog: { kind: 'replace' } })}>Replace…</Button>
      <IconButton icon="close" label="Close find" tip="Close (Esc)" onClick={close} />
    </search>
  )
}
