import { zodResolver } from '@hookform/resolvers/zod'
import { useQueries, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useForm } from 'react-hook-form'
import { api, isProblem } from '~/api/client'
import { keys, sessionQuery, tenderQuery } from '~/api/queries'
import type { Estimate, Tender, TenderState } from '~/api/types'
import { Page } from '~/app/page'
import { useMay, useWhyNot } from '~/app/rights'
import { Attachments } from '~/features/attachments/attachments'
import { categorisationsQuery } from '~/features/categories/queries'
import { RowLabels } from '~/features/categories/row-labels'
import { HistoryList } from '~/features/estimate/panels/history-list'
import { LibraryUndo } from '~/features/library/library-undo'
import { MixBar, Spinner } from '~/ui/bits'
import { Button, IconButton } from '~/ui/button'
import { formatMoney } from '~/ui/decimal'
import { Drawer } from '~/ui/drawer'
import { Menu } from '~/ui/menu'
import { ProblemPanel } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { TENDER_STATE_NAMES } from '~/ui/words'
import { Closing, EstimateStateChip, TenderStateChip } from './chips'
import { DeleteTender } from './delete-tender'
import { DuplicateTender } from './duplicate-tender'
import { EstimateMenu } from './estimate-menu'
import { TenderFields } from './fields'
import { NewEstimate } from './new-estimate'
import { showRefusal } from './refusal'
import { Course } from './course'
import { Handover } from './handover'
import { MoveDialog, needsWords } from './move-dialog'
import { MOVES, whyKept } from './states'
import { type TenderValues, changesOf, tenderSchema, valuesOf } from './values'

/** One tender: its details, its state and its estimates. */
export function TenderScreen({ tenderId }: { tenderId: string }) {
  const tender = useQuery(tenderQuery(tenderId))
  const crumbs = [{ label: 'Tenders', to: '/tenders' as const }]
  if (tender.isError) return <Page title="Tender" crumbs={crumbs}><ProblemPanel error={tender.error} retry={() => void tender.refetch()} /></Page>
  if (!tender.data) return <Page title="Tender" crumbs={crumbs}><div className="grid place-items-center p-16"><Spinner /></div></Page>
  return <Loaded tender={tender.data} />
}

function Loaded({ tender }: { tender: Tender }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [dialog, setDialog] = useState<'duplicate' | 'delete' | 'estimate' | 'history' | null>(null)
  const [moving, setMoving] = useState<TenderState | null>(null)
  const edits = useMay('edit')
  const needsLead = useWhyNot('decide')
  const needsAdmin = useWhyNot('administer')

  const setState = async (state: TenderState) => {
    try {
      client.setQueryData(keys.tender(tender.id), await api.patch<Tender>(`/tenders/${tender.id}`, { version: tender.version, state }))
      void client.invalidateQueries({ queryKey: keys.tenders })
    } catch (error) {
      toast.refused(`${tender.number} could not become ${TENDER_STATE_NAMES[state].toLowerCase()}`, error)
    }
  }
  return (
    <Page
      title={`${tender.number} ${tender.name}`} crumbs={[{ label: 'Tenders', to: '/tenders' }]}
      chips={<><TenderStateChip state={tender.state} /><Closing tender={tender} /></>}
      actions={
        <>
          <LibraryUndo />
          <IconButton icon="history" label="History of the tender" onClick={() => setDialog('history')} />
          {edits && MOVES[tender.state].length > 0 && <Menu
            trigger={<Button icon="chevronDown" why={needsLead}>Set state</Button>}
            items={MOVES[tender.state].map((state) => ({ label: TENDER_STATE_NAMES[state], onSelect: () => { if (needsWords(state)) setMoving(state); else void setState(state) } }))}
          />}
          {edits && <Button icon="copy" onClick={() => setDialog('duplicate')}>Duplicate</Button>}
          {edits && <Button look="danger" icon="trash" why={needsAdmin ?? whyKept(tender)} onClick={() => setDialog('delete')}>Delete</Button>}
        </>
      }
    >
      <div className="grid max-w-7xl gap-6 p-4 xl:grid-cols-[minmax(0,3fr)_minmax(0,4fr)]">
        <div className="grid min-w-0 content-start gap-6">
          <Details tender={tender} />
          <TenderLabels tender={tender} />
        </div>
        <div className="grid min-w-0 content-start gap-6">
          <Estimates tender={tender} onNew={() => setDialog('estimate')} />
          <Course tender={tender} />
          <section aria-label="Files" className="rounded-lg border border-line bg-pane p-4">
            <Attachments tenderId={tender.id} place={{ kind: 'tender' }} empty="None yet. Attach the enquiry, drawings and notices, or drop them here." title={<h2 className="text-base font-semibold">Files</h2>} />
          </section>
          {tender.state === 'won' && <Handover tender={tender} />}
        </div>
      </div>
      {moving && <MoveDialog tender={tender} to={moving} onClose={() => setMoving(null)} />}
      {dialog === 'duplicate' && <DuplicateTender tender={tender} onClose={() => setDialog(null)} />}
      {dialog === 'delete' && <DeleteTender tender={tender} onClose={() => setDialog(null)} onDeleted={() => navigate({ to: '/tenders' })} />}
      {dialog === 'history' && <Drawer title={`History of ${tender.number}`} onClose={() => setDialog(null)}><HistoryList entity="tender" id={tender.id} estimateId="" lsn={tender.version} /></Drawer>}
      {dialog === 'estimate' && <NewEstimate tender={tender} onClose={() => setDialog(null)} />}
    </Page>
  )
}

