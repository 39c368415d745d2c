import { queryOptions, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { type ChangeEvent, type FormEvent, useEffect, useRef, useState } from 'react'
import { api, apiUrl, isProblem } from '~/api/client'
import { keys, sessionQuery } from '~/api/queries'
import type { Branding, BrandingInput } from '~/api/types'
import { Page } from '~/app/page'
import { useMay } from '~/app/rights'
import { LibraryUndo } from '~/features/library/library-undo'
import { HistoryList } from '~/features/estimate/panels/history-list'
import { Spinner } from '~/ui/bits'
import { Button } from '~/ui/button'
import { Drawer } from '~/ui/drawer'
import { Checkbox, Field, TextArea, TextInput } from '~/ui/form'
import { ProblemPanel, problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { useSubmit } from '~/ui/use-submit'
import { type Look, COLUMNS, inputOf, lookOf, sameLook } from './look'

const brandingQuery = queryOptions({ queryKey: keys.branding, queryFn: ({ signal }) => api.get<Branding>('/branding', { signal }), staleTime: 0 })
/** How long typing rests before the sample is set anew, in milliseconds. */
const REST_MS = 400

/** The letterhead, logo, colour and columns of what goes to clients, with a sample page beside them. */
export function BrandingScreen() {
  const branding = useQuery(brandingQuery)
  const [history, setHistory] = useState(false)
  return (
    <Page
      title="Letterhead" fixed
      actions={<><LibraryUndo /><Button icon="history" onClick={() => setHistory(true)}>History</Button></>}
    >
      {branding.isError ? <ProblemPanel error={branding.error} retry={() => void branding.refetch()} />
        : branding.data ? <Editor saved={branding.data} />
          : <div className="grid flex-1 place-items-center"><Spinner /></div>}
      {history && <Drawer title="History of the letterhead" onClose={() => setHistory(false)}><HistoryList entity="branding" id="documents" estimateId="" lsn={branding.data?.version ?? 0} /></Drawer>}
    </Page>
  )
}

function Editor({ saved }: { saved: Branding }) {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const client = useQueryClient()
  const [look, setLook] = useState(() => lookOf(saved))
  const [base, setBase] = useState(saved)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<unknown>(null)
  const admin = useMay('administer')
  const changed = !sameLook(look, lookOf(base))
  // What others change comes into a form nobody is typing in; a logo leaves what is typed alone.
  useEffect(() => {
    if (saved.version === base.version) return
    const restyled = !sameLook(lookOf(saved), lookOf(base))
    if (changed && restyled) return
    setBase(saved)
    if (!changed) setLook(lookOf(saved))
  }, [saved, base, changed])
  const set = (part: Partial<Look>) => { setLook((now) => ({ ...now, ...part })); setRefusal(null) }
  const take = (next: Branding) => client.setQueryData(keys.branding, next)
  const save = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    try {
      const next = await api.put<Branding>('/branding', { ...inputOf(look), version: base.version } satisfies BrandingInput)
      setBase(next)
      setLook(lookOf(next))
      take(next)
      toast.done('Letterhead saved')
    } catch (error) {
      setRefusal(error)
      if (isProblem(error) && error.code === 'stale-version') void client.invalidateQueries({ queryKey: keys.branding })
    } finally {
      setBusy(false)
    }
  }
  const at = isProblem(refusal) ? refusal.at : null
  return (
    <div className="flex min-h-0 flex-1 max-lg:flex-col max-lg:overflow-auto">
      <div className="w-[26rem] shrink-0 overflow-y-auto border-r border-line bg-pane p-4 max-lg:w-full">
      <OrganisationName admin={admin} />
      <form noValidate className="mt-4" onSubmit={(event) => void save(event)}>
        <p className="text-ink2">How schedules, letters and reports look, as PDF and as workbooks. What is already submitted stays as it was sent.{!admin && ' An Admin changes it.'}</p>
        <fieldset disabled={!admin} className="mt-4 grid gap-4">
          <legend className="sr-only">Look of documents</legend>
          <Field label="Letterhead" hint={`Below the name: address, telephone, web. At most ${saved.letterheadLinesMax} lines.`} error={at === 'letterhead' ? problemText(refusal) : null}>
            <TextArea rows={5} value={look.letterhead} onChange={(event) => set({ letterhead: event.target.value })} placeholder={'12 Quarry Road, Waihou\n07 555 0123\nwww.example.co.nz'} />
          </Field>
          <div className="flex items-end gap-2">
            <Field label="Colour of rules and headings" error={at === 'accent' ? problemText(refusal) : null} className="flex-1">
              <TextInput value={look.accent} maxLength={7} spellCheck={false} className="font-mono" onChange={(event) => set({ accent: event.target.value })} />
            </Field>
            <input
              type="color" aria-label="Choose the colour" className="h-8 w-12 cursor-pointer rounded-md border border-edge/60 bg-pane p-0.5"
              value={/^#[0-9a-fA-F]{6}$/.test(look.accent) ? look.accent : saved.accent} onChange={(event) => set({ accent: event.target.value })}
            />
          </div>
          <div className="grid grid-cols-2 gap-2">
            <Field label="Letters are signed by" error={at === 'signatory' ? problemText(refusal) : null}>
              <TextInput value={look.signatory.name} maxLength={120} placeholder="By hand" onChange={(event) => set({ signatory: { ...look.signatory, name: event.target.value } })} />
            </Field>
            <Field label="Position">
              <TextInput value={look.signatory.position} maxLength={120} placeholder="By hand" onChange={(event) => set({ signatory: { ...look.signatory, position: event.target.value } })} />
            </Field>
          </div>
          <fieldset className="grid gap-1">
            <legend className="mb-1 text-xs font-medium text-ink2">Columns of the client’s schedule</legend>
            <p className="text-xs text-ink3">Description and amount always show.</p>
            {COLUMNS.map(([column, label]) => <Checkbox key={column} label={label} checked={look.columns[column]} onChange={(event) => set({ columns: { ...look.columns, [column]: event.target.checked } })} />)}
          </fieldset>
          {refusal != null && at !== 'letterhead' && at !== 'accent' && at !== 'signatory' && <p role="alert" className="text-bad">{problemText(refusal)}</p>}
          {admin && (
            <div className="flex gap-2">
              <Button type="submit" look="primary" busy={busy} disabled={!changed}>Save letterhead</Button>
              {changed && <Button look="plain" onClick={() => { setLook(lookOf(saved)); setBase(saved); setRefusal(null) }}>Discard changes</Button>}
            </div>
          )}
        </fieldset>
        <LogoField saved={saved} admin={admin} take={take} />
      </form>
      </div>
      <Sample look={look} version={saved.version} name={session.organisation.name} />
    </div>
  )
}

/** The name at the head of every page and document; an Admin changes it. */
function OrganisationName({ admin }: { admin: boolean }) {
  const { data: { organisation } } = useSuspenseQuery(sessionQuery)
  const client = useQueryClient()
  const [name, setName] = useState(organisation.name)
  const { busy, refusal, clear, run } = useSubmit()
  useEffect(() => setName(organisation.name), [organisation.name])
  if (!admin) return <h2 className="text-base font-semibold">{organisation.name}</h2>
  const changed = name.trim() !== organisation.name && name.trim() !== ''
  const save = async () => {
    if (!changed) return
    await api.patch(`/organisations/${organisation.id}`, { name: name.trim() })
    await client.invalidateQueries({ queryKey: sessionQuery.queryKey })
    toast.done('Name saved')
  }
  return (
    <form noValidate className="flex items-end gap-2" onSubmit={(event) => run(save, event)}>
      <Field label="Name of the organisation" error={refusal} className="flex-1">
        <TextInput value={name} maxLength={200} onChange={(event) => { setName(event.target.value); clear() }} />
      </Field>
      <Button type="submit" busy={busy} disabled={!changed}>Save name</Button>
    </form>
  )
}

/** The logo goes up at once: what it is can only be told from the file, and undo takes it back. */
function LogoField({ saved, admin, take }: { saved: Branding; admin: boolean; take: (next: Branding) => void }) {
  const file = useRef<HTMLInputElement>(null)
  const { busy, refusal, run } = useSubmit()
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const chosen = event.target.files?.[0]
    event.target.value = ''
    if (!chosen) return
    run(async () => {
      if (chosen.size > saved.logoBytesMax) throw new Error(`A logo has at most ${Math.floor(saved.logoBytesMax / 1024)} KiB.`)
      take(await api.put<Branding>('/branding/logo', chosen))
    })
  }
  return (
    <section aria-labelledby="logo" className="mt-6 border-t border-line pt-4">
      <h3 id="logo" className="font-semibold">Logo</h3>
      {saved.logo
        ? <img src={apiUrl('/branding/logo', { version: saved.version })} alt="The logo of documents" className="mt-2 max-h-20 max-w-full rounded-md border border-line bg-white p-2" />
        : <p className="mt-1 text-ink2">No logo yet. A PNG, JPEG or SVG of at most {Math.floor(saved.logoBytesMax / 1024)} KiB; a drawing (SVG) prints sharpest.</p>}
      {refusal && <p role="alert" className="mt-2 text-bad">{refusal}</p>}
      {admin && (
        <div className="mt-2 flex gap-2">
          <Button icon="upload" busy={busy} onClick={() => file.current?.click()}>{saved.logo ? 'Replace the logo…' : 'Add a logo…'}</Button>
          {saved.logo && <Button look="danger" disabled={busy} onClick={() => run(async () => { take(await api.delete<Branding>('/branding/logo')) })}>Remove</Button>}
          <input ref={file} type="file" accept=".png,.jpg,.jpeg,.svg,image/png,image/jpeg,image/svg+xml" hidden aria-label="File of the logo" onChange={choose} />
        </div>
      )}
    </section>
  )
}

/** The first page of a sample, set anew when typing rests. */
function Sample({ look, version, name }: { look: Look; version: number; name: string }) {
  const [address, setAddress] = useState<string | null>(null)
  const [refusal, setRefusal] = useState<unknown>(null)
  const [busy, setBusy] = useState(true)
  const input = JSON.stringify(inputOf(look))
  useEffect(() => {
    const stop = new AbortController()
    setBusy(true)
    const timer = setTimeout(() => {
      api.raw('POST', '/branding/preview', { body: JSON.parse(input), signal: stop.signal, idempotencyKey: null })
        .then((answer) => answer.blob())
        .then((page) => { if (!stop.signal.aborted) { setAddress(URL.createObjectURL(page)); setRefusal(null); setBusy(false) } })
        .catch((error: unknown) => { if (!stop.signal.aborted) { setRefusal(error); setBusy(false) } })
    }, REST_MS)
    return () => { clearTimeout(timer); stop.abort() }
  }, [input, version, name])
  useEffect(() => () => { if (address) URL.revokeObjectURL(address) }, [address])
  return (
    <section aria-label="Sample" aria-busy={busy} className="flex min-h-[36rem] min-w-0 flex-1 flex-col bg-line2">
      <div className="flex h-9 shrink-0 items-center gap-3 border-b border-line bg-pane px-4 text-ink2">
        <span className="flex-1" role="status">{refusal != null ? <span className="text-bad">{problemText(refusal)}</span> : busy ? 'Setting the sample…' : 'A sample, not a tender'}</span>
        {address && <a href={address} target="_blank" rel="noreferrer" className="text-acc hover:underline">Open the page</a>}
      </div>
      {address ? <iframe title="Sample of the client’s schedule" src={`${address}#toolbar=0&navpanes=0&view=FitH`} className="min-h-0 flex-1 border-0" /> : <div className="flex-1" />}
    </section>
  )
}
