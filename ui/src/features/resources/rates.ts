import { compareDecimal, readDecimal } from '~/ui/decimal'

/** A typed rate as the server takes it; null for none, or why it is no rate. */
export function readRate(text: string): { rate: string | null } | { refusal: string } {
  if (text.trim() === '') return { rate: null }
  const rate = readDecimal(text)
  if (rate === null) return { refusal: `“${text.trim()}” is no rate.` }
  if (compareDecimal(rate, '0') < 0) return { refusal: 'A rate is zero or more (BR-047).' }
  if ((rate.split('.')[1] ?? '').replace(/0+$/, '').length > 4) return { refusal: 'A rate has at most four decimals (BR-047).' }
  return { rate }
}

export interface EstimateUse { estimateId: string; name: string; tender: string; items: number }

/** Usages of a resource or recipe by the estimate they are in. */
export function byEstimate(usages: readonly { estimateId: string; estimateName: string; tenderNumber: string; itemId: string }[]): EstimateUse[] {
  const found = new Map<string, EstimateUse & { seen: Set<string> }>()
  for (const usage of usages) {
    const use = found.get(usage.estimateId) ?? { estimateId: usage.estimateId, name: usage.estimateName, tender: usage.tenderNumber, items: 0, seen: new Set<string>() }
    use.seen.add(usage.itemId)
    found.set(usage.estimateId, use)
  }
  return [...found.values()].map(({ seen, ...use }) => ({ ...use, items: seen.size }))
}
