import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useDeferredValue, useState } from 'react'
import { api } from '~/api/client'
import { usePages } from '~/api/pages'
import { keys, peopleQuery, sessionQuery } from '~/api/queries'
import { saveFile } from '~/api/save-file'
import type { AuditEntry, AuditRow, AuditSeal, Job } from '~/api/types'
import { Page } from '~/app/page'
import { saysSomething } from '~/features/estimate/model/history-words'
import { FieldWords } from '~/features/estimate/panels/history-list'
import { followJob } from '~/features/jobs/follow'
import { Avatar, Chip, EmptyState, Skeleton } from '~/ui/bits'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { formatFull, formatRelative } from '~/ui/dates'
import { Field, SearchInput, Select, TextInput } from '~/ui/form'
import { Icon } from '~/ui/icons'
import { ProblemPanel } from '~/ui/problem'
import { ProgressBar } from '~/ui/progress'
import { toast } from '~/ui/toast'
import { count } from '~/ui/words'
import { ACCESS_KIND_WORDS, CHANGE_WORDS, KIND_WORDS, dayStart } from './words'

const PAGE_SIZE = 50
const TABS = [[undefined, 'Estimates and library'], ['access', 'People and access']] as const

/** Everything that was ever done, by whom, and what it changed. */
export function AuditScreen() {
  const search = useSearch({ from: '/shell/audit' })
  const navigate = useNavigate({ from: '/audit' })
  const [text, setText] = useState(search.q ?? '')
  const q = useDeferredValue(text.trim())
  const people = useQuery(peopleQuery)
  const { data: session } = useQuery(sessionQuery)
  const isAdmin = session?.user.role === 'admin'
  const access = isAdmin && search.of === 'access'
  const base = access ? '/audit/access' : '/audit'
  const kinds = access ? ACCESS_KIND_WORDS : KIND_WORDS
  const query = {
    text: q || undefined, person: search.person, kind: search.kind, estimateId: search.estimate, object: search.object, command: search.command,
    from: search.from && dayStart(search.from, 0), to: search.to && dayStart(search.to, 1),
  }
  const pages = usePages<AuditEntry>([...keys.audit, base], base, { ...query, limit: PAGE_SIZE })
  const client = useQueryClient()
  const [exporting, setExporting] = useState(false)
  const set = (change: Partial<typeof search>) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const filtered = Object.values(query).some((value) => value !== undefined)
  const clear = () => { setText(''); void navigate({ search: access ? { of: 'access' } : {}, replace: true }) }
  const save = async () => {
    setExporting(true)
    try {
      await saveFile(await api.raw('GET', `${base}/export`, { query }))
    } catch (error) {
      toast.refused('The audit trail was not exported', error)
    } finally {
      setExporting(false)
      void client.invalidateQueries({ queryKey: keys.audit })
    }
  }
  return (
    <Page
      title="Audit" fixed
      bar={isAdmin && (
        <nav aria-label="Audit" className="flex shrink-0 gap-1 overflow-x-auto border-b border-line bg-pane px-3">
          {TABS.map(([of, label]) => (
            <Link
              key={label} to="/audit" search={{ of }} onClick={() => setText('')} aria-current={search.of === of ? 'page' : undefined}
              className={cx('h-9 shrink-0 border-b-2 px-2 leading-9 -outline-offset-2!', search.of === of ? 'border-acc font-medium text-ink' : 'border-transparent text-ink2 hover:text-ink')}
            >
              {label}
            </Link>
          ))}
        </nav>
      )}
      actions={<>{access ? <VerifyAccess /> : <Seal />}<Button icon="download" busy={exporting} onClick={() => void save()}>Export CSV</Button></>}
    >
      <div role="search" className="flex flex-wrap items-center gap-2 border-b border-line bg-pane px-4 py-2">
        <SearchInput label="Find by words, person or value" className="max-w-md min-w-60 flex-1" value={text} onChange={(event) => { setText(event.target.value); set({ q: event.target.value.trim() || undefined }) }} />
        <Field label="Person" hideLabel>
          <Select value={search.person ?? ''} onChange={(event) => set({ person: event.target.value || undefined })}>
            <option value="">Everybody</option>{people.data?.items.map((user) => <option key={user.id} value={user.id}>{user.name}</option>)}
          </Select>
        </Field>
        <Field label="What was changed" hideLabel>
          <Select value={search.kind ?? ''} onChange={(event) => set({ kind: event.target.value || undefined })}>
            <option value="">Everything</option>{Object.entries(kinds).map(([kind, words]) => <option key={kind} value={kind}>{words}</option>)}
          </Select>
        </Field>
        <span className="flex items-center gap-2">
        <Field label="From" hideLabel><TextInput type="date" title="From" value={search.from ?? ''} onChange={(event) => set({ from: event.target.value || undefined })} /></Field>
        <span aria-hidden="true" className="text-ink3">–</span>
        <Field label="To" hideLabel><TextInput type="date" title="To" value={search.to ?? ''} onChange={(event) => set({ to: event.target.value || undefined })} /></Field>
        </span>
        {(search.estimate || search.object) && <Chip look="accent">{search.object ? 'one row' : 'one estimate'}</Chip>}
        {search.command && <Chip look="accent">{search.command}</Chip>}
        {filtered && <Button look="plain" icon="close" onClick={clear}>Clear</Button>}
      </div>
      <div key={base} className="min-h-0 flex-1 overflow-auto">
        {pages.error ? <ProblemPanel error={pages.error} retry={pages.retry} /> : !pages.items ? (
          <div className="grid gap-2 p-4">{[0, 1, 2, 3].map((at) => <Skeleton key={at} className="h-10" />)}</div>
        ) : pages.items.length === 0 && !pages.hasMore ? (
          <EmptyState icon="history" title={filtered ? 'Nothing fits' : 'Nothing has been done yet'} actions={filtered && <Button onClick={clear}>Show everything</Button>}>
            {filtered ? 'No commit matches these filters.' : 'Every change shows here with who made it and what was there before.'}
          </EmptyState>
        ) : (
          <>
            <ol className={cx('bg-pane', pages.stale && 'opacity-60')} aria-busy={pages.stale}>{pages.items.map((entry) => <Entry key={entry.lsn} entry={entry} onFilter={set} />)}</ol>
            {pages.hasMore && <div className="flex items-center justify-center gap-3 p-3"><Button busy={pages.loadingMore} onClick={pages.more}>{pages.items.length === 0 ? 'Look further back' : 'Earlier'}</Button></div>}
          </>
        )}
      </div>
    </Page>
  )
}

