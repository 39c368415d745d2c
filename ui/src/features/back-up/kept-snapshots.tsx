import { useQuery } from '@tanstack/react-query'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { KeptSnapshots as Kept } from '~/api/types'
import { Skeleton } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatFull, formatMoment, formatRelative } from '~/ui/dates'
import { ProblemPanel } from '~/ui/problem'
import { formatBytes } from '../jobs/words'
import { Command } from './command'

/** The snapshots in the vault: where a restore begins. `newest` is the commit of the last one, so that a new one shows. */
export function KeptSnapshots({ newest, onMoment }: { newest: number | null; onMoment: (at: string) => void }) {
  const kept = useQuery({
    queryKey: [...keys.vault, 'snapshots', newest],
    queryFn: ({ signal }) => api.get<Kept>('/vault/snapshots', { signal }),
  })
  const first = kept.data?.items[0]
  return (
    <section aria-labelledby="kept-snapshots" className="grid gap-3 border-t border-line pt-5">
      <div>
        <h2 id="kept-snapshots" className="text-base font-semibold">Snapshots in the vault</h2>
        <p className="max-w-prose text-ink2">A restore begins with the last one before the wanted moment and makes every change after it again, so any moment between them can be had. One estimate as it was is quicker under its History: open it, move the slider, and copy back what is needed.</p>
      </div>
      {kept.isError ? <ProblemPanel error={kept.error} retry={() => void kept.refetch()} />
        : !kept.data ? <Skeleton className="h-20" />
          : !first ? <p className="text-ink3">None yet: the first is taken soon after the server’s first change.</p> : (
            <>
              <table className="table" aria-labelledby="kept-snapshots">
                <thead><tr><th className="w-28 text-right">Change</th><th>As it was at</th><th className="w-32">Taken</th><th className="w-28 text-right">Rows</th><th className="w-24 text-right">Size</th><th className="w-36"><span className="sr-only">Actions</span></th></tr></thead>
                <tbody>
                  {kept.data.items.map((one) => (
                    <tr key={`${one.lsn} ${one.takenAt}`} className="[&>td]:py-1.5">
                      <td className="text-right tabular-nums">{one.lsn.toLocaleString('en-NZ')}</td>
                      <td>{one.at ? formatMoment(one.at) : 'before the first change'}</td>
                      <td className="whitespace-nowrap text-ink2" title={formatFull(one.takenAt)}>{formatRelative(one.takenAt)}</td>
                      <td className="text-right tabular-nums">{one.rows.toLocaleString('en-NZ')}</td>
                      <td className="text-right whitespace-nowrap tabular-nums">{formatBytes(one.bytes)}</td>
                      <td className="text-right">{one.at && <Button look="plain" aria-label={`Use the moment of change ${one.lsn.toLocaleString('en-NZ')}`} onClick={() => onMoment(one.at ?? '')}>Use this moment</Button>}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
              <p className="text-ink2">On the server’s console, without the browser: <Command text={`oxflow restore --from ${kept.data.place} --org ${kept.data.slug} --to brought-back${first.at ? ` --at ${first.at}` : ''}`} /></p>
            </>
          )}
    </section>
  )
}
