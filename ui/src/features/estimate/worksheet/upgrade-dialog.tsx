import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '~/api/client'
import type { Line, RecipeUpgrade } from '~/api/types'
import { Chip, Spinner } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatMoney } from '~/ui/decimal'
import { Dialog } from '~/ui/dialog'
import { Select } from '~/ui/form'
import { ProblemPanel } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { useSubmit } from '~/ui/use-submit'
import { useEstimateSession } from '../model/context'

const LOOKS = { added: 'good', removed: 'bad', changed: 'accent' } as const
type Row = RecipeUpgrade['lines'][number]
type Side = Row['before']

/** A line moves to the recipe's current version; which lines it takes is chosen one by one (BR-059). */
export function UpgradeDialog({ itemId, line, onClose }: { itemId: string; line: Line; onClose: () => void }) {
  const session = useEstimateSession()
  const [choices, setChoices] = useState<Record<string, 'old' | 'new'>>({})
  const { busy, refusal, run } = useSubmit()
  const upgrade = useQuery({
    queryKey: ['estimate', session.estimateId, 'upgrade', line.id], staleTime: 0, gcTime: 0, retry: false,
    queryFn: ({ signal }) => api.get<RecipeUpgrade>(`/estimates/${session.estimateId}/items/${itemId}/worksheet/lines/${line.id}/upgrade`, { signal }),
  })
  const rows = upgrade.data?.lines ?? []
  const open = rows.filter((row) => row.local && !choices[row.id])
  const take = async () => {
    if (!upgrade.data) return
    await session.submit([{ op: 'upgrade-recipe', itemId, lineId: line.id, version: upgrade.data.version, n: upgrade.data.to, choices }])
    toast.done(`${line.recipe?.code ?? 'The recipe'} is at version ${upgrade.data.to}`)
    onClose()
  }
  return (
    <Dialog
      open width="wide" onOpenChange={(next) => { if (!next) onClose() }} title={`${line.recipe?.code ?? 'Recipe'}: take version ${upgrade.data?.to ?? line.recipe?.currentN ?? ''}`}
      description="What differs from what the item has. Rates it was priced with stay; new resources come at the current rate."
      footer={<><Button onClick={onClose}>Cancel</Button><Button look="primary" busy={busy} disabled={!upgrade.data || open.length > 0} onClick={() => run(take)}>Take version {upgrade.data?.to ?? ''}</Button></>}
    >
      {upgrade.error ? <ProblemPanel error={upgrade.error} retry={() => void upgrade.refetch()} /> : !upgrade.data ? <div className="grid place-items-center p-8"><Spinner /></div> : (
        <>
          {rows.length === 0 ? <p className="py-6 text-center text-ink2">The lines are the same in both versions.</p> : (
            <table className="table">
              <thead><tr><th>Line</th><th className="w-24">Change</th><th>Version {upgrade.data.from}</th><th>Version {upgrade.data.to}</th><th className="w-40">Take</th></tr></thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.id}>
                    <td className="font-medium">{codeOf(row)}{row.local && <Chip look="warn" className="ml-2" title="Chosen for this item before">own</Chip>}</td>
                    <td><Chip look={LOOKS[row.difference]}>{row.difference}</Chip></td>
                    <td className="text-ink2">{words(row.before)}</td><td>{words(row.after)}</td>
                    <td>
                      <Select aria-label={`Take for ${codeOf(row)}`} value={choices[row.id] ?? (row.local ? '' : 'new')} onChange={(event) => setChoices({ ...choices, [row.id]: event.target.value as 'old' | 'new' })}>
                        {row.local && !choices[row.id] && <option value="">Choose…</option>}
                        <option value="new">{row.after ? 'the new line' : 'leave it out'}</option><option value="old">{row.before ? 'keep the old line' : 'leave it out'}</option>
                      </Select>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          <p className="mt-3 text-right">With every new line the cost goes from {formatMoney(upgrade.data.oldCost)} to <b>{formatMoney(upgrade.data.newCost)}</b></p>
        </>
      )}
      {refusal && <p role="alert" className="mt-2 text-bad">{refusal}</p>}
    </Dialog>
  )
}

function codeOf(row: Row): string {
  const side = row.after ?? row.before
  return side?.resource?.code ?? side?.recipe?.code ?? 'Line'
}

function words(side: Side): string {
  if (!side) return '–'
  const parts = [side.factor, side.waste ? `waste ${side.waste} %` : '', side.pack ? `pack ${side.pack}` : '', side.minimum ? `at least ${side.minimum}` : '', side.n ? `v${side.n}` : '']
  return parts.filter(Boolean).join(', ')
}
