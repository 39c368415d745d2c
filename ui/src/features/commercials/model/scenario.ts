import type { CommercialRule, CommercialRuleFields, Commercials, Edit, Price } from '~/api/types'
import { compareDecimal, subtractDecimal } from '~/ui/decimal'

export const SCENARIOS_MAX = 3
const SEQUENCE_STEP = 10

/** A rule of a what-if; its place in the list is its place in the chain. */
export interface ScenarioRule { id: string; set: CommercialRuleFields }

/** A chain to try, kept in this browser only. */
export interface Scenario {
  id: string
  name: string
  /** The version of the estimate's rules it was copied from. */
  from: number
  rules: ScenarioRule[]
}

/** Rules numbered by their place: 10, 20, 30. */
export function numbered(rules: readonly ScenarioRule[]): ScenarioRule[] {
  return rules.map((rule, at) => ({ id: rule.id, set: { ...rule.set, sequence: (at + 1) * SEQUENCE_STEP } }))
}

export function scenarioOf(id: string, name: string, commercials: Commercials): Scenario {
  return { id, name, from: commercials.version, rules: numbered(commercials.rules) }
}

/** The order after a rule moved one place, or to another's place; the same list when it cannot. */
export function moved<T extends { id: string }>(rules: readonly T[], id: string, to: number): T[] {
  const from = rules.findIndex((rule) => rule.id === id)
  const target = Math.max(0, Math.min(rules.length - 1, to))
  if (from < 0 || from === target) return [...rules]
  const rest = rules.filter((rule) => rule.id !== id)
  const rule = rules[from]
  return rule ? [...rest.slice(0, target), rule, ...rest.slice(target)] : rest
}

/** JSON with sorted keys and without what is null or an empty list: equal fields give equal text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).filter(([, one]) => one !== null && !(Array.isArray(one) && one.length === 0)).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

const FIELDS = ['sequence', 'name', 'kind', 'base', 'scope', 'nature', 'active'] as const

/** The fields of `after` that differ from `before`. */
export function changedSet(before: CommercialRuleFields, after: CommercialRuleFields): CommercialRuleFields {
  return Object.fromEntries(FIELDS.filter((field) => canonical(before[field] ?? null) !== canonical(after[field] ?? null)).map((field) => [field, after[field]])) as CommercialRuleFields
}

/** The edits that turn the chain into the scenario, to be made in one commit; none when they are the same. */
export function editsTo(rules: readonly CommercialRule[], scenario: readonly ScenarioRule[]): Edit[] {
  const wanted = numbered(scenario)
  const kept = new Set(wanted.map((rule) => rule.id))
  const gone = rules.filter((rule) => !kept.has(rule.id)).map((rule) => rule.id)
  const edits: Edit[] = gone.length ? [{ op: 'delete-rules', ids: gone }] : []
  for (const rule of wanted) {
    const now = rules.find((one) => one.id === rule.id)
    if (!now) edits.push({ op: 'add-rule', id: rule.id, set: rule.set })
    else {
      const set = changedSet(now.set, rule.set)
      if (Object.keys(set).length) edits.push({ op: 'update-rule', id: rule.id, version: now.version, set })
    }
  }
  return edits
}

export interface Cell {
  /** What it comes to, or undefined where there is nothing. */
  value: string | undefined
  /** The rule in words beside it. */
  rule: CommercialRuleFields | undefined
  /** Whether it differs from the estimate as it is. */
  differs: boolean
}
export interface RuleRow { id: string; name: string; cells: Cell[] }

/** One row for every rule of any chain, in the order of the first chain that has it; the first chain is the estimate as it is. */
export function ruleRows(chains: readonly (readonly CommercialRule[])[]): RuleRow[] {
  const order: string[] = []
  for (const chain of chains) {
    chain.forEach((rule, at) => {
      if (order.includes(rule.id)) return
      const before = at > 0 ? order.indexOf(chain[at - 1]?.id ?? '') : -1
      order.splice(before + 1, 0, rule.id)
    })
  }
  return order.map((id) => {
    const found = chains.map((chain) => chain.find((rule) => rule.id === id))
    const [now] = found
    const name = found.find((rule) => rule)?.set.name ?? ''
    return {
      id, name,
      cells: found.map((rule): Cell => ({
        value: rule?.set.active === false ? undefined : (rule?.amount ?? undefined), rule: rule?.set,
        differs: rule !== now && (!rule || !now || (rule.amount ?? null) !== (now.amount ?? null) || Object.keys(changedSet({ ...now.set, sequence: null }, { ...rule.set, sequence: null })).length > 0),
      })),
    }
  })
}

export interface FigureRow { key: keyof Price; label: string; percent?: boolean; strong?: boolean }

export const FIGURES: readonly FigureRow[] = [
  { key: 'costTotal', label: 'Cost total' }, { key: 'margin', label: 'Margin' }, { key: 'marginPercent', label: 'Margin, % of price', percent: true },
  { key: 'targetTotal', label: 'Target of the schedule' }, { key: 'misclose', label: 'Misclose' },
  { key: 'totalEx', label: 'Tender sum, excl. GST', strong: true }, { key: 'gst', label: 'GST' }, { key: 'totalInc', label: 'Total incl. GST', strong: true },
]

/** `there` less `now`, or null when there is nothing to compare or no difference. */
export function difference(now: string | null | undefined, there: string | null | undefined): string | null {
  if (now == null || there == null || compareDecimal(now, there) === 0) return null
  return subtractDecimal(there, now)
}

const keyOf = (estimateId: string) => `oxflow.scenarios.${estimateId}`

export function readScenarios(estimateId: string): Scenario[] {
  try {
    const stored = JSON.parse(sessionStorage.getItem(keyOf(estimateId)) ?? '[]') as Scenario[]
    return Array.isArray(stored) ? stored.filter((one) => typeof one.id === 'string' && Array.isArray(one.rules)).slice(0, SCENARIOS_MAX) : []
  } catch {
    return []
  }
}

export function keepScenarios(estimateId: string, scenarios: readonly Scenario[]): void {
  try {
    sessionStorage.setItem(keyOf(estimateId), JSON.stringify(scenarios))
  } catch {
    // Storage may be full or blocked; the scenarios last until the page is left.
  }
}
