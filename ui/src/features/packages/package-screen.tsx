import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '~/api/client'
import { saveFile } from '~/api/save-file'
import type { PackageDetail, PackageEdit } from '~/api/types'
import { Attachments } from '~/features/attachments/attachments'
import { EstimateSessionProvider, useEstimateSession } from '~/features/estimate/model/context'
import { HistoryList } from '~/features/estimate/panels/history-list'
import { Chip, EmptyState, Spinner } from '~/ui/bits'
import { Button, IconButton } from '~/ui/button'
import { formatDayTime, timeLeft } from '~/ui/dates'
import { Confirm } from '~/ui/dialog'
import { Drawer } from '~/ui/drawer'
import { Field, Select } from '~/ui/form'
import { Menu, type MenuEntry } from '~/ui/menu'
import { ProblemPanel, problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { count } from '~/ui/words'
import { AwardDialog } from './award-dialog'
import { PackagesFrame, type Rights, useRights } from './frame'
import { InviteDialog } from './invite-dialog'
import { Matrix } from './matrix'
import { ADJUDICATION_STATE_NAMES, QUOTE_STATE_NAMES, hasFigures, takesQuotes } from './model'
import { PackageDialog } from './package-dialog'
import { QuotePanel } from './quote-panel'
import { editPackages, packageQuery } from './queries'

export function PackageScreen(props: { estimateId: string; packageId: string; round: number | undefined }) {
  return <EstimateSessionProvider key={props.estimateId} estimateId={props.estimateId}><Screen {...props} /></EstimateSessionProvider>
}

function Screen({ estimateId, packageId, round }: { estimateId: string; packageId: string; round: number | undefined }) {
  const rights = useRights(estimateId)
  const found = useQuery(packageQuery(estimateId, packageId, round))
  const crumb = { label: 'Packages', to: '/estimates/$estimateId/packages' as const, params: { estimateId } }
  if (!found.data) {
    return (
      <PackagesFrame estimateId={estimateId} title="Package" crumb={crumb}>
        {found.error ? <ProblemPanel error={found.error} retry={() => void found.refetch()} /> : <div className="grid flex-1 place-items-center"><Spinner /></div>}
      </PackagesFrame>
    )
  }
  return <Package key={`${packageId} ${round ?? 0}`} estimateId={estimateId} detail={found.data} rights={rights} />
}

type Dialog = 'files' | 'change' | 'invite' | 'award' | 'history' | 'cancel' | 'delete' | 'reopen' | null

function Package({ estimateId, detail, rights }: { estimateId: string; detail: PackageDetail; rights: Rights }) {
  const session = useEstimateSession()
  const navigate = useNavigate()
  const [selected, setSelected] = useState<string | null>(null)
  const [dialog, setDialog] = useState<Dialog>(null)
  const row = detail.package
  const newest = detail.rounds.at(-1)?.round === detail.round
  const readOnly = rights.frozen || !newest
  const award = detail.rounds.find((one) => one.round === detail.round)?.award
  const quote = detail.quotes.find((one) => one.id === selected) ?? null
  const chosen = award ? (detail.quotes.find((one) => one.id === award.quoteId) ?? null) : quote
  const edit = (edits: PackageEdit[]) => editPackages(session, edits)
  const go = async (one: PackageEdit, said: string) => {
    try {
      await edit([one])
      toast.done(said)
    } catch (error) {
      toast.bad('Not done', { detail: problemText(error) })
    }
  }
  const report = async (format: 'pdf' | 'xlsx') => {
    try {
      await saveFile(await api.raw('GET', `/estimates/${estimateId}/packages/${row.id}/report`, { query: { format, round: detail.round } }))
    } catch (error) {
      toast.refused('The adjudication report was not made', error)
    }
  }
  const main = !readOnly && mainStep(detail, rights.whyNotAward, go, setDialog)
  const menu: MenuEntry[] = [
    { label: 'Change package…', icon: 'settings', disabled: readOnly, onSelect: () => setDialog('change') },
    {
      label: 'Adjudication report', icon: 'file',
      children: [
        { label: 'PDF', onSelect: () => void report('pdf') },
        { label: 'Excel workbook (.xlsx)', onSelect: () => void report('xlsx') },
      ],
    },
    { label: 'Files', icon: 'file', onSelect: () => setDialog('files') },
    { label: 'History', icon: 'history', onSelect: () => setDialog('history') },
    'separator',
    ...(row.state === 'awarded' || row.state === 'transferred' ? [{ label: 'Reopen as the next round…', icon: 'undo' as const, disabled: readOnly, why: rights.whyNotAward, onSelect: () => setDialog('reopen') }] : []),
    ...(row.state === 'draft' && row.round === 1 ? [{ label: 'Delete…', icon: 'trash' as const, danger: true, disabled: readOnly, onSelect: () => setDialog('delete') }] : []),
    ...(row.state === 'draft' || takesQuotes(row.state) ? [{ label: 'Cancel the package…', icon: 'close' as const, danger: true, disabled: readOnly, why: rights.whyNotAward, onSelect: () => setDialog('cancel') }] : []),
  ]
  const apart = detail.quotes.filter((one) => one.state === 'declined' || one.state === 'withdrawn')
  return (
    <PackagesFrame
      estimateId={estimateId} title={[row.code, row.name].filter(Boolean).join(' ')} crumb={{ label: 'Packages', to: '/estimates/$estimateId/packages', params: { estimateId } }}
      actions={<>{!readOnly && (row.state === 'draft' || takesQuotes(row.state)) && <Button icon="plus" onClick={() => setDialog('invite')}>Invite</Button>}{main}<Menu trigger={<IconButton icon="more" label="Actions of the package" />} items={menu} /></>}
      tools={
        <div className="flex items-center gap-2">
          <Chip look={row.state === 'transferred' ? 'good' : row.state === 'cancelled' ? 'plain' : 'accent'}>{ADJUDICATION_STATE_NAMES[row.state]}</Chip>
          <span className="whitespace-nowrap text-ink2">{row.deadline ? <>Quotes by {formatDayTime(row.deadline)}{timeLeft(row.deadline) && <span className="max-xl:hidden">, {timeLeft(row.deadline)} left</span>}</> : 'No deadline yet'}</span>
          {detail.rounds.length > 1 && (
            <Field label="Round" hideLabel>
              <Select className="w-32" value={detail.round} onChange={(event) => void navigate({ to: '/estimates/$estimateId/packages/$packageId', params: { estimateId, packageId: row.id }, search: roundSearch(detail, event.target.value) })}>
                {detail.rounds.map((one) => <option key={one.round} value={one.round}>Round {one.round}</option>)}
              </Select>
            </Field>
          )}
        </div>
      }
    >
      {!newest && <p className="border-b border-line bg-acc2 px-4 py-1.5 text-acc">Round {detail.round} is closed: it is shown as it was left.</p>}
      {detail.missing > 0 && <p className="border-b border-line bg-warn2 px-4 py-1.5 text-warn">{count(detail.missing, 'member')} of the package {detail.missing === 1 ? 'is' : 'are'} gone from the estimate or without a quantity.</p>}
      {award && (
        <p className="border-b border-line bg-acc2 px-4 py-1.5">
          <b className="font-medium">{award.company}</b> was chosen by {award.by} on {formatDayTime(award.at)}{award.reason && <>: {award.reason}</>}.
          {award.accepted.map((one) => <span key={one.rule} className="text-ink2"> {one.rule} accepted: {one.reason}.</span>)}
        </p>
      )}
      <div className="flex min-h-0 flex-1">
        <div className="min-w-0 flex-1 overflow-auto bg-pane">
          {detail.quotes.length === 0 && (
            <EmptyState icon="companies" title="Nobody is invited yet" actions={!readOnly && <Button look="primary" icon="plus" onClick={() => setDialog('invite')}>Invite companies</Button>}>
              Invite suppliers and subcontractors, then issue the package. Their quotes are compared here, side by side.
            </EmptyState>
          )}
          <Matrix
            detail={detail} readOnly={readOnly} selected={selected} onSelect={(id) => setSelected((now) => (now === id ? null : id))}
            onPrice={async (one, member, price) => {
              try {
                await edit([{ do: 'price', id: row.id, quoteId: one.id, line: { ...price, memberId: member.id, setAside: false } }])
                return null
              } catch (error) {
                return problemText(error)
              }
            }}
          />
          {detail.quotes.some((one) => !hasFigures(one)) && takesQuotes(row.state) && <p className="px-4 py-2 text-xs text-ink2">Type a rate, “= amount” for a line, “included” or “free”; a blank is a gap, never a zero. Choose a company’s name for its basis, adjustments and invitation.</p>}
          {apart.length > 0 && <p className="px-4 py-2 text-ink2">Not quoting: {apart.map((one) => `${one.name} (${QUOTE_STATE_NAMES[one.state].toLowerCase()})`).join(', ')}.</p>}
        </div>
        {quote && (
          <aside aria-label={`Quote of ${quote.name}`} className="flex w-[21rem] shrink-0 flex-col border-l border-line bg-pane">
            <QuotePanel key={quote.id} estimateId={estimateId} tenderId={rights.estimate.tenderId} detail={detail} quote={quote} readOnly={readOnly} whyNotAward={rights.whyNotAward} zone={rights.zone} signed={rights.me} edit={edit} onAward={() => setDialog('award')} onClose={() => setSelected(null)} />
          </aside>
        )}
      </div>
      {dialog === 'change' && <PackageDialog estimateId={estimateId} detail={detail} onClose={() => setDialog(null)} />}
      {dialog === 'invite' && <InviteDialog detail={detail} onClose={() => setDialog(null)} />}
      {dialog === 'award' && chosen && <AwardDialog estimateId={estimateId} detail={detail} quote={chosen} onClose={() => setDialog(null)} />}
      {dialog === 'history' && <Drawer title="History of the package" onClose={() => setDialog(null)}><HistoryList entity="package" id={row.id} estimateId={estimateId} lsn={detail.lsn} /></Drawer>}
      {dialog === 'files' && (
        <Drawer title="Files of the package" description="Drawings and specifications the companies are asked to price." onClose={() => setDialog(null)}>
          <div className="p-4"><Attachments tenderId={rights.estimate.tenderId} place={{ kind: 'package', holderId: row.id, estimateId }} empty="None yet. Attach what goes out with the package, or drop it here." /></div>
        </Drawer>
      )}
      {dialog === 'reopen' && (
        <Confirm open onOpenChange={() => setDialog(null)} title={`Reopen ${row.code || row.name}?`} action={`Start round ${row.round + 1}`} onConfirm={() => edit([{ do: 'reopen', id: row.id }])}>
          Round {row.round} stays readable as it is. The quotes go into round {row.round + 1}; what was transferred stays in the estimate until another award takes its place.
        </Confirm>
      )}
      {dialog === 'cancel' && <Confirm open danger onOpenChange={() => setDialog(null)} title={`Cancel ${row.code || row.name}?`} action="Cancel the package" onConfirm={() => edit([{ do: 'cancel', id: row.id }])}>Its items are free for another package. Its quotes stay readable.</Confirm>}
      {dialog === 'delete' && (
        <Confirm
          open danger onOpenChange={() => setDialog(null)} title={`Delete ${row.code || row.name}?`} action="Delete package"
          onConfirm={async () => { await edit([{ do: 'delete', id: row.id }]); await navigate({ to: '/estimates/$estimateId/packages', params: { estimateId } }) }}
        >
          It was never issued, so nobody has quoted.
        </Confirm>
      )}
    </PackagesFrame>
  )
}

/** The address of a round; the newest has none of its own. */
function roundSearch(detail: PackageDetail, chosen: string): { round?: number } {
  const found = detail.rounds.find((one) => String(one.round) === chosen)
  return found && found.round !== detail.package.round ? { round: found.round } : {}
}

/** The next thing to do with a package. */
function mainStep(detail: PackageDetail, why: string | undefined, go: (edit: PackageEdit, said: string) => Promise<void>, open: (dialog: Dialog) => void) {
  const { id, state, received } = detail.package
  if (state === 'draft') return <Button look="primary" onClick={() => void go({ do: 'issue', id }, 'Issued: quotes can come in')}>Issue</Button>
  if (state === 'issued') return <Button look="primary" disabled={received === 0} onClick={() => void go({ do: 'compare', id }, 'Quotes are compared')}>Compare</Button>
  if (state === 'awarded') return <Button look="primary" why={why} onClick={() => open('award')}>Transfer…</Button>
  return null
}