function Details({ tender }: { tender: Tender }) {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const zone = session.organisation.timeZone
  const client = useQueryClient()
  const [refusal, setRefusal] = useState<string | null>(null)
  const [stale, setStale] = useState(false)
  const [base, setBase] = useState(tender)
  const form = useForm<TenderValues>({ resolver: zodResolver(tenderSchema), defaultValues: valuesOf(tender, zone) })
  const { isDirty, isSubmitting } = form.formState
  const edits = useMay('edit')
  const { reset } = form

  // What others change comes into a form nobody is typing in; otherwise the save is refused and says so.
  useEffect(() => {
    if (tender.version === base.version || isDirty) return
    setBase(tender)
    reset(valuesOf(tender, zone))
  }, [tender, base.version, isDirty, reset, zone])

  const take = (next: Tender) => {
    client.setQueryData(keys.tender(next.id), next)
    setBase(next)
    reset(valuesOf(next, zone))
    setRefusal(null)
    setStale(false)
  }
  const save = form.handleSubmit(async (values) => {
    setRefusal(null)
    try {
      const saved = await api.patch<Tender>(`/tenders/${tender.id}`, { version: base.version, ...changesOf(valuesOf(base, zone), values, zone) })
      take(saved)
      void client.invalidateQueries({ queryKey: keys.tenders })
      toast.done('Details saved')
    } catch (error) {
      setStale(isProblem(error) && error.code === 'stale-version')
      setRefusal(showRefusal(error, form.setError))
    }
  })
  const reload = async () => take(await client.fetchQuery({ ...tenderQuery(tender.id), staleTime: 0 }))

  return (
    <section aria-labelledby="details" className="rounded-lg border border-line bg-pane p-4">
      <div className="mb-3 flex items-center gap-3">
        <h2 id="details" className="flex-1 text-base font-semibold">Details</h2>
        {/* The top bar has no room for it on narrow screens. */}
        <span className="inline-flex items-center gap-2 xl:hidden"><TenderStateChip state={tender.state} /><Closing tender={tender} /></span>
      </div>
      <form noValidate onSubmit={(event) => void save(event)}>
        <TenderFields form={form} tender={tender} readOnly={!edits} />
        {refusal && (
          <p role="alert" className="mt-3 text-bad">
            {refusal} {stale && <button type="button" className="font-medium underline underline-offset-2" onClick={() => void reload()}>Take the newer details</button>}
          </p>
        )}
        {edits && (
          <div className="mt-4 flex gap-2">
            <Button type="submit" look="primary" busy={isSubmitting} disabled={!isDirty}>Save details</Button>
            {isDirty && <Button look="plain" onClick={() => { reset(valuesOf(base, zone)); setRefusal(null); setStale(false) }}>Discard changes</Button>}
          </div>
        )}
      </form>
    </section>
  )
}

/** What the tender carries of the categorisations given to tenders. */
function TenderLabels({ tender }: { tender: Tender }) {
  const all = useQuery(categorisationsQuery)
  if (!all.data?.some((row) => row.appliesTo.tenders)) return null
  return (
    <section aria-labelledby="categories" className="rounded-lg border border-line bg-pane p-4">
      <h2 id="categories" className="mb-3 text-base font-semibold">Categories</h2>
      <RowLabels kind="tender" id={tender.id} />
    </section>
  )
}

function Estimates({ tender, onNew }: { tender: Tender; onNew: () => void }) {
  const edits = useMay('edit')
  const figures = useQueries({
    queries: tender.estimates.map((estimate) => ({ queryKey: keys.estimate(estimate.id), queryFn: ({ signal }: { signal: AbortSignal }) => api.get<Estimate>(`/estimates/${estimate.id}`, { signal }) })),
  })
  return (
    <section aria-labelledby="estimates" className="min-w-0 self-start overflow-hidden rounded-lg border border-line bg-pane">
      <div className="flex items-center px-4 pt-3 pb-1">
        <h2 id="estimates" className="flex-1 text-base font-semibold">Estimates</h2>
        {edits && <Button icon="plus" onClick={onNew}>New estimate</Button>}
      </div>
      {tender.estimates.length === 0 ? <p className="px-4 pt-2 pb-6 text-ink2">No estimate yet. A new one starts empty, ready for the client’s schedule.</p> : (
        <table className="table">
          <thead><tr><th>Code</th><th className="w-full">Name, and who answers for it</th><th>State</th><th className="num">Items</th><th className="num">Unpriced</th><th className="num">Cost ex GST</th><th className="w-20"><span className="sr-only">Cost by type</span></th><th><span className="sr-only">Actions</span></th></tr></thead>
          <tbody>
            {tender.estimates.map((estimate, index) => {
              const totals = figures[index]?.data?.totals
              return (
                <tr key={estimate.id}>
                  <td className="font-medium whitespace-nowrap"><Link to="/estimates/$estimateId" params={{ estimateId: estimate.id }} className="text-acc hover:underline">{estimate.code}</Link> <span className="text-ink3">r{estimate.revision}</span></td>
                  <td className="max-w-0 py-1 min-w-24 truncate" title={estimate.name}>{estimate.name}<br /><span className={estimate.lead ? 'text-xs text-ink2' : 'text-xs text-warn'}>{estimate.lead?.name ?? 'Nobody answers for it'}</span></td>
                  <td><EstimateStateChip state={estimate.state} /></td>
                  <td className="num">{totals?.items.toLocaleString('en-NZ')}</td>
                  <td className="num">{totals && totals.unpriced > 0 ? <span className="text-warn">{totals.unpriced.toLocaleString('en-NZ')}</span> : totals ? '0' : ''}</td>
                  <td className="num font-medium">{totals && formatMoney(totals.total)}</td>
                  <td>{totals && <MixBar byType={totals.byType} />}</td>
                  <td><EstimateMenu estimate={estimate} tender={tender} /></td>
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
    </section>
  )
}
