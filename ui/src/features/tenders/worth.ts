import { useQueries } from '@tanstack/react-query'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Tender, TenderValue } from '~/api/types'
import { addDecimal, multiplyToCents } from '~/ui/decimal'

/** Tenders the server prices in one answer. */
const AT_ONCE = 50

/** What tenders are worth, asked for after the list itself so that the list never waits for it. */
export function useWorth(tenders: readonly Tender[]): Map<string, TenderValue> {
  const ids = tenders.filter((tender) => tender.estimates.length > 0).map((tender) => tender.id)
  const chunks = Array.from({ length: Math.ceil(ids.length / AT_ONCE) }, (_, at) => ids.slice(at * AT_ONCE, (at + 1) * AT_ONCE))
  return useQueries({
    queries: chunks.map((chunk) => ({
      queryKey: [...keys.tenders, 'values', chunk],
      queryFn: ({ signal }: { signal: AbortSignal }) => api.get<{ items: TenderValue[] }>('/tenders/values', { query: { ids: chunk.join(',') }, signal }),
    })),
    combine: (answers) => new Map(answers.flatMap((answer) => answer.data?.items ?? []).map((value) => [value.tenderId, value])),
  })
}

/** The sum of prices, and the sum weighted by the chance of each; tenders without a chance count for nothing in the second. */
export function sumWorth(tenders: readonly Tender[], worth: ReadonlyMap<string, TenderValue>): { total: string; weighted: string } {
  let [total, weighted] = ['0', '0']
  for (const tender of tenders) {
    const price = worth.get(tender.id)?.totalEx
    if (!price) continue
    total = addDecimal(total, price)
    const digits = String(tender.probabilityPct ?? 0).padStart(3, '0')
    weighted = addDecimal(weighted, multiplyToCents(price, `${digits.slice(0, -2)}.${digits.slice(-2)}`) ?? '0')
  }
  return { total, weighted }
}