/** Whether the chain of commits holds, and the way to walk it. */
function Seal() {
  const client = useQueryClient()
  const [job, setJob] = useState<Job | null>(null)
  const { data: seal } = useQuery({ queryKey: keys.seal, queryFn: ({ signal }) => api.get<AuditSeal>('/audit/seal', { signal }) })
  const verify = async () => {
    try {
      const { jobId } = await api.post<{ jobId: string }>('/audit/verify')
      const end = await followJob(jobId, setJob)
      if (end?.state === 'done') toast.done('The audit trail holds', { detail: end.message })
    } catch (error) {
      toast.refused('The audit trail was not verified', error)
    } finally {
      setJob(null)
      void client.invalidateQueries({ queryKey: keys.seal })
      void client.invalidateQueries({ queryKey: keys.audit })
    }
  }
  return (
    <>
      {seal && (seal.holds
        ? seal.verifiedAt && <Chip look="good" title={`${count(seal.commits, 'commit')} walked, ${formatFull(seal.verifiedAt)}. Seal ${seal.hash ?? ''}`}><Icon name="check" size={11} /> holds, verified {formatRelative(seal.verifiedAt)}</Chip>
        : <Chip look="bad" title={seal.broken ?? ''}><Icon name="warning" size={11} /> broken: nothing can be changed</Chip>)}
      {job ? <span className="w-56"><ProgressBar label="Verifying the audit trail" done={job.done} total={job.total} unit="commit" /></span> : <Button onClick={() => void verify()}>Verify</Button>}
    </>
  )
}

/** The way to walk the chain of the commits of people and access. */
function VerifyAccess() {
  const [busy, setBusy] = useState(false)
  const verify = async () => {
    setBusy(true)
    try {
      const seal = await api.post<AuditSeal>('/audit/access/verify')
      if (seal.holds) toast.done('The audit trail of people holds', { detail: `${count(seal.commits, 'commit')} walked` })
      else toast.refused('The audit trail of people does not hold', new Error(seal.broken ?? ''))
    } catch (error) {
      toast.refused('The audit trail of people was not verified', error)
    } finally {
      setBusy(false)
    }
  }
  return <Button busy={busy} onClick={() => void verify()}>Verify</Button>
}

