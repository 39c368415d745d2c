import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { PriceBook, PriceBookComparison, RateEntry } from '~/api/types'
import { Chip, Spinner } from '~/ui/bits'
import { cx } from '~/ui/cx'
import { formatPercent, formatRate, isNegativeDecimal } from '~/ui/decimal'
import { Dialog } from '~/ui/dialog'
import { Field, Select } from '~/ui/form'
import { ProblemPanel } from '~/ui/problem'
import { count, unitText } from '~/ui/words'

const LOOKS = { added: 'good', removed: 'bad', changed: 'accent' } as const

/** Two versions of a price book side by side. */
export function CompareDialog({ book, from: first, to: second, onClose }: { book: PriceBook; from: number; to: number; onClose: () => void }) {
  const [from, setFrom] = useState(first)
  const [to, setTo] = useState(second)
  const comparison = useQuery({
    queryKey: [...keys.priceBooks, book.id, 'compare', from, to], staleTime: 0,
    queryFn: ({ signal }) => api.get<PriceBookComparison>(`/price-books/${book.id}/compare`, { query: { from, to }, signal }),
  })
  const pick = (label: string, value: number, set: (n: number) => void) => (
    <Field label={label}>
      <Select value={String(value)} onChange={(event) => set(Number.parseInt(event.target.value, 10))}>
        {book.versions.map((version) => <option key={version.n} value={version.n}>Version {version.n}{version.state === 'published' ? '' : ` (${version.state})`}</option>)}
      </Select>
    </Field>
  )
  return (
    <Dialog open width="wide" onOpenChange={(open) => { if (!open) onClose() }} title={`${book.name}: versions side by side`}>
      <div className="mb-3 flex gap-3">{pick('From', from, setFrom)}{pick('To', to, setTo)}</div>
      {comparison.error ? <ProblemPanel error={comparison.error} retry={() => void comparison.refetch()} /> : !comparison.data ? <div className="grid place-items-center p-8"><Spinner /></div> : comparison.data.items.length === 0 ? (
        <p className="py-8 text-center text-ink2">The two versions have the same rates.</p>
      ) : (
        <table className="table">
          <thead><tr><th className="w-full">Resource</th><th className="w-16">Unit</th><th className="w-24">Change</th><th className="num min-w-28">Version {from}</th><th className="num min-w-28">Version {to}</th><th className="num min-w-20">%</th></tr></thead>
          <tbody>
            {comparison.data.items.map((row) => (
              <tr key={row.resourceId}>
                <td className="max-w-0 min-w-40 truncate" title={row.description}><b className="font-medium">{row.code}</b> <span className="text-ink2">{row.description}</span></td>
                <td>{unitText(row.unit)}</td>
                <td><Chip look={LOOKS[row.difference]}>{row.difference}</Chip></td>
                <td className="num text-ink2"><Rates entries={row.before} /></td>
                <td className="num"><Rates entries={row.after} /></td>
                <td className={cx('num', row.changePct != null && (isNegativeDecimal(row.changePct) ? 'text-good' : 'text-warn'))}>{row.changePct == null ? '' : `${isNegativeDecimal(row.changePct) ? '' : '+'}${formatPercent(row.changePct)}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {comparison.data && <p className="mt-2 text-xs text-ink2">{count(comparison.data.same, 'resource')} with the same rates {comparison.data.same === 1 ? 'is' : 'are'} not listed.</p>}
    </Dialog>
  )
}

function Rates({ entries }: { entries: RateEntry[] }) {
  return entries.map((entry, at) => (
    <span key={at} className="block whitespace-nowrap">
      {formatRate(entry.rate)}
      {(entry.validFrom ?? entry.validTo) != null && <span className="text-2xs text-ink3"> {entry.validFrom ?? ''} – {entry.validTo ?? ''}</span>}
    </span>
  ))
}
