import { useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Suspense, lazy, useDeferredValue, useMemo, useState } from 'react'
import { usePages } from '~/api/pages'
import { keys, sessionQuery } from '~/api/queries'
import type { Tender } from '~/api/types'
import { Page } from '~/app/page'
import { useMay } from '~/app/rights'
import { LibraryUndo } from '~/features/library/library-undo'
import { EmptyState } from '~/ui/bits'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { ProblemPanel } from '~/ui/problem'
import { TenderBoard } from './board'
import { DeleteTender } from './delete-tender'
import { DuplicateTender } from './duplicate-tender'
import { TenderFilters } from './filters'
import { RegisterTable } from './register-table'
import type { TenderDialog } from './tender-menu'
import { type TenderView, closingRange, isFiltered } from './views'
import { useWorth } from './worth'

// The form's validation is loaded with the form, not with the register.
const NewTender = lazy(() => import('./new-tender'))

const PAGE_SIZE = 50
/** The board shows stages whole, as far as one answer of the server goes. */
const BOARD_SIZE = 500

/** Every tender of the organisation, as a list or by stage, the next to close first. */
export function TenderRegister() {
  const search = useSearch({ from: '/shell/tenders' })
  const navigate = useNavigate({ from: '/tenders' })
  const { data: session } = useSuspenseQuery(sessionQuery)
  const [text, setText] = useState(search.q ?? '')
  const [dialog, setDialog] = useState<'new' | { kind: TenderDialog; tender: Tender } | null>(null)
  const q = useDeferredValue(text.trim())
  const board = search.view === 'board'
  const sort = search.sort ?? 'closing'
  const range = useMemo(() => closingRange(search.closes, Date.now()), [search.closes])
  const pages = usePages<Tender>(keys.tenders, '/tenders', { q: q || undefined, state: search.state, options: search.options, ...range, sort, limit: board ? BOARD_SIZE : PAGE_SIZE })
  const worth = useWorth(pages.items ?? [])
  const filtered = isFiltered({ ...search, q: q || undefined })
  const change = (change: TenderView) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const show = (view: TenderView) => { setText(view.q ?? ''); void navigate({ search: view, replace: true }) }
  const ask = (kind: TenderDialog, tender: Tender) => setDialog({ kind, tender })
  const add = useMay('edit') && <Button look="primary" icon="plus" onClick={() => setDialog('new')}>New tender</Button>

  return (
    <Page title="Tenders" fixed={board} actions={<><LibraryUndo /><Layout board={board} onBoard={(on) => change({ view: on ? 'board' : undefined })} />{add}</>}>
      <TenderFilters view={search} userId={session.user.id} text={text} onText={(next) => { setText(next); change({ q: next.trim() || undefined }) }} onChange={change} onShow={show} />
      {pages.error ? <ProblemPanel error={pages.error} retry={pages.retry} /> : pages.items?.length === 0 ? (
        filtered ? (
          <EmptyState icon="search" title="No tender fits" actions={<Button onClick={() => show({ view: search.view })}>Show every tender</Button>}>
            Nothing matches {q ? `“${q}”` : 'these filters'}{q && (search.state ?? search.closes) ? ' with these filters' : ''}.
          </EmptyState>
        ) : (
          <EmptyState icon="tenders" title="No tenders yet" actions={add}>
            Start with the number and name of an enquiry. Its first estimate is made with it, ready for the client’s schedule.
          </EmptyState>
        )
      ) : board ? (
        <TenderBoard tenders={pages.items} worth={worth} view={search} onDialog={ask} />
      ) : (
        <RegisterTable pages={pages} worth={worth} sort={sort} onSort={(next) => change({ sort: next })} onDialog={ask} />
      )}
      {dialog === 'new' && <Suspense><NewTender onClose={() => setDialog(null)} /></Suspense>}
      {dialog !== null && dialog !== 'new' && (dialog.kind === 'duplicate'
        ? <DuplicateTender tender={dialog.tender} onClose={() => setDialog(null)} />
        : <DeleteTender tender={dialog.tender} onClose={() => setDialog(null)} />)}
    </Page>
  )
}

function Layout({ board, onBoard }: { board: boolean; onBoard: (on: boolean) => void }) {
  const look = (on: boolean) => cx('px-2.5 py-1 text-xs first:rounded-l last:rounded-r', on ? 'bg-acc2 font-medium text-acc' : 'text-ink2 hover:text-ink')
  return (
    <div role="group" aria-label="Layout" className="flex rounded border border-line">
      <button type="button" aria-pressed={!board} className={look(!board)} onClick={() => onBoard(false)}>Register</button>
      <button type="button" aria-pressed={board} className={look(board)} onClick={() => onBoard(true)}>Board</button>
    </div>
  )
}
