import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { PriceBook, RateEntry, RateEntryInput, Resource, VersionRates } from '~/api/types'
import { useMay } from '~/app/rights'
import { Spinner } from '~/ui/bits'
import { Button, IconButton } from '~/ui/button'
import { editableDecimal, formatRate } from '~/ui/decimal'
import { Dialog } from '~/ui/dialog'
import { Select } from '~/ui/form'
import { ProblemPanel, problemText } from '~/ui/problem'

interface DraftEntry { key: number; from: string; to: string; amount: string; currency: string; exchange: string; exchangeDate: string; inclusive: boolean }

function draftOf(entry: RateEntry, key: number): DraftEntry {
  const quoted = entry.quoted
  return {
    key, from: entry.validFrom ?? '', to: entry.validTo ?? '', amount: editableDecimal(quoted?.amount ?? entry.rate), currency: quoted?.currency ?? 'NZD',
    exchange: editableDecimal(quoted?.exchange), exchangeDate: quoted?.exchangeDate ?? '', inclusive: quoted?.gst === 'inclusive',
  }
}

function sent(entry: DraftEntry): RateEntryInput {
  const plain = entry.currency.trim().toUpperCase() === 'NZD' && !entry.inclusive
  const period = { ...(entry.from ? { validFrom: entry.from } : {}), ...(entry.to ? { validTo: entry.to } : {}) }
  if (plain) return { rate: entry.amount.trim(), ...period }
  return {
    quoted: {
      amount: entry.amount.trim(), currency: entry.currency.trim(), gst: entry.inclusive ? 'inclusive' : 'exclusive',
      ...(entry.exchange ? { exchange: entry.exchange.trim() } : {}), ...(entry.exchangeDate ? { exchangeDate: entry.exchangeDate } : {}),
    },
    ...period,
  }
}

/** All rates of a resource in the open version: periods, other currencies, figures with GST (BR-047, BR-048, BR-052). */
export function RatesDialog({ resource, book, onClose }: { resource: Resource; book: PriceBook; onClose: () => void }) {
  const edits = useMay('edit')
  const rates = useQuery({
    queryKey: [...keys.resources, resource.id, 'rates'], staleTime: 0, gcTime: 0,
    queryFn: ({ signal }) => api.get<VersionRates>(`/resources/${resource.id}/rates`, { signal }),
  })
  return (
    <Dialog open width="wide" onOpenChange={(open) => { if (!open) onClose() }} title={`Rates of ${resource.code}`} description={!edits ? undefined : book.draft == null ? 'Saved rates are published at once as the next version of the price book.' : `Saved in version ${book.draft}, which is open.`}>
      {rates.error ? <ProblemPanel error={rates.error} retry={() => void rates.refetch()} /> : rates.isPending ? <div className="grid place-items-center p-8"><Spinner /></div> : (
        <Editor resource={resource} version={rates.data.version} entries={rates.data.entries} onClose={onClose} />
      )}
    </Dialog>
  )
}

function Editor({ resource, version, entries, onClose }: { resource: Resource; version: number; entries: RateEntry[]; onClose: () => void }) {
  const client = useQueryClient()
  const edits = useMay('edit')
  const [rows, setRows] = useState<DraftEntry[]>(() => entries.map(draftOf))
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const set = (key: number, part: Partial<DraftEntry>) => { setError(null); setRows(rows.map((row) => (row.key === key ? { ...row, ...part } : row))) }
  const add = () => setRows([...rows, { key: Math.max(-1, ...rows.map((row) => row.key)) + 1, from: '', to: '', amount: '', currency: 'NZD', exchange: '', exchangeDate: '', inclusive: false }])
  const save = async () => {
    setBusy(true)
    try {
      await api.put(`/resources/${resource.id}/rates`, { version, entries: rows.map(sent) })
      for (const key of [keys.priceBooks, keys.resources, keys.catalogue]) void client.invalidateQueries({ queryKey: key })
      onClose()
    } catch (problem) {
      setError(problemText(problem))
      void client.invalidateQueries({ queryKey: keys.priceBooks })
    } finally {
      setBusy(false)
    }
  }
  return (
    <fieldset disabled={!edits} className="contents">
      <table className="table [&_td]:px-1! [&_th]:px-2!">
        <thead><tr><th className="w-32">From</th><th className="w-32">To</th><th className="w-20">Currency</th><th className="num w-28">Quoted</th><th className="w-28">GST</th><th className="num w-24">Exchange</th><th className="w-32">of the day</th><th className="w-10"><span className="sr-only">Delete</span></th></tr></thead>
        <tbody>
          {rows.map((row, at) => {
            const foreign = row.currency.trim().toUpperCase() !== 'NZD'
            const name = `rate ${at + 1}`
            return (
              <tr key={row.key}>
                <td><input type="date" className="field px-1!" aria-label={`First day of ${name}`} value={row.from} onChange={(event) => set(row.key, { from: event.target.value })} /></td>
                <td><input type="date" className="field px-1!" aria-label={`Last day of ${name}`} value={row.to} onChange={(event) => set(row.key, { to: event.target.value })} /></td>
                <td><input type="text" className="field px-1! uppercase" maxLength={3} aria-label={`Currency of ${name}`} value={row.currency} onChange={(event) => set(row.key, { currency: event.target.value })} /></td>
                <td><input type="text" inputMode="decimal" className="field px-1! text-right" aria-label={`Figure of ${name}`} value={row.amount} onChange={(event) => set(row.key, { amount: event.target.value })} /></td>
                <td><Select aria-label={`GST of ${name}`} value={row.inclusive ? 'inclusive' : 'exclusive'} onChange={(event) => set(row.key, { inclusive: event.target.value === 'inclusive' })}><option value="exclusive">excl.</option><option value="inclusive">incl.</option></Select></td>
                <td>{foreign && <input type="text" inputMode="decimal" className="field px-1! text-right" aria-label={`Exchange rate of ${name}`} value={row.exchange} onChange={(event) => set(row.key, { exchange: event.target.value })} />}</td>
                <td>{foreign && <input type="date" className="field px-1!" aria-label={`Day of the exchange rate of ${name}`} value={row.exchangeDate} onChange={(event) => set(row.key, { exchangeDate: event.target.value })} />}</td>
                <td><IconButton icon="trash" className="edits" label={`Delete ${name}`} onClick={() => setRows(rows.filter((one) => one.key !== row.key))} /></td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {rows.length === 0 && <p className="py-3 text-ink2">No rate. Lines of it stay unpriced.</p>}
      {error && <p role="alert" className="mt-2 text-bad">{error}</p>}
      <div className="mt-3 flex items-center gap-2">
        <Button icon="plus" look="plain" className="edits" onClick={add}>Add a rate</Button>
        <span className="flex-1 text-xs text-ink2">{resource.rate == null ? 'No rate in force today.' : `In force today: ${formatRate(resource.rate)} ex GST.`} The net rate in NZD is fixed when it is saved.</span>
        <Button className="edits" onClick={onClose}>Cancel</Button>
        <Button look="primary" className="edits" busy={busy} onClick={() => void save()}>Save rates</Button>
      </div>
    </fieldset>
  )
}
