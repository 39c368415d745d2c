import type { Rule } from '~/api/types'

export interface RuleFilter { text: string; kind: '' | Rule['kind']; enforced: '' | 'yes' | 'no' }

export const EVERY_RULE: RuleFilter = { text: '', kind: '', enforced: '' }

/** True when every typed word occurs somewhere in the rule. */
export function fitsRule(rule: Rule, { text, kind, enforced }: RuleFilter): boolean {
  if (kind && rule.kind !== kind) return false
  if (enforced && rule.enforced !== (enforced === 'yes')) return false
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const body = [rule.id, rule.title, rule.code, rule.module, rule.trigger, rule.checkedIn, rule.statement, rule.explanation, rule.awaits ?? ''].join(' ').toLowerCase()
  return words.every((word) => body.includes(word))
}

/** Rules in their order under the module they belong to, modules in the order they first appear. */
export function byModule(rules: readonly Rule[]): { module: string; rules: Rule[] }[] {
  const groups = new Map<string, Rule[]>()
  for (const rule of rules) groups.set(rule.module, [...(groups.get(rule.module) ?? []), rule])
  return [...groups].map(([module, group]) => ({ module, rules: group }))
}
