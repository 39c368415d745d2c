import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { VaultDrill, VaultStatus } from '~/api/types'
import { Page } from '~/app/page'
import { Chip, EmptyState, Skeleton } from '~/ui/bits'
import { formatFull, formatRelative } from '~/ui/dates'
import { ProblemPanel } from '~/ui/problem'
import { formatBytes } from '../jobs/words'

/** How often the figures are asked for again while they are looked at. */
const AGAIN_MS = 2_000

/** How far the back-up is, and what to do when it is not. */
export function BackUpScreen() {
  const vault = useQuery({
    queryKey: keys.vault, refetchInterval: AGAIN_MS,
    queryFn: ({ signal }) => api.get<VaultStatus>('/vault', { signal }),
  })
  const status = vault.data
  return (
    <Page title="Back-up">
      {vault.isError ? <ProblemPanel error={vault.error} retry={() => void vault.refetch()} />
        : !status ? <div className="grid gap-2 p-4"><Skeleton className="h-8" /><Skeleton className="h-32" /></div>
          : !status.enabled ? (
            <EmptyState icon="history" title="No back-up is set up">
              Every change is on this server’s disk before it shows as saved, and nowhere else. Whoever runs the server names a vault (<code>vault.url</code>): an S3 bucket, Azure, Google or another disk. README says how.
            </EmptyState>
          ) : <Figures status={status} />}
    </Page>
  )
}

function state(status: VaultStatus): { label: string; look: 'good' | 'accent' | 'bad'; text: string } {
  if (status.refusal) return { label: 'Stopped', look: 'bad', text: `No change is taken any more: ${status.refusal}.` }
  if (status.trouble) return { label: 'Behind', look: 'bad', text: `Work goes on and nothing is lost, but nothing reaches the vault at the moment: ${status.trouble}.` }
  if (status.drill?.failure) return { label: 'Drill failed', look: 'bad', text: 'Changes reach the vault, but it could not be restored as it should be. Whoever runs the server must look at it now.' }
  if (status.epoch == null) return { label: 'Starting', look: 'accent', text: 'The server is finding out how far the vault is.' }
  if (status.lagCommits > 0) return { label: 'Sending', look: 'accent', text: 'The last changes are on their way.' }
  return { label: 'Up to date', look: 'good', text: status.sync ? 'Every change is in the vault before it shows as saved.' : 'Every change reaches the vault within moments.' }
}

function Figures({ status }: { status: VaultStatus }) {
  const { label, look, text } = state(status)
  return (
    <div className="grid max-w-3xl gap-5 px-4 py-4">
      <p className="flex items-baseline gap-3" role="status"><Chip look={look}>{label}</Chip><span className="min-w-0 break-words text-ink2">{text}</span></p>
      <dl className="grid grid-cols-[12rem_minmax(0,1fr)] gap-x-4 gap-y-2 border-t border-line pt-4">
        <Row name="In the vault">change {count(status.stored)} of {count(status.head)}</Row>
        <Row name="On their way">{status.lagCommits === 0 ? 'nothing' : `${count(status.lagCommits)} ${status.lagCommits === 1 ? 'change' : 'changes'}, ${formatBytes(status.lagBytes)}${status.lagSince ? `, waiting since ${formatFull(status.lagSince)}` : ''}`}</Row>
        <Row name="Last snapshot">{status.snapshot ? <>of change {count(status.snapshot.lsn)}, <time dateTime={status.snapshot.at} title={formatFull(status.snapshot.at)}>{formatRelative(status.snapshot.at)}</time></> : 'none yet'}</Row>
        <Row name="Last restore drill">{status.drill ? <Drill drill={status.drill} /> : 'none yet'}</Row>
        <Row name="Sent since the start">{count(status.segments)} {status.segments === 1 ? 'segment' : 'segments'}, {formatBytes(status.segmentBytes)}</Row>
        <Row name="Epoch">{status.epoch ?? 'none yet'}</Row>
        {status.publicKey ? <Row name="Signed">{status.signed == null ? 'nothing yet' : `up to change ${count(status.signed)}`}, with the public key <code className="break-all">{status.publicKey}</code></Row> : null}
        {status.upkeepTrouble ? <Row name="Not tidied"><span className="text-bad">{status.upkeepTrouble}</span></Row> : null}
      </dl>
      <p className="text-ink3">Any past moment is brought back with <code>oxflow restore</code>, and <code>oxflow vault verify</code> proves that it can be.</p>
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
