import { type InfiniteData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useDeferredValue, useState } from 'react'
import { api, isProblem } from '~/api/client'
import { usePages } from '~/api/pages'
import { keys, priceBooksQuery } from '~/api/queries'
import type { Page, PriceBook, Resource, ResourceType } from '~/api/types'
import { useMay } from '~/app/rights'
import { LabelFilters, LabelsDialog } from '~/features/categories/row-labels'
import { HistoryList } from '~/features/estimate/panels/history-list'
import { Chip, EmptyState, TypeDot } from '~/ui/bits'
import { Button, IconButton } from '~/ui/button'
import { cx } from '~/ui/cx'
import { compareDecimal, editableDecimal, formatRate } from '~/ui/decimal'
import { Confirm } from '~/ui/dialog'
import { Drawer } from '~/ui/drawer'
import { Flashing } from '~/ui/flashing'
import { Field, SearchInput, Select } from '~/ui/form'
import { ListFoot, SkeletonRows, SortHead } from '~/ui/list'
import { Menu } from '~/ui/menu'
import { ProblemPanel, problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { RESOURCE_TYPES, TYPE_NAMES, unitText } from '~/ui/words'
import { DraftBar } from './price-books'
import { RatesDialog } from './rates-dialog'
import { ResourceDialog } from './resource-dialog'
import { EditableCell } from './editable-cell'
import { RepriceDrawer } from './reprice-drawer'
import { UsageDrawer } from './usage-drawer'
import { readRate } from './rates'

const PAGE_SIZE = 100
const COLUMNS = 7

interface RateChange { id: string; code: string; before: string | null; after: string | null }

type StateFilter = Resource['state'] | 'unused' | undefined

/** What no line ever used may be retired or deleted: retired resources are settled. */
const stateQuery = (state: StateFilter) => (state === 'unused' ? { state: 'active', used: 'false' } : { state })

/** Resources, their description and rate typed over in place. */
export function ResourceList({ onNew }: { onNew: () => void }) {
  const search = useSearch({ from: '/shell/resources' })
  const navigate = useNavigate({ from: '/resources' })
  const client = useQueryClient()
  const [text, setText] = useState(search.q ?? '')
  const edits = useMay('edit')
  const q = useDeferredValue(text.trim())
  const sort = search.sort ?? 'code'
  const books = useQuery(priceBooksQuery).data?.items ?? []
  const pages = usePages<Resource>(keys.resources, '/resources', { q: q || undefined, priceBookId: search.book, type: search.type, ...stateQuery(search.state), options: search.options, sort, limit: PAGE_SIZE })
  const [open, setOpen] = useState<{ kind: 'usage' | 'delete' | 'reprice' | 'labels' | 'history'; resource: { id: string; code: string; version: number } } | null>(null)
  const [rating, setRating] = useState<Resource | null>(null)
  const [changing, setChanging] = useState<Resource | null>(null)
  const drafts = books.filter((book) => book.draft != null && book.current > 0 && (search.book === undefined || search.book === book.id))
  const [changed, setChanged] = useState<RateChange | null>(null)
  const set = (change: Partial<typeof search>) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const filtered = q !== '' || search.book !== undefined || search.type !== undefined || search.state !== undefined || search.options !== undefined
  const clear = () => { setText(''); set({ q: undefined, type: undefined, state: undefined, book: undefined, options: undefined }) }

  const put = (next: Resource) => {
    client.setQueriesData<InfiniteData<Page<Resource>>>({ queryKey: [...keys.resources, 'list'] }, (data) => data && {
      ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map((one) => (one.id === next.id ? next : one)) })),
    })
    void client.invalidateQueries({ queryKey: keys.catalogue })
    void client.invalidateQueries({ queryKey: keys.priceBooks })
  }
  /** Saves part of a resource; null when done, else why not. */
  const save = async (resource: Resource, part: Partial<Pick<Resource, 'description' | 'rate' | 'state'>>): Promise<string | null> => {
    try {
      const next = await api.patch<Resource>(`/resources/${resource.id}`, { version: resource.version, ...part })
      put(next)
      if ('rate' in part && resource.used && compareDecimal(resource.rate ?? '', next.rate ?? '') !== 0) {
        setChanged({ id: next.id, code: next.code, before: resource.rate ?? null, after: next.rate ?? null })
      }
      return null
    } catch (error) {
      if (isProblem(error) && error.code === 'stale-version') {
        if (error.current) put(error.current as Resource)
        else void client.invalidateQueries({ queryKey: keys.resources })
        return 'Someone else changed this resource meanwhile. It shows their change now: type yours again if it still holds.'
      }
      return problemText(error)
    }
  }
  const saveRate = async (resource: Resource, typed: string) => {
    const read = readRate(typed)
    return 'refusal' in read ? read.refusal : save(resource, { rate: read.rate })
  }
  const setState = async (resource: Resource, state: Resource['state']) => {
    const refusal = await save(resource, { state })
    if (refusal) toast.bad(`${resource.code} could not be ${state === 'retired' ? 'retired' : 'taken back'}`, { detail: refusal })
    else toast.done(state === 'retired' ? `${resource.code} retired: it enters no new line` : `${resource.code} is active again`)
  }

  return (
    <>
      <div role="search" className="flex flex-wrap items-center gap-2 border-b border-line bg-pane px-4 py-2">
        <SearchInput label="Find by code or description" className="w-72" value={text} onChange={(event) => { setText(event.target.value); set({ q: event.target.value.trim() || undefined }) }} />
        {books.length > 1 && (
          <Field label="Price book" hideLabel>
            <Select value={search.book ?? ''} onChange={(event) => set({ book: event.target.value || undefined })}>
              <option value="">Every price book</option>{books.map((book) => <option key={book.id} value={book.id}>{book.name}</option>)}
            </Select>
          </Field>
        )}
        <Field label="Type" hideLabel>
          <Select value={search.type ?? ''} onChange={(event) => set({ type: (event.target.value || undefined) as ResourceType | undefined })}>
            <option value="">Every type</option>{RESOURCE_TYPES.map((type) => <option key={type} value={type}>{TYPE_NAMES[type]}</option>)}
          </Select>
        </Field>
        <Field label="State" hideLabel>
          <Select value={search.state ?? ''} onChange={(event) => set({ state: (event.target.value || undefined) as StateFilter })}>
            <option value="">Active and retired</option><option value="active">Active</option><option value="retired">Retired</option><option value="unused">Unused since import</option>
          </Select>
        </Field>
        <LabelFilters kind="resource" value={search.options} onChange={(options) => set({ options })} />
        {filtered && <Button look="plain" icon="close" onClick={clear}>Clear</Button>}
      </div>
      {drafts.map((book) => <DraftBar key={book.id} book={book} />)}
      {changed && (
        <div role="status" className="flex items-center gap-3 border-b border-line bg-acc2 px-4 py-2">
          <span className="flex-1"><b className="font-medium">{changed.code}</b> went from {formatRate(changed.before) || 'no rate'} to {formatRate(changed.after) || 'no rate'}. Lines priced before keep their rate.</span>
          <Button look="primary" onClick={() => setOpen({ kind: 'reprice', resource: { ...changed, version: 0 } })}>Reprice estimates…</Button>
          <IconButton icon="close" label="Leave the estimates as they are" onClick={() => setChanged(null)} />
        </div>
      )}
      <div className="min-h-0 flex-1 overflow-auto">
        {pages.error ? <ProblemPanel error={pages.error} retry={pages.retry} /> : pages.items?.length === 0 ? (
          <EmptyState
            icon="resources" title={filtered ? 'No resource fits' : 'No resources yet'}
            actions={filtered ? <Button onClick={clear}>Show every resource</Button> : edits && <Button look="primary" icon="plus" onClick={onNew}>New resource</Button>}
          >
            {filtered ? 'Nothing matches these filters.' : 'Labour, plant, materials and subcontracts with their rates: worksheets and recipes are built from them.'}
          </EmptyState>
        ) : (
          <>
            <table className={cx('table', pages.stale && 'opacity-60')} aria-busy={!pages.items || pages.stale}>
              <thead>
                <tr>
                  <SortHead field="type" sort={sort} onSort={(next) => set({ sort: next })} className="w-32">Type</SortHead>
                  <SortHead field="code" sort={sort} onSort={(next) => set({ sort: next })} className="w-36">Code</SortHead>
                  <SortHead field="description" sort={sort} onSort={(next) => set({ sort: next })}>Description</SortHead>
                  <SortHead field="unit" sort={sort} onSort={(next) => set({ sort: next })} className="w-20">Unit</SortHead>
                  <SortHead field="rate" sort={sort} onSort={(next) => set({ sort: next })} className="num w-36">Rate ex GST</SortHead>
                  <th className="w-24">State</th><th className="w-12"><span className="sr-only">Actions</span></th>
                </tr>
              </thead>
              <tbody>
                {!pages.items && <SkeletonRows columns={COLUMNS} />}
                {pages.items?.map((resource) => {
                  const retired = resource.state === 'retired'
                  return (
                    <tr key={resource.id} className={cx(retired && 'text-ink3')}>
                      <td><span className="inline-flex items-center gap-2"><TypeDot type={resource.type} /><span aria-hidden="true" className="text-ink2">{TYPE_NAMES[resource.type]}</span></span></td>
                      <td className="font-medium whitespace-nowrap">{resource.code}</td>
                      <td className="max-w-0"><EditableCell disabled={!edits} label={`Description of ${resource.code}`} value={resource.description} onSave={(typed) => save(resource, { description: typed })}>{resource.description || '–'}</EditableCell></td>
                      <td>{unitText(resource.unit)}</td>
                      <td className="num">
                        {resource.moreRates ? (
                          <button type="button" aria-label={`Rates of ${resource.code}`} className="h-6 w-full rounded px-1.5 text-right hover:bg-pane hover:ring-1 hover:ring-edge/60" onClick={() => setRating(resource)}>
                            {resource.rate == null ? <span className="text-warn">None today</span> : formatRate(resource.rate)}{resource.draftRate != null && <span className="ml-2 text-warn">{formatRate(resource.draftRate)}</span>}<span aria-hidden="true" className="ml-1 text-ink3">…</span>
                          </button>
                        ) : <EditableCell numeric disabled={!edits} label={`Rate of ${resource.code}`} value={editableDecimal(resource.draftRate ?? resource.rate)} onSave={(typed) => saveRate(resource, typed)}>
                          {resource.draftRate != null && <span className="mr-2 text-warn" title="In the open version, not published">{formatRate(resource.draftRate)}</span>}
                          {resource.rate == null ? <span className="text-warn">No rate</span> : <Flashing value={resource.rate}>{formatRate(resource.rate)}</Flashing>}
                        </EditableCell>}
                      </td>
                      <td>{retired ? <Chip>Retired</Chip> : resource.used ? <Chip look="accent">In use</Chip> : <Chip look="good">Active</Chip>}</td>
                      <td className="num">
                        <Menu
                          trigger={<IconButton icon="more" label={`Actions of ${resource.code}`} />}
                          items={[
                            edits && { label: 'Change…', icon: 'settings', onSelect: () => setChanging(resource) },
                            { label: 'Rates and periods…', icon: 'variable', onSelect: () => setRating(resource) },
                            { label: 'Categories…', icon: 'filter', onSelect: () => setOpen({ kind: 'labels', resource }) },
                            { label: 'Where used', icon: 'link', onSelect: () => setOpen({ kind: 'usage', resource }) },
                            edits && { label: 'Reprice estimates…', icon: 'redo', onSelect: () => setOpen({ kind: 'reprice', resource }) },
                            { label: 'History', icon: 'history', onSelect: () => setOpen({ kind: 'history', resource }) },
                            'separator',
                            edits && { label: retired ? 'Make active again' : 'Retire', icon: retired ? 'undo' : 'close', onSelect: () => void setState(resource, retired ? 'active' : 'retired') },
                            edits && { label: 'Delete…', icon: 'trash', danger: true, onSelect: () => setOpen({ kind: 'delete', resource }) },
                          ]}
                        />
                      </td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
            <ListFoot pages={pages} noun="resource" />
          </>
        )}
      </div>
      {open?.kind === 'labels' && <LabelsDialog kind="resource" id={open.resource.id} title={`Categories of ${open.resource.code}`} onClose={() => setOpen(null)} />}
      {open?.kind === 'usage' && <UsageDrawer entity="resources" id={open.resource.id} name={open.resource.code} onClose={() => setOpen(null)} />}
      {open?.kind === 'reprice' && <RepriceDrawer resource={open.resource} onClose={() => { setOpen(null); setChanged(null) }} />}
      {open?.kind === 'history' && <Drawer title={`History of ${open.resource.code}`} onClose={() => setOpen(null)}><HistoryList entity="resource" id={open.resource.id} estimateId="" lsn={open.resource.version} /></Drawer>}
      {changing && <ResourceDialog resource={changing} onClose={() => setChanging(null)} />}
      {rating && <RatesFor resource={rating} books={books} onClose={() => setRating(null)} />}
      {open?.kind === 'delete' && <DeleteResource resource={open.resource} onClose={() => setOpen(null)} />}
    </>
  )
}

function RatesFor({ resource, books, onClose }: { resource: Resource; books: PriceBook[]; onClose: () => void }) {
  const book = books.find((one) => one.id === resource.priceBookId)
  return book && <RatesDialog resource={resource} book={book} onClose={onClose} />
}

/** BR-053: what was ever used is retired, not deleted; the refusal is shown in place. */
function DeleteResource({ resource, onClose }: { resource: { id: string; code: string; version: number }; onClose: () => void }) {
  const client = useQueryClient()
  const remove = async () => {
    await api.delete(`/resources/${resource.id}`, { query: { version: resource.version } })
    void client.invalidateQueries({ queryKey: keys.resources })
    void client.invalidateQueries({ queryKey: keys.catalogue })
    toast.done(`${resource.code} deleted`)
  }
  return (
    <Confirm open onOpenChange={(next) => { if (!next) onClose() }} danger title={`Delete ${resource.code}?`} action="Delete resource" onConfirm={remove}>
      A resource that a line or a recipe has used can only be retired.
    </Confirm>
  )
}