function Entry({ entry, onFilter }: { entry: AuditEntry; onFilter: (change: { object?: string; estimate?: string; command?: string }) => void }) {
  const [open, setOpen] = useState(false)
  const partial = entry.rowsTotal > entry.rows.length
  const [first] = entry.rows
  const whole = useQuery({ queryKey: [...keys.audit, 'entry', entry.lsn], enabled: open && partial && !(first && first.kind in ACCESS_KIND_WORDS), queryFn: ({ signal }) => api.get<AuditEntry>(`/audit/entries/${entry.lsn}`, { signal }) })
  const rows = whole.data?.rows ?? entry.rows
  return (
    <li className="border-b border-line2">
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex w-full items-center gap-3 px-4 py-1.5 text-left hover:bg-line2/60">
        <Icon name={open ? 'chevronDown' : 'chevronRight'} size={12} className="shrink-0 text-ink3" />
        <Avatar id={entry.actor.id} name={entry.actor.name} size={22} />
        <span className="w-32 shrink-0 truncate font-medium">{entry.actor.name}</span>
        <span className="min-w-0 flex-1 truncate">{entry.label}{first?.name && !entry.label.includes(first.name) && <span className="text-ink3"> · {first.name}</span>}</span>
        <span className="shrink-0 text-xs text-ink3">{entry.rowsTotal > 1 && count(entry.rowsTotal, 'row')}</span>
        <time dateTime={entry.at} title={formatFull(entry.at)} className="w-28 shrink-0 text-right text-xs text-ink3">{formatRelative(entry.at)}</time>
        <span className="w-16 shrink-0 text-right font-mono text-2xs text-ink3">#{entry.lsn}</span>
      </button>
      {open && (
        <div className="border-t border-line2 bg-bg px-4 py-2 pl-12">
          <p className="text-xs text-ink3">{formatFull(entry.at)} · <code>{entry.command}</code> <button type="button" className="text-acc hover:underline" onClick={() => onFilter({ command: entry.command })}>only these</button>{entry.origin && <> · from <code>{entry.origin.slice(0, 8)}</code></>} · seal <code title={entry.hash}>{entry.hash.slice(0, 12)}…</code></p>
          {rows.length === 0 && <p className="mt-1 text-ink2">No row was changed.</p>}
          {rows.map((row) => <Changed key={`${row.kind} ${row.id}`} row={row} onFilter={onFilter} />)}
          {whole.isFetching && <Skeleton className="mt-2 h-6" />}
          {entry.rowsTotal > rows.length && !whole.isFetching && <p className="mt-2 text-xs text-ink3">The first {rows.length.toLocaleString('en-NZ')} of {count(entry.rowsTotal, 'row')}. The export has all of them.</p>}
        </div>
      )}
    </li>
  )
}

function Changed({ row, onFilter }: { row: AuditRow; onFilter: (change: { object?: string; estimate?: string }) => void }) {
  const fields = row.fields.filter(saysSomething)
  const kind = KIND_WORDS[row.kind] ?? ACCESS_KIND_WORDS[row.kind] ?? row.kind
  return (
    <section className="mt-2" aria-label={`${kind} ${row.name}`}>
      <h3 className="flex items-baseline gap-2 text-xs">
        <Chip look={row.change === 'added' ? 'good' : row.change === 'removed' ? 'bad' : 'plain'}>{CHANGE_WORDS[row.change] ?? row.change}</Chip>
        <span className="text-ink2">{kind}</span>
        {row.estimateId && (row.kind === 'item' || row.kind === 'heading' || row.kind === 'worksheet')
          ? <Link to="/estimates/$estimateId" params={{ estimateId: row.estimateId }} search={{ node: row.id }} className="font-medium hover:underline">{row.name || 'a row'}</Link>
          : <span className="font-medium">{row.name}</span>}
        <button type="button" className="text-acc hover:underline" onClick={() => onFilter({ object: row.id })}>only this</button>
      </h3>
      <dl className="mt-1 grid grid-cols-[minmax(7rem,14rem)_minmax(0,1fr)] gap-x-3 text-xs">
        {fields.map((change) => <FieldWords key={change.field} change={change} className="truncate text-ink3" />)}
      </dl>
    </section>
  )
}
