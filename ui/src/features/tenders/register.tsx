import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Suspense, lazy, useDeferredValue, useState } from 'react'
import { usePages } from '~/api/pages'
import { keys } from '~/api/queries'
import type { Tender, TenderState } from '~/api/types'
import { Page } from '~/app/page'
import { EmptyState } from '~/ui/bits'
import { Button, IconButton } from '~/ui/button'
import { cx } from '~/ui/cx'
import { Field, SearchInput, Select } from '~/ui/form'
import { ListFoot, SkeletonRows, SortHead } from '~/ui/list'
import { Menu } from '~/ui/menu'
import { ProblemPanel } from '~/ui/problem'
import { TENDER_STATE_NAMES } from '~/ui/words'
import { Closing, TenderStateChip } from './chips'
import { DeleteTender } from './delete-tender'
import { DuplicateTender } from './duplicate-tender'
import { TENDER_STATES } from './states'

// The form's validation is loaded with the form, not with the register.
const NewTender = lazy(() => import('./new-tender'))

const PAGE_SIZE = 50
const COLUMNS = 7

/** Every tender of the organisation, the next to close first. */
export function TenderRegister() {
  const search = useSearch({ from: '/shell/tenders' })
  const navigate = useNavigate({ from: '/tenders' })
  const [text, setText] = useState(search.q ?? '')
  const [dialog, setDialog] = useState<'new' | { kind: 'duplicate' | 'delete'; tender: Tender } | null>(null)
  const q = useDeferredValue(text.trim())
  const sort = search.sort ?? 'closing'
  const pages = usePages<Tender>(keys.tenders, '/tenders', { q: q || undefined, state: search.state, sort, limit: PAGE_SIZE })
  const filtered = q !== '' || search.state !== undefined
  const set = (change: { q?: string | undefined; state?: TenderState | undefined; sort?: string | undefined }) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const empty = pages.items?.length === 0

  return (
    <Page title="Tenders" actions={<Button look="primary" icon="plus" onClick={() => setDialog('new')}>New tender</Button>}>
      <div role="search" className="flex flex-wrap items-center gap-2 border-b border-line bg-pane px-4 py-2">
        <SearchInput label="Find by number, name, client or place" className="w-80" value={text} onChange={(event) => { setText(event.target.value); set({ q: event.target.value.trim() || undefined }) }} />
        <Field label="State" hideLabel>
          <Select value={search.state ?? ''} onChange={(event) => set({ state: (event.target.value || undefined) as TenderState | undefined })}>
            <option value="">Every state</option>
            {TENDER_STATES.map((state) => <option key={state} value={state}>{TENDER_STATE_NAMES[state]}</option>)}
          </Select>
        </Field>
        {filtered && <Button look="plain" icon="close" onClick={() => { setText(''); set({ q: undefined, state: undefined }) }}>Clear</Button>}
      </div>
      {pages.error ? <ProblemPanel error={pages.error} retry={pages.retry} /> : empty ? (
        filtered ? (
          <EmptyState icon="search" title="No tender fits" actions={<Button onClick={() => { setText(''); set({ q: undefined, state: undefined }) }}>Show every tender</Button>}>
            Nothing matches {q ? `“${q}”` : 'this state'}{q && search.state ? ' in this state' : ''}.
          </EmptyState>
        ) : (
          <EmptyState icon="tenders" title="No tenders yet" actions={<Button look="primary" icon="plus" onClick={() => setDialog('new')}>New tender</Button>}>
            Start with the number and name of an enquiry. Its first estimate is made with it, ready for the client’s schedule.
          </EmptyState>
        )
      ) : (
        <>
          <table className={cx('table', pages.stale && 'opacity-60')} aria-busy={!pages.items || pages.stale}>
            <thead>
              <tr>
                <SortHead field="number" sort={sort} onSort={(next) => set({ sort: next })} className="w-36">Number</SortHead>
                <SortHead field="name" sort={sort} onSort={(next) => set({ sort: next })} className="w-2/5">Name</SortHead>
                <th>Client</th>
                <SortHead field="closing" sort={sort} onSort={(next) => set({ sort: next })} className="w-64">Closes</SortHead>
                <th className="w-28">State</th>
                <th className="w-40">Estimates</th>
                <th className="w-12"><span className="sr-only">Actions</span></th>
              </tr>
            </thead>
            <tbody>
              {!pages.items && <SkeletonRows columns={COLUMNS} />}
              {pages.items?.map((tender) => <TenderRow key={tender.id} tender={tender} onDialog={(kind) => setDialog({ kind, tender })} />)}
            </tbody>
          </table>
          <ListFoot pages={pages} noun="tender" />
        </>
      )}
      {dialog === 'new' && <Suspense><NewTender onClose={() => setDialog(null)} /></Suspense>}
      {dialog !== null && dialog !== 'new' && (dialog.kind === 'duplicate'
        ? <DuplicateTender tender={dialog.tender} onClose={() => setDialog(null)} />
        : <DeleteTender tender={dialog.tender} onClose={() => setDialog(null)} />)}
    </Page>
  )
}

function TenderRow({ tender, onDialog }: { tender: Tender; onDialog: (kind: 'duplicate' | 'delete') => void }) {
  const navigate = useNavigate()
  return (
    <tr>
      <td className="font-medium whitespace-nowrap"><Link to="/tenders/$tenderId" params={{ tenderId: tender.id }} className="text-acc hover:underline">{tender.number}</Link></td>
      <td className="max-w-0 truncate" title={tender.name}><TenderName tender={tender} /></td>
      <td className="max-w-48 truncate text-ink2" title={tender.clientName ?? ''}>{tender.clientName}</td>
      <td><Closing tender={tender} /></td>
      <td><TenderStateChip state={tender.state} /></td>
      <td className="whitespace-nowrap"><EstimateLinks tender={tender} /></td>
      <td className="num">
        <Menu
          trigger={<IconButton icon="more" label={`Actions of ${tender.number}`} />}
          items={[
            { label: 'Open', icon: 'tenders', onSelect: () => void navigate({ to: '/tenders/$tenderId', params: { tenderId: tender.id } }) },
            { label: 'Duplicate…', icon: 'copy', onSelect: () => onDialog('duplicate') },
            'separator',
            { label: 'Delete…', icon: 'trash', danger: true, onSelect: () => onDialog('delete') },
          ]}
        />
      </td>
    </tr>
  )
}

const ESTIMATES_SHOWN = 2

/** The name opens the newest estimate, where most work is; the number opens the tender itself. */
function TenderName({ tender }: { tender: Tender }) {
  const [newest] = tender.estimates
  if (!newest) return tender.name
  return <Link to="/estimates/$estimateId" params={{ estimateId: newest.id }} className="hover:text-acc hover:underline">{tender.name}</Link>
}

function EstimateLinks({ tender }: { tender: Tender }) {
  const left = tender.estimates.length - ESTIMATES_SHOWN
  return (
    <span className="inline-flex items-center gap-2">
      {tender.estimates.slice(0, ESTIMATES_SHOWN).map((estimate) => (
        <Link key={estimate.id} to="/estimates/$estimateId" params={{ estimateId: estimate.id }} title={estimate.name} className="text-acc hover:underline">
          {estimate.code}<span className="text-ink3"> r{estimate.revision}</span>
        </Link>
      ))}
      {left > 0 && <span className="text-xs text-ink3">+{left}</span>}
      {tender.estimates.length === 0 && <span className="text-ink3">None</span>}
    </span>
  )
}
