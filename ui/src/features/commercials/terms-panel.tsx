import { useId, useState } from 'react'
import type { Commercials, RateTierInput } from '~/api/types'
import { useEstimateSession } from '~/features/estimate/model/context'
import { Button, IconButton } from '~/ui/button'
import { editableDecimal } from '~/ui/decimal'
import { Field, Select } from '~/ui/form'
import { isProblem } from '~/api/client'
import { problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { whole } from '~/ui/whole'
import { figure } from './model/draft'
import { rowWords, useLumpSums } from './queries'

const DEFAULT_DECIMALS = 2
const DECIMALS = [0, 1, 2, 3, 4]

/** What the schedule is rounded by: the item that takes the misclose, and the decimals of sell rates. */
export function TermsPanel({ commercials, readOnly }: { commercials: Commercials; readOnly: boolean }) {
  const session = useEstimateSession()
  const id = useId()
  const lumps = useLumpSums(session.estimateId, true)
  const balancing = commercials.balancingItemId ?? ''
  const known = lumps.data?.some((row) => row.id === balancing) ?? true
  const setBalancing = async (item: string) => {
    try {
      await session.submit([{ op: 'update-terms', version: commercials.version, balancingItemId: item || null }], { label: item ? 'Set the balancing item' : 'Clear the balancing item' })
    } catch (error) {
      toast.refused('The balancing item stays', error)
    }
  }
  return (
    <section aria-labelledby={id} className="border-t border-line px-4 py-3 max-xl:border-t-0">
      <h2 id={id} className="mb-1 font-semibold">Rates and rounding</h2>
      <Field label="Balancing item" hint="A lump-sum item that takes what rounding leaves. Without one it goes to margin.">
        <Select value={balancing} disabled={readOnly} onChange={(event) => void setBalancing(event.target.value)}>
          <option value="">None</option>
          {!known && <option value={balancing}>An item that is not a lump sum</option>}
          {lumps.data?.map((row) => <option key={row.id} value={row.id} disabled={row.lockedSellRate != null && row.id !== balancing}>{rowWords(row)}{row.lockedSellRate != null ? ' (rate-locked)' : ''}</option>)}
        </Select>
      </Field>
      <Tiers key={JSON.stringify(commercials.tiers)} commercials={commercials} readOnly={readOnly} />
    </section>
  )
}

interface DraftTier { key: number; from: string; decimals: number }

function Tiers({ commercials, readOnly }: { commercials: Commercials; readOnly: boolean }) {
  const session = useEstimateSession()
  const [tiers, setTiers] = useState<DraftTier[]>(() => commercials.tiers.map((tier, key) => ({ key, from: editableDecimal(tier.from), decimals: tier.decimals })))
  const [dirty, setDirty] = useState(false)
  const [refusal, setRefusal] = useState<string | null>(null)
  const change = (next: DraftTier[]) => { setTiers(next); setDirty(true); setRefusal(null) }
  const save = async () => {
    const sent = tiers.map((tier): RateTierInput => ({ from: figure(tier.from), decimals: tier.decimals }))
    try {
      await session.submit([{ op: 'update-terms', version: commercials.version, tiers: sent }], { label: 'Set the decimals of sell rates' })
      setDirty(false)
    } catch (error) {
      setRefusal(`${isProblem(error) && error.violations[0] ? `${error.violations[0].rule}: ` : ''}${problemText(error)}`)
    }
  }
  return (
    <fieldset className="mt-3">
      <legend className="text-xs font-medium text-ink2">Decimals of sell rates</legend>
      {tiers.length === 0 && <p className="py-1 text-ink3">{DEFAULT_DECIMALS} for every quantity.</p>}
      {tiers.map((tier, at) => (
        <div key={tier.key} className="mt-1 flex items-center gap-2">
          <span className="text-ink2">From</span>
          <input type="text" inputMode="decimal" className="field w-24! text-right" aria-label={`Tier ${at + 1}: from quantity`} aria-invalid={refusal ? true : undefined} value={tier.from} disabled={readOnly} onChange={(event) => change(tiers.map((one) => (one.key === tier.key ? { ...one, from: event.target.value } : one)))} />
          <Select className="w-16" aria-label={`Tier ${at + 1}: decimals`} value={String(tier.decimals)} disabled={readOnly} onChange={(event) => change(tiers.map((one) => (one.key === tier.key ? { ...one, decimals: whole(event.target.value) } : one)))}>
            {DECIMALS.map((decimals) => <option key={decimals} value={decimals}>{decimals}</option>)}
          </Select>
          {!readOnly && <IconButton icon="trash" label={`Delete tier ${at + 1}`} onClick={() => change(tiers.filter((one) => one.key !== tier.key))} />}
        </div>
      ))}
      {refusal && <p role="alert" className="mt-1 text-xs text-bad">{refusal}</p>}
      {!readOnly && (
        <div className="mt-2 flex gap-2">
          <Button icon="plus" look="plain" className="-ml-2.5" onClick={() => change([...tiers, { key: Math.max(-1, ...tiers.map((tier) => tier.key)) + 1, from: tiers.length ? '' : '0', decimals: DEFAULT_DECIMALS }])}>Add a tier</Button>
          {dirty && <Button onClick={() => void save()}>Save tiers</Button>}
        </div>
      )}
    </fieldset>
  )
}
