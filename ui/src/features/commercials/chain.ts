import { newKey } from '~/api/client'
import type { CommercialRule, CommercialRuleFields, Commercials, Edit, EditResult, Place } from '~/api/types'
import type { EstimateSession } from '~/features/estimate/model/session'
import { doneWithUndo } from '~/features/estimate/step-back'
import { type Scenario, numbered } from './model/scenario'

/** A chain that can be edited: the estimate's own, or one that is only tried. Every call throws what was refused. */
export interface Chain {
  rules: readonly CommercialRule[]
  price: Commercials['price']
  violations: Commercials['violations']
  balancingItemId: string | null
  readOnly: boolean
  add: (set: CommercialRuleFields) => Promise<unknown>
  update: (rule: CommercialRule, set: CommercialRuleFields) => Promise<unknown>
  remove: (rule: CommercialRule) => Promise<unknown>
  /** To its place in that order of ids. */
  move: (rule: CommercialRule, order: readonly string[]) => Promise<unknown>
}

const DECIDES = new Set(['target-total', 'round-total'])

/** Where a new rule goes: before the rule that decides the total, which stays last (BR-088). */
export function placeOfNew(rules: readonly CommercialRule[], set: CommercialRuleFields): number {
  const last = rules.findIndex((rule) => DECIDES.has(rule.set.kind?.type ?? '') && rule.set.active !== false)
  return last >= 0 && !DECIDES.has(set.kind?.type ?? '') ? last : rules.length
}

export function liveChain(session: EstimateSession, commercials: Commercials, readOnly: boolean): Chain {
  const { rules } = commercials
  const submit = (label: string, edits: Edit[]): Promise<EditResult> => session.submit(edits, { label })
  return {
    rules, readOnly, price: commercials.price, violations: commercials.violations, balancingItemId: commercials.balancingItemId ?? null,
    add: (set) => {
      const id = newKey()
      const next = rules[placeOfNew(rules, set)]
      return submit(`Add ${set.name ?? 'a rule'}`, [{ op: 'add-rule', id, set }, ...(next ? [{ op: 'move-rule' as const, id, place: { before: next.id } }] : [])])
    },
    update: (rule, set) => {
      // A switch says all there is to say; figures must not overwrite what others typed meanwhile.
      const seen = set.kind ? { version: rule.version } : {}
      return submit(`Change ${rule.set.name ?? 'a rule'}`, [{ op: 'update-rule', id: rule.id, ...seen, set }])
    },
    remove: async (rule) => {
      const result = await submit(`Delete ${rule.set.name ?? 'a rule'}`, [{ op: 'delete-rules', ids: [rule.id] }])
      doneWithUndo(session, `${rule.set.name ?? 'Rule'} deleted`, result)
    },
    move: (rule, order) => {
      const before = order[order.indexOf(rule.id) - 1]
      const place: Place = before ? { after: before } : 'first'
      return submit(`Move ${rule.set.name ?? 'a rule'}`, [{ op: 'move-rule', id: rule.id, place }])
    },
  }
}

/** The chain of a scenario: figures come from the preview, edits stay in the browser. */
export function scenarioChain(scenario: Scenario, priced: Commercials | undefined, change: (scenario: Scenario) => void): Chain {
  const figures = new Map(priced?.rules.map((rule) => [rule.id, rule]))
  const rules = scenario.rules.map((rule): CommercialRule => {
    const { baseTotal, amount, runningTotal } = figures.get(rule.id) ?? {}
    return { id: rule.id, version: 1, set: rule.set, baseTotal: baseTotal ?? null, amount: amount ?? null, runningTotal: runningTotal ?? null }
  })
  const put = (next: Scenario['rules']) => { change({ ...scenario, rules: numbered(next) }); return Promise.resolve() }
  return {
    rules, readOnly: false, price: priced?.price, violations: priced?.violations ?? [], balancingItemId: priced?.balancingItemId ?? null,
    add: (set) => {
      const at = placeOfNew(rules, set)
      return put([...scenario.rules.slice(0, at), { id: newKey(), set }, ...scenario.rules.slice(at)])
    },
    update: (rule, set) => put(scenario.rules.map((one) => (one.id === rule.id ? { id: one.id, set: { ...one.set, ...set } } : one))),
    remove: (rule) => put(scenario.rules.filter((one) => one.id !== rule.id)),
    move: (_, order) => put([...scenario.rules].sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id))),
  }
}
