import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, isProblem } from '~/api/client'
import { keys } from '~/api/queries'
import type { Categorisation } from '~/api/types'
import { Page } from '~/app/page'
import { useMay, useWhyNot } from '~/app/rights'
import { LibraryUndo } from '~/features/library/library-undo'
import { Chip, EmptyState, Skeleton } from '~/ui/bits'
import { Button, IconButton } from '~/ui/button'
import { cx } from '~/ui/cx'
import { FormDialog } from '~/ui/dialog'
import { Checkbox, Field, Select, TextInput } from '~/ui/form'
import { ProblemPanel, problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { count } from '~/ui/words'
import { type Draft, type OptionDraft, EMPTY, KIND_NAMES, KIND_SAYS, PLACES, draftOf, fieldsOf, givenTo, optionName } from './model'
import { categorisationsQuery } from './queries'

/** How the organisation sorts what it works with: categories, codes and flags, and what each is given to. */
export function CategoriesScreen() {
  const client = useQueryClient()
  const lead = useMay('decide')
  const edits = useMay('edit')
  const why = useWhyNot('decide')
  const all = useQuery(categorisationsQuery)
  const [open, setOpen] = useState<Categorisation | 'new' | null>(null)
  const refresh = () => void client.invalidateQueries({ queryKey: keys.categorisations })
  const archive = async (row: Categorisation) => {
    try {
      await api.patch<Categorisation>(`/categorisations/${row.id}`, { version: row.version, set: { archived: !row.archived } })
      toast.done(row.archived ? `${row.name} is given again` : `${row.name} archived: old records keep it`)
    } catch (error) {
      toast.refused(`${row.name} could not be changed`, error)
    }
    refresh()
  }
  const add = lead && <Button look="primary" icon="plus" onClick={() => setOpen('new')}>New category</Button>
  return (
    <Page title="Categories" actions={<><LibraryUndo />{add}</>}>
      {all.isError ? <ProblemPanel error={all.error} retry={() => void all.refetch()} />
        : !all.data ? <div className="grid gap-2 p-4"><Skeleton className="h-8" /><Skeleton className="h-8" /></div>
          : all.data.length === 0 ? (
            <EmptyState icon="filter" title="No categories yet" actions={add}>
              Regions, work types, client sectors, cost codes, markers: defined once, given to tenders, resources, items and companies, and found again in the registers.{!lead && ' A Lead estimator adds them.'}
            </EmptyState>
          ) : (
            <table className="table">
              <thead><tr><th>Name</th><th>Kind</th><th>Given to</th><th className="w-full">Options</th><th className="num">Carried by</th><th><span className="sr-only">Actions</span></th></tr></thead>
              <tbody>
                {all.data.map((row) => (
                  <tr key={row.id} className={cx(row.archived && 'text-ink3')}>
                    <td className="max-w-72 truncate max-xl:max-w-40 font-medium" title={row.name}>{row.name} {row.archived && <Chip>Archived</Chip>}</td>
                    <td>{KIND_NAMES[row.kind]}</td>
                    <td className="whitespace-nowrap">{givenTo(row.appliesTo)}</td>
                    <td className="max-w-0 min-w-40 truncate" title={row.options.map(optionName).join(', ')}>{row.kind === 'flag' ? '' : row.options.filter((option) => !option.archived).map(optionName).join(', ')}</td>
                    <td className="num">{row.options.reduce((sum, option) => sum + option.carriers, 0).toLocaleString('en-NZ')}</td>
                    <td className="whitespace-nowrap">
                      {edits && (
                        <>
                          <Button look="plain" why={why} onClick={() => setOpen(row)}>Change<span className="sr-only"> {row.name}</span></Button>
                          <Button look="plain" why={why} onClick={() => void archive(row)}>{row.archived ? 'Bring back' : 'Archive'}<span className="sr-only"> {row.name}</span></Button>
                        </>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
      {open && <Editor {...(open === 'new' ? {} : { row: open })} onClose={() => setOpen(null)} onSaved={refresh} />}
    </Page>
  )
}

function Editor({ row, onClose, onSaved }: { row?: Categorisation; onClose: () => void; onSaved: () => void }) {
  const [draft, setDraft] = useState<Draft>(() => (row ? draftOf(row) : EMPTY))
  const [refusal, setRefusal] = useState<{ field: string | null; text: string } | null>(null)
  const [busy, setBusy] = useState(false)
  const set = (part: Partial<Draft>) => { setDraft((now) => ({ ...now, ...part })); setRefusal(null) }
  const put = (at: number, part: Partial<OptionDraft>) => set({ options: draft.options.map((one, index) => (index === at ? { ...one, ...part } : one)) })
  const error = (field: string) => (refusal?.field === field ? refusal.text : undefined)
  const save = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setRefusal(null)
    try {
      const saved = row
        ? await api.patch<Categorisation>(`/categorisations/${row.id}`, { version: row.version, set: fieldsOf(draft) })
        : await api.post<Categorisation>('/categorisations', fieldsOf(draft))
      toast.done(row ? `${saved.name} saved` : `${saved.name} added`)
      onSaved()
      onClose()
    } catch (problem) {
      setRefusal({ field: isProblem(problem) ? problem.at : null, text: problemText(problem) })
      setBusy(false)
    }
  }
  return (
    <FormDialog
      noValidate className="grid gap-4" title={row ? row.name : 'New category'} description={KIND_SAYS[draft.kind]} action={row ? 'Save' : 'Add'}
      busy={busy} disabled={draft.name.trim() === ''} onClose={onClose} onSubmit={(event) => void save(event)}
    >
      <div className="grid grid-cols-3 gap-3">
        <Field label="Name" error={error('name')} className="col-span-2"><TextInput autoFocus required value={draft.name} onChange={(event) => set({ name: event.target.value })} placeholder="Region" /></Field>
        <Field label="Kind" error={error('kind')}>
          <Select disabled={row !== undefined} value={draft.kind} onChange={(event) => set({ kind: event.target.value as Draft['kind'] })}>
            {Object.entries(KIND_NAMES).map(([kind, name]) => <option key={kind} value={kind}>{name}</option>)}
          </Select>
        </Field>
      </div>
      <fieldset className="flex flex-wrap gap-x-4">
        <legend className="mb-1 text-xs font-medium text-ink2">Given to</legend>
        {PLACES.map(([place, , label]) => <Checkbox key={place} label={label} checked={draft.appliesTo[place]} onChange={(event) => set({ appliesTo: { ...draft.appliesTo, [place]: event.target.checked } })} />)}
        {error('appliesTo') && <p role="alert" className="w-full text-xs text-bad">{error('appliesTo')}</p>}
      </fieldset>
      {draft.kind !== 'flag' && (
        <fieldset className="grid gap-1.5">
          <legend className="mb-1 text-xs font-medium text-ink2">Options</legend>
          {draft.options.map((one, at) => (
            <div key={one.id ?? at} className="flex items-center gap-2">
              {draft.kind === 'code' && <Field hideLabel label={`Code of option ${at + 1}`} className="w-28"><TextInput placeholder="E100" value={one.code} onChange={(event) => put(at, { code: event.target.value })} /></Field>}
              <Field hideLabel label={`Name of option ${at + 1}`} className="flex-1"><TextInput placeholder="Name" value={one.name} onChange={(event) => put(at, { name: event.target.value })} /></Field>
              {one.id
                ? <Checkbox label="Archived" title={one.carriers > 0 ? `${count(one.carriers, 'row')} carry it` : undefined} checked={one.archived} onChange={(event) => put(at, { archived: event.target.checked })} />
                : <IconButton icon="trash" label={`Remove option ${at + 1}`} onClick={() => set({ options: draft.options.filter((_, index) => index !== at) })} />}
            </div>
          ))}
          {error('options') && <p role="alert" className="text-xs text-bad">{error('options')}</p>}
          <div><Button icon="plus" onClick={() => set({ options: [...draft.options, { code: '', name: '', archived: false, carriers: 0 }] })}>Add an option</Button></div>
        </fieldset>
      )}
      {refusal && !['name', 'kind', 'appliesTo', 'options'].includes(refusal.field ?? '') && <p role="alert" className="text-bad">{refusal.text}</p>}
    </FormDialog>
  )
}
