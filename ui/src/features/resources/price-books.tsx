import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys, priceBooksQuery } from '~/api/queries'
import type { PriceBook } from '~/api/types'
import { useMay } from '~/app/rights'
import { FileJobPanel, useFileJob } from '~/features/jobs/file-job'
import { Chip, Spinner } from '~/ui/bits'
import { Button, IconButton } from '~/ui/button'
import { formatDay } from '~/ui/dates'
import { Confirm, Dialog } from '~/ui/dialog'
import { Field, TextInput } from '~/ui/form'
import { Menu } from '~/ui/menu'
import { ProblemPanel, problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { count } from '~/ui/words'
import { CompareDialog } from './compare-dialog'
import { ImportRates } from './import-rates'
import { KIND_NAMES } from './kinds'
import { NewPriceBook } from './new-price-book'
import { UsageDrawer } from './usage-drawer'

const STATE_LOOKS = { draft: 'warn', published: 'good', archived: 'plain' } as const

export type Open =
  | { kind: 'compare'; from: number; to: number }
  | { kind: 'import' | 'discard' | 'publish' | 'rename' }
  | { kind: 'usage'; n: number }

/** Every price book with the life of its versions. */
export function PriceBooks() {
  const books = useQuery(priceBooksQuery)
  const search = useSearch({ from: '/shell/resources' })
  const navigate = useNavigate({ from: '/resources' })
  const [adding, setAdding] = useState(false)
  const edits = useMay('edit')
  if (books.isError) return <ProblemPanel error={books.error} retry={() => void books.refetch()} />
  if (!books.data) return <div className="grid flex-1 place-items-center"><Spinner /></div>
  const chosen = books.data.items.find((book) => book.id === search.book) ?? books.data.items[0]
  return (
    <div className="grid min-h-0 flex-1 grid-cols-[18rem_minmax(0,1fr)]">
      <nav aria-label="Price books" className="overflow-y-auto border-r border-line bg-pane p-2">
        {books.data.items.map((book) => (
          <button
            key={book.id} type="button" aria-current={book.id === chosen?.id ? 'true' : undefined} onClick={() => void navigate({ search: (now) => ({ ...now, book: book.id }) })}
            className="block w-full rounded-md px-3 py-2 text-left hover:bg-line2 aria-[current=true]:bg-acc2"
          >
            <span className="flex items-center gap-2"><span className="min-w-0 flex-1 truncate font-medium">{book.name}</span>{book.archived && <Chip>Archived</Chip>}{book.draft != null && <Chip look="warn">Draft {book.draft}</Chip>}</span>
            <span className="text-xs text-ink2">{KIND_NAMES[book.kind]}{book.supplier ? `, ${book.supplier}` : ''} · {count(book.resources, 'resource')}</span>
          </button>
        ))}
        {edits && <Button icon="plus" look="plain" className="mt-2" onClick={() => setAdding(true)}>New price book</Button>}
      </nav>
      {chosen && <Book key={chosen.id} book={chosen} />}
      {adding && <NewPriceBook onClose={() => setAdding(false)} onMade={(book) => { setAdding(false); void navigate({ search: (now) => ({ ...now, book: book.id }) }) }} />}
    </div>
  )
}

function Book({ book }: { book: PriceBook }) {
  const { open, setOpen, run, dialogs } = useBookActions(book)
  const edits = useMay('edit')
  const published = book.versions.filter((version) => version.state !== 'draft')
  const { job, make, cancel } = useFileJob()
  const save = (n: number, format: 'xlsx' | 'csv') => make('The price list', () => api.raw('POST', `/price-books/${book.id}/versions/${n}/export`, { body: { format } }))
  return (
    <section aria-label={book.name} className="min-h-0 overflow-y-auto px-4 py-3">
      <div className="mb-1 flex flex-wrap items-center gap-2">
        <h2 className="min-w-0 flex-1 truncate text-base font-semibold">{book.name}</h2>
        {edits && !book.archived && <Button icon="upload" onClick={() => setOpen({ kind: 'import' })}>Import a price list…</Button>}
        {edits && !book.archived && book.draft == null && <Button icon="plus" onClick={() => void run('start', 'The next version was not started')}>Start version {(book.versions[0]?.n ?? 0) + 1}</Button>}
        {edits && <Menu
          trigger={<IconButton icon="more" label={`Actions of ${book.name}`} />}
          items={[
            { label: 'Rename…', onSelect: () => setOpen({ kind: 'rename' }) },
            { label: book.archived ? 'Bring back' : 'Archive', icon: book.archived ? 'undo' : 'close', onSelect: () => void run(book.archived ? 'bring-back' : 'archive', 'The price book stays as it is') },
          ]}
        />}
      </div>
      <p className="mb-3 text-ink2">
        {KIND_NAMES[book.kind]}{book.supplier ? ` of ${book.supplier}` : ''} with {count(book.resources, 'resource')}. A published version never changes: lines say which one they were priced with.
        {!edits ? '' : book.draft == null ? ' A rate typed over in the list is published at once as a version of its own; start a version to change many and publish them together.' : ' Rates typed over in the list go to the open version until it is published.'}
      </p>
      <table className="table">
        <thead><tr><th className="w-24">Version</th><th className="w-28">State</th><th className="num w-24">Changes</th><th className="w-52">Published</th><th>Why</th><th className="w-72"><span className="sr-only">Actions</span></th></tr></thead>
        <tbody>
          {book.versions.map((version) => (
            <tr key={version.n}>
              <td className="font-medium whitespace-nowrap">{version.n}{version.n === book.current && <Chip look="accent" className="ml-2">current</Chip>}</td>
              <td><Chip look={STATE_LOOKS[version.state]} className="capitalize">{version.state}</Chip></td>
              <td className="num">{version.changes}</td>
              <td className="whitespace-nowrap text-ink2">{version.publishedAt ? `${formatDay(version.publishedAt)}, ${version.publishedBy?.name || 'oxFlow'}` : '–'}</td>
              <td className="max-w-0 truncate" title={version.note ?? undefined}>{version.note ?? ''}</td>
              <td>
                <div className="flex justify-end gap-1">
                  {version.state === 'draft' ? (
                    <>
                      {book.current > 0 && <Button look="plain" onClick={() => setOpen({ kind: 'compare', from: book.current, to: version.n })}>Compare</Button>}
                      {edits && <Button look="plain" onClick={() => setOpen({ kind: 'discard' })}>Discard…</Button>}
                      {edits && <Button look="primary" onClick={() => setOpen({ kind: 'publish' })}>Publish…</Button>}
                    </>
                  ) : (
                    <Menu
                      trigger={<IconButton icon="more" label={`Actions of version ${version.n}`} />}
                      items={[
                        { label: 'Compare with the version before', disabled: !published.some((one) => one.n < version.n), onSelect: () => setOpen({ kind: 'compare', from: Math.max(...published.filter((one) => one.n < version.n).map((one) => one.n)), to: version.n }) },
                        { label: 'Where used', icon: 'link', onSelect: () => setOpen({ kind: 'usage', n: version.n }) },
                        edits && { label: 'Export to Excel', icon: 'download', onSelect: () => void save(version.n, 'xlsx') },
                        edits && { label: 'Export as CSV', icon: 'download', onSelect: () => void save(version.n, 'csv') },
                        'separator',
                        edits && { label: 'Archive the version', icon: 'close', disabled: version.n === book.current || version.state === 'archived', onSelect: () => void run(version.n, 'The version stays on offer') },
                      ]}
                    />
                  )}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {dialogs}
      {job && <FileJobPanel job={job} onCancel={cancel} />}
      {open?.kind === 'usage' && <UsageDrawer entity={`price-books/${book.id}/versions/${open.n}`} id="" name={`version ${open.n} of ${book.name}`} onClose={() => setOpen(null)} />}
    </section>
  )
}

/** What can be done with a price book, with its dialogs. */
export function useBookActions(book: PriceBook) {
  const client = useQueryClient()
  const [open, setOpen] = useState<Open | null>(null)
  const [note, setNote] = useState('')
  const [name, setName] = useState(book.name)
  const [error, setError] = useState<string | null>(null)
  const refresh = () => {
    for (const key of [keys.priceBooks, keys.resources, keys.catalogue]) void client.invalidateQueries({ queryKey: key })
  }
  const at = `/price-books/${book.id}`
  const run = async (what: 'start' | 'archive' | 'bring-back' | number, refused: string) => {
    try {
      if (what === 'start') await api.post(`${at}/versions`, {})
      else if (typeof what === 'number') await api.post(`${at}/versions/${what}/archive`, {})
      else await api.patch(at, { version: book.version, set: { archived: what === 'archive' } })
      refresh()
    } catch (problem) {
      toast.refused(refused, problem)
    }
  }
  const close = () => { setOpen(null); setError(null) }
  const publish = async () => {
    try {
      await api.post(`${at}/versions/${book.draft}/publish`, { note: note.trim() || null })
      refresh()
      toast.done(`Version ${book.draft} of ${book.name} published`, { detail: 'New lines take its rates. Lines there are keep theirs until they are repriced.' })
      close()
    } catch (problem) {
      setError(problemText(problem))
    }
  }
  const rename = async () => {
    try {
      await api.patch(at, { version: book.version, set: { name } })
      refresh()
      close()
    } catch (problem) {
      setError(problemText(problem))
    }
  }
  const dialogs = (
    <>
      {open?.kind === 'compare' && <CompareDialog book={book} from={open.from} to={open.to} onClose={close} />}
      {open?.kind === 'import' && <ImportRates book={book} onClose={close} onDone={refresh} />}
      {open?.kind === 'discard' && (
        <Confirm open danger onOpenChange={(next) => { if (!next) close() }} title={`Discard version ${book.draft}?`} action="Discard version" onConfirm={async () => { await api.delete(`${at}/versions/${book.draft}`); refresh() }}>
          The rates written in it go. Undo brings them back.
        </Confirm>
      )}
      {open?.kind === 'publish' && (
        <Dialog
          open onOpenChange={(next) => { if (!next) close() }} title={`Publish version ${book.draft} of ${book.name}?`} description={`${count(book.versions.find((one) => one.n === book.draft)?.changes ?? 0, 'resource')} changed. A published version never changes again (BR-046).`}
          footer={<><Button onClick={close}>Cancel</Button><Button look="primary" onClick={() => void publish()}>Publish</Button></>}
        >
          <Field label="Why" hint="Shown with the version, such as “Quarry rates from April”"><TextInput value={note} onChange={(event) => setNote(event.target.value)} /></Field>
          {error && <p role="alert" className="mt-2 text-bad">{error}</p>}
        </Dialog>
      )}
      {open?.kind === 'rename' && (
        <Dialog open onOpenChange={(next) => { if (!next) close() }} title="Rename the price book" width="narrow" footer={<><Button onClick={close}>Cancel</Button><Button look="primary" disabled={!name.trim()} onClick={() => void rename()}>Rename</Button></>}>
          <Field label="Name" error={error}><TextInput value={name} onChange={(event) => setName(event.target.value)} /></Field>
        </Dialog>
      )}
    </>
  )
  return { open, setOpen, run, dialogs }
}

/** Over the list of resources while a version is being written: what waits, and the way to publish it. */
export function DraftBar({ book }: { book: PriceBook }) {
  const { setOpen, dialogs } = useBookActions(book)
  const edits = useMay('edit')
  const changes = book.versions.find((version) => version.n === book.draft)?.changes ?? 0
  return (
    <div role="status" className="flex items-center gap-3 border-b border-line bg-warn2 px-4 py-2 text-warn">
      <span className="flex-1">Version {book.draft} of {book.name} is open: {changes === 0 ? 'no rate differs yet' : `${count(changes, 'resource')} changed`}. Its rates hold once it is published.</span>
      {book.current > 0 && <Button look="plain" onClick={() => setOpen({ kind: 'compare', from: book.current, to: book.draft ?? 0 })}>Compare</Button>}
      {edits && <Button look="plain" onClick={() => setOpen({ kind: 'discard' })}>Discard…</Button>}
      {edits && <Button look="primary" onClick={() => setOpen({ kind: 'publish' })}>Publish…</Button>}
      {dialogs}
    </div>
  )
}
