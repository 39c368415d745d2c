import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, isProblem } from '~/api/client'
import { keys } from '~/api/queries'
import type { ContentKindFields, OwnContentKind } from '~/api/types'
import { Page } from '~/app/page'
import { useMay } from '~/app/rights'
import { LibraryUndo } from '~/features/library/library-undo'
import { Chip, Skeleton } from '~/ui/bits'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { FormDialog } from '~/ui/dialog'
import { Checkbox, Field, TextInput } from '~/ui/form'
import { ProblemPanel, problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'

/** The kinds there are from the start, and who sees them. */
const BUILT_IN: readonly (readonly [string, boolean])[] = [
  ['Inclusions', true], ['Exclusions', true], ['Assumptions', true], ['Task breakdown', false], ['Risk breakdown', false],
]

/** What offers are made of beside their price: the kinds of text, those built in and those an Admin defines. */
export function KindsScreen() {
  const client = useQueryClient()
  const admin = useMay('administer')
  const own = useQuery({
    queryKey: keys.contentKinds, staleTime: 60_000,
    queryFn: async ({ signal }) => (await api.get<{ items: OwnContentKind[] }>('/content-kinds', { signal })).items,
  })
  const [open, setOpen] = useState<OwnContentKind | 'new' | null>(null)
  const refresh = () => {
    void client.invalidateQueries({ queryKey: keys.contentKinds })
    void client.invalidateQueries({ queryKey: ['estimate'], predicate: ({ queryKey }) => queryKey[2] === 'content' })
  }
  const archive = async (row: OwnContentKind) => {
    try {
      await api.patch<OwnContentKind>(`/content-kinds/${row.id}`, { version: row.version, set: { archived: !row.archived } })
      toast.done(row.archived ? `${row.title} is written again` : `${row.title} archived: old estimates keep it`)
    } catch (error) {
      toast.refused(`${row.title} could not be changed`, error)
    }
    refresh()
  }
  return (
    <Page title="Offer texts" actions={<><LibraryUndo />{admin && <Button look="primary" icon="plus" onClick={() => setOpen('new')}>New kind of text</Button>}</>}>
      {own.isError ? <ProblemPanel error={own.error} retry={() => void own.refetch()} />
        : !own.data ? <div className="grid gap-2 p-4"><Skeleton className="h-8" /><Skeleton className="h-8" /></div>
          : (
            <>
              <p className="px-4 pt-3 pb-2 text-ink2">Every estimate has these kinds of text. Those in client documents are printed in the tender letter, the others stay in the house.{!admin && ' An Admin adds more.'}</p>
              <table className="table">
                <thead><tr><th className="w-full">Kind</th><th>Seen by</th><th><span className="sr-only">Actions</span></th></tr></thead>
                <tbody>
                  {BUILT_IN.map(([title, client]) => <tr key={title}><td className="font-medium">{title}</td><td><SeenBy client={client} /></td><td className="whitespace-nowrap text-ink3">Built in</td></tr>)}
                  {own.data.map((row) => (
                    <tr key={row.id} className={cx(row.archived && 'text-ink3')}>
                      <td className="max-w-0 truncate font-medium" title={row.title}>{row.title} {row.archived && <Chip>Archived</Chip>}</td>
                      <td><SeenBy client={row.clientFacing} /></td>
                      <td className="whitespace-nowrap">
                        {admin && <Button look="plain" onClick={() => setOpen(row)}>Rename<span className="sr-only"> {row.title}</span></Button>}
                        {admin && <Button look="plain" onClick={() => void archive(row)}>{row.archived ? 'Bring back' : 'Archive'}<span className="sr-only"> {row.title}</span></Button>}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </>
          )}
      {open && <Editor {...(open === 'new' ? {} : { row: open })} onClose={() => setOpen(null)} onSaved={refresh} />}
    </Page>
  )
}

function SeenBy({ client }: { client: boolean }) {
  return <Chip look={client ? 'accent' : 'plain'}>{client ? 'in client documents' : 'internal'}</Chip>
}

function Editor({ row, onClose, onSaved }: { row?: OwnContentKind; onClose: () => void; onSaved: () => void }) {
  const [title, setTitle] = useState(row?.title ?? '')
  const [clientFacing, setClientFacing] = useState(false)
  const [refusal, setRefusal] = useState<{ field: string | null; text: string } | null>(null)
  const [busy, setBusy] = useState(false)
  const save = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setRefusal(null)
    try {
      const set: ContentKindFields = { title: title.trim() }
      const saved = row
        ? await api.patch<OwnContentKind>(`/content-kinds/${row.id}`, { version: row.version, set })
        : await api.post<OwnContentKind>('/content-kinds', { ...set, clientFacing })
      toast.done(row ? `${saved.title} saved` : `${saved.title} added`)
      onSaved()
      onClose()
    } catch (problem) {
      setRefusal({ field: isProblem(problem) ? problem.at : null, text: problemText(problem) })
      setBusy(false)
    }
  }
  return (
    <FormDialog
      width="narrow" noValidate className="grid gap-4" title={row ? row.title : 'New kind of text'} action={row ? 'Save' : 'Add'}
      description={row ? 'Documents print the new title from now on.' : 'Every estimate offers it under Offer text.'}
      busy={busy} disabled={title.trim() === ''} onClose={onClose} onSubmit={(event) => void save(event)}
    >
      <Field label="Title" error={refusal?.field === 'title' ? refusal.text : undefined}><TextInput autoFocus required placeholder="Programme notes" value={title} onChange={(event) => { setTitle(event.target.value); setRefusal(null) }} /></Field>
      {!row && (
        <div>
          <Checkbox label="Print it in documents for the client" checked={clientFacing} onChange={(event) => setClientFacing(event.target.checked)} />
          <p className="pt-1 text-xs text-ink3">This is said once: texts are written for who will read them.</p>
        </div>
      )}
      {refusal && refusal.field !== 'title' && <p role="alert" className="text-bad">{refusal.text}</p>}
    </FormDialog>
  )
}
