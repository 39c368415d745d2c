import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { VaultDrill, VaultStatus } from '~/api/types'
import { Page } from '~/app/page'
import { useMay } from '~/app/rights'
import { Chip, EmptyState, Skeleton } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatFull, formatRelative } from '~/ui/dates'
import { ProblemPanel } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { formatBytes } from '../jobs/words'
import { toZonedInput } from '../tenders/zoned'
import { KeptSnapshots } from './kept-snapshots'
import { type Moment, SnapshotMaker, ZONE } from './snapshot-maker'

/** How often the figures are asked for again while they are looked at. */
const AGAIN_MS = 2_000

/** How far the back-up is, what to do when it is not, and the way back to any moment. */
export function BackUpScreen() {
  const admin = useMay('administer')
  const vault = useQuery({
    queryKey: keys.vault, refetchInterval: AGAIN_MS,
    queryFn: ({ signal }) => api.get<VaultStatus>('/vault', { signal }),
  })
  const [moment, setMoment] = useState<Moment>({ text: '' })
  const status = vault.data
  const use = (at: string) => {
    setMoment({ text: toZonedInput(at, ZONE), exact: at })
    document.getElementById('snapshot-maker')?.scrollIntoView({ block: 'nearest' })
  }
  return (
    <Page title="Back-up" actions={admin && status?.enabled && <Actions status={status} onAsked={() => void vault.refetch()} />}>
      {vault.isError ? <ProblemPanel error={vault.error} retry={() => void vault.refetch()} />
        : !status ? <div className="grid gap-2 p-4"><Skeleton className="h-8" /><Skeleton className="h-32" /></div> : (
          <div className="grid max-w-4xl grid-cols-1 gap-6 px-4 py-4">
            {status.enabled ? <Figures status={status} /> : (
              <EmptyState icon="history" title="No back-up is set up">
                Every change is on this server’s disk before it shows as saved, and nowhere else. Whoever runs the server names a vault (<code>vault.url</code>): an S3 bucket, Azure, Google or another disk. README says how.
              </EmptyState>
            )}
            {admin && <SnapshotMaker hasVault={status.enabled} moment={moment} onMoment={setMoment} />}
            {admin && status.enabled && <KeptSnapshots newest={status.snapshot?.lsn ?? null} onMoment={use} />}
          </div>
        )}
    </Page>
  )
}

/** What an Admin can have done now rather than when it is due. */
function Actions({ status, onAsked }: { status: VaultStatus; onAsked: () => void }) {
  const ask = async (path: string, refused: string) => {
    try {
      await api.post(path)
    } catch (error) {
      toast.refused(refused, error)
    }
    onAsked()
  }
  const ready = status.epoch != null && !status.refusal
  const nothingNew = status.snapshot != null && status.snapshot.lsn >= status.stored
  return (
    <>
      <Button busy={status.snapshotAsked} disabled={!ready || nothingNew} title={nothingNew ? 'Nothing changed since the last snapshot' : undefined} onClick={() => void ask('/vault/snapshots', 'No snapshot is taken')}>Take a snapshot</Button>
      <Button busy={status.drillAsked} disabled={!ready} title="Restores the whole vault into a scratch folder and compares" onClick={() => void ask('/vault/drills', 'There is no drill')}>Run a restore drill</Button>
    </>
  )
}

function state(status: VaultStatus): { label: string; look: 'good' | 'accent' | 'bad'; text: string } {
  if (status.refusal) return { label: 'Stopped', look: 'bad', text: `No change is taken any more: ${status.refusal}.` }
  if (status.trouble) return { label: 'Behind', look: 'bad', text: `Work goes on and nothing is lost, but nothing reaches the vault at the moment: ${status.trouble}.` }
  if (status.drill?.failure) return { label: 'Drill failed', look: 'bad', text: 'Changes reach the vault, but it could not be restored as it should be. Whoever runs the server must look at it now.' }
  if (status.directoryTrouble) return { label: 'Not whole', look: 'bad', text: `The work of the organisation is backed up; the list of organisations and people, which a restore needs as well, is not as it should be: ${status.directoryTrouble}.` }
  if (status.epoch == null) return { label: 'Starting', look: 'accent', text: 'The server is finding out how far the vault is.' }
  if (status.lagCommits > 0) return { label: 'Sending', look: 'accent', text: 'The last changes are on their way.' }
  return { label: 'Up to date', look: 'good', text: status.sync ? 'Every change is in the vault before it shows as saved.' : 'Every change reaches the vault within moments.' }
}

function Figures({ status }: { status: VaultStatus }) {
  const { label, look, text } = state(status)
  return (
    <div className="grid max-w-3xl gap-5">
      <p className="flex items-baseline gap-3" role="status"><Chip look={look}>{label}</Chip><span className="min-w-0 break-words text-ink2">{text}</span></p>
      <dl className="grid grid-cols-[12rem_minmax(0,1fr)] gap-x-4 gap-y-2 border-t border-line pt-4">
        <Row name="In the vault">change {count(status.stored)} of {count(status.head)}</Row>
        <Row name="On their way">{status.lagCommits === 0 ? 'nothing' : `${count(status.lagCommits)} ${status.lagCommits === 1 ? 'change' : 'changes'}, ${formatBytes(status.lagBytes)}${status.lagSince ? `, waiting since ${formatFull(status.lagSince)}` : ''}`}</Row>
        <Row name="Last snapshot">{status.snapshot ? <>of change {count(status.snapshot.lsn)}, <time dateTime={status.snapshot.at} title={formatFull(status.snapshot.at)}>{formatRelative(status.snapshot.at)}</time></> : 'none yet'}</Row>
        {status.snapshotTrouble ? <Row name="No snapshot"><span className="break-words text-bad">{status.snapshotTrouble}</span></Row> : null}
        <Row name="Last restore drill">{status.drill ? <Drill drill={status.drill} /> : 'none yet'}</Row>
        {status.drillTrouble ? <Row name="No drill"><span className="break-words text-bad">{status.drillTrouble}</span></Row> : null}
        <Row name="Sent since the start">{count(status.segments)} {status.segments === 1 ? 'segment' : 'segments'}, {formatBytes(status.segmentBytes)}</Row>
        <Row name="Epoch">{status.epoch ?? 'none yet'}</Row>
        {status.publicKey ? <Row name="Signed">{status.signed == null ? 'nothing yet' : `up to change ${count(status.signed)}`}, with the public key <code className="break-all">{status.publicKey}</code></Row> : null}
        {status.upkeepTrouble ? <Row name="Not tidied"><span className="text-bad">{status.upkeepTrouble}</span></Row> : null}
      </dl>
    </div>
  )
}

/** What the last drill found: the vault was restored whole and compared. */
function Drill({ drill }: { drill: VaultDrill }) {
  const when = <time dateTime={drill.at} title={formatFull(drill.at)}>{formatRelative(drill.at)}</time>
  if (drill.failure) return <><Chip look="bad">Failed</Chip> {when}: <span className="break-words text-bad">{drill.failure}</span></>
  return <>restored to change {count(drill.lsn)} and compared, {when}, in {seconds(drill.tookMs)}</>
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${count(ms)} ms` : `${(ms / 1_000).toLocaleString('en-NZ', { maximumFractionDigits: 1 })} s`
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return <><dt className="text-ink3">{name}</dt><dd className="tabular-nums">{children}</dd></>
}

function count(n: number): string {
  return n.toLocaleString('en-NZ')
}
