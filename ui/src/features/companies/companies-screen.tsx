import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useDeferredValue, useState } from 'react'
import { api } from '~/api/client'
import { usePages } from '~/api/pages'
import { keys } from '~/api/queries'
import type { Company } from '~/api/types'
import { Page } from '~/app/page'
import { useMay } from '~/app/rights'
import { LabelFilters, LabelsDialog } from '~/features/categories/row-labels'
import { HistoryList } from '~/features/estimate/panels/history-list'
import { LibraryUndo } from '~/features/library/library-undo'
import { Chip, EmptyState } from '~/ui/bits'
import { Button, IconButton } from '~/ui/button'
import { cx } from '~/ui/cx'
import { Drawer } from '~/ui/drawer'
import { Field, SearchInput, Select } from '~/ui/form'
import { ListFoot, SkeletonRows, SortHead } from '~/ui/list'
import { Menu } from '~/ui/menu'
import { ProblemPanel } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { CompanyEditor } from './company-editor'
import { CompanyUses } from './company-uses'
import { COMPANY_ROLE_NAMES, type CompanyRole, ROLES, rolesOf } from './model'

const PAGE_SIZE = 100
const COLUMNS = 7

type Open = { kind: 'new' } | { kind: 'edit' | 'uses' | 'history' | 'labels'; company: Company }

/** Clients, suppliers and subcontractors, with the people there. */
export function CompaniesScreen() {
  const search = useSearch({ from: '/shell/companies' })
  const navigate = useNavigate({ from: '/companies' })
  const client = useQueryClient()
  const [text, setText] = useState(search.q ?? '')
  const q = useDeferredValue(text.trim())
  const sort = search.sort ?? 'name'
  const state = search.state ?? 'active'
  const pages = usePages<Company>(keys.companies, '/companies', { q: q || undefined, role: search.role, options: search.options, state: state === 'all' ? undefined : state, sort, limit: PAGE_SIZE })
  const [open, setOpen] = useState<Open | null>(null)
  const add = useMay('edit') && <Button look="primary" icon="plus" onClick={() => setOpen({ kind: 'new' })}>New company</Button>
  const set = (change: Partial<typeof search>) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const filtered = q !== '' || search.role !== undefined || search.state !== undefined || search.options !== undefined
  const clear = () => { setText(''); set({ q: undefined, role: undefined, state: undefined, options: undefined }) }
  const refresh = () => void client.invalidateQueries({ queryKey: keys.companies })

  const change = async (company: Company, part: { onHold?: boolean; state?: Company['state'] }, said: string) => {
    try {
      await api.patch<Company>(`/companies/${company.id}`, { version: company.version, set: part })
      toast.done(said)
    } catch (error) {
      toast.refused(`${company.name} could not be changed`, error)
    }
    refresh()
  }

  return (
    <Page title="Companies" fixed actions={<><LibraryUndo />{add}</>}>
      <div role="search" className="flex flex-wrap items-center gap-2 border-b border-line bg-pane px-4 py-2">
        <SearchInput label="Find by name, person, region or trade" className="w-80" value={text} onChange={(event) => { setText(event.target.value); set({ q: event.target.value.trim() || undefined }) }} />
        <Field label="Role" hideLabel>
          <Select value={search.role ?? ''} onChange={(event) => set({ role: (event.target.value || undefined) as CompanyRole | undefined })}>
            <option value="">Every role</option>{ROLES.map((role) => <option key={role} value={role}>{COMPANY_ROLE_NAMES[role]}s</option>)}
          </Select>
        </Field>
        <Field label="State" hideLabel>
          <Select value={state} onChange={(event) => set({ state: event.target.value === 'active' ? undefined : (event.target.value as 'archived' | 'all') })}>
            <option value="active">Active</option><option value="archived">Archived</option><option value="all">Active and archived</option>
          </Select>
        </Field>
        <LabelFilters kind="company" value={search.options} onChange={(options) => set({ options })} />
        {filtered && <Button look="plain" icon="close" onClick={clear}>Clear</Button>}
      </div>
      <div className="min-h-0 flex-1 overflow-auto">
        {pages.error ? <ProblemPanel error={pages.error} retry={pages.retry} /> : pages.items?.length === 0 ? (
          <EmptyState
            icon="companies" title={filtered ? 'No company fits' : 'No companies yet'}
            actions={filtered ? <Button onClick={clear}>Show every active company</Button> : add}
          >
            {filtered ? 'Nothing matches these filters.' : 'Clients ask for tenders; suppliers and subcontractors are invited to quote for packages of an estimate.'}
          </EmptyState>
        ) : (
          <>
            <table className={cx('table', pages.stale && 'opacity-60')} aria-busy={!pages.items || pages.stale}>
              <thead>
                <tr>
                  <SortHead field="name" sort={sort} onSort={(next) => set({ sort: next })} className="w-1/4 max-xl:w-44">Name</SortHead>
                  <th className="w-56 max-xl:w-36">Roles</th><th>Contact</th><th className="w-40 max-xl:w-32">Regions</th><th className="w-44 max-xl:w-32">Trades</th>
                  <th className="w-24">State</th><th className="w-12"><span className="sr-only">Actions</span></th>
                </tr>
              </thead>
              <tbody>
                {!pages.items && <SkeletonRows columns={COLUMNS} />}
                {pages.items?.map((company) => <CompanyRow key={company.id} company={company} onOpen={setOpen} onChange={change} />)}
              </tbody>
            </table>
            <ListFoot pages={pages} noun="company" plural="companies" />
          </>
        )}
      </div>
      {open?.kind === 'new' && <CompanyEditor onClose={() => { setOpen(null); refresh() }} />}
      {open?.kind === 'edit' && <CompanyEditor company={open.company} onClose={() => { setOpen(null); refresh() }} />}
      {open?.kind === 'labels' && <LabelsDialog kind="company" id={open.company.id} title={`Categories of ${open.company.name}`} onClose={() => { setOpen(null); refresh() }} />}
      {open?.kind === 'uses' && <CompanyUses company={open.company} onClose={() => setOpen(null)} />}
      {open?.kind === 'history' && <Drawer title={`History of ${open.company.name}`} onClose={() => setOpen(null)}><HistoryList entity="company" id={open.company.id} estimateId="" lsn={open.company.version} /></Drawer>}
    </Page>
  )
}

interface RowProps {
  company: Company
  onOpen: (open: Open) => void
  onChange: (company: Company, part: { onHold?: boolean; state?: Company['state'] }, said: string) => Promise<void>
}

function CompanyRow({ company, onOpen, onChange }: RowProps) {
  const archived = company.state === 'archived'
  const edits = useMay('edit')
  const [first, ...others] = company.contacts
  return (
    <tr className={cx(archived && 'text-ink3')}>
      <td className="max-w-0 truncate font-medium" title={company.name}>
        <button type="button" className="max-w-full truncate text-acc hover:underline" onClick={() => onOpen({ kind: 'edit', company })}>{company.name}</button>
      </td>
      <td><span className="inline-flex flex-wrap gap-1 py-1">{rolesOf(company.roles).map((role) => <Chip key={role}>{COMPANY_ROLE_NAMES[role]}</Chip>)}</span></td>
      <td className="max-w-0 min-w-48" title={company.contacts.map((one) => [one.name, one.email, one.phone].filter(Boolean).join(', ')).join('\n')}>
        <span className="flex gap-1.5">
          <span className="min-w-0 truncate">{first?.name || first?.phone}{first?.email && <> <a className="text-acc hover:underline" href={`mailto:${first.email}`}>{first.email}</a></>}</span>
          {others.length > 0 && <span className="shrink-0 text-ink3">+{others.length}</span>}
        </span>
      </td>
      <td className="max-w-0 truncate text-ink2" title={company.regions.join(', ')}>{company.regions.join(', ')}</td>
      <td className="max-w-0 truncate text-ink2" title={company.trades.join(', ')}>{company.trades.join(', ')}</td>
      <td className="whitespace-nowrap">
        {archived ? <Chip>Archived</Chip> : company.onHold ? <Chip look="warn">On hold</Chip> : <Chip look="good">Active</Chip>}
        {company.xeroContactId && <span className="ml-1.5 text-xs text-ink3" title="Linked to Xero: name, contacts and state are changed there">Xero</span>}
      </td>
      <td className="num">
        <Menu
          trigger={<IconButton icon="more" label={`Actions of ${company.name}`} />}
          items={[
            { label: edits ? 'Change…' : 'Open', icon: 'companies', onSelect: () => onOpen({ kind: 'edit', company }) },
            { label: 'Where used', icon: 'link', onSelect: () => onOpen({ kind: 'uses', company }) },
            { label: 'Categories…', icon: 'filter', onSelect: () => onOpen({ kind: 'labels', company }) },
            { label: 'History', icon: 'history', onSelect: () => onOpen({ kind: 'history', company }) },
            'separator',
            edits && (company.onHold
              ? { label: 'Take off hold', icon: 'check', onSelect: () => void onChange(company, { onHold: false }, `${company.name} may be asked to quote again`) }
              : { label: 'Put on hold', icon: 'warning', onSelect: () => void onChange(company, { onHold: true }, `${company.name} is on hold: it is not asked to quote`) }),
            edits && (archived
              ? { label: 'Bring back', icon: 'undo', disabled: company.xeroContactId !== undefined, onSelect: () => void onChange(company, { state: 'active' }, `${company.name} is active again`) }
              : { label: 'Archive', icon: 'close', disabled: company.xeroContactId !== undefined, onSelect: () => void onChange(company, { state: 'archived' }, `${company.name} archived: it enters nothing new`) }),
          ]}
        />
      </td>
    </tr>
  )
}
