import type { CommercialRule, CommercialRuleFields, Nature, ResourceType, RuleBaseInput, RuleKindInput, RuleScopeInput, WithinInput } from '~/api/types'
import { formatMoney, formatPercent, formatQuantity } from '~/ui/decimal'
import { TYPE_NAMES, count } from '~/ui/words'

export type KindName = RuleKindInput['type']

export const KIND_NAMES: Record<KindName, string> = {
  'spread-indirect': 'Spread indirects', 'percent-markup': 'Percent of cost', 'percent-margin': 'Percent of price', 'lump-sum': 'Lump sum',
  index: 'Rise and fall', 'risk-register': 'Risk register', 'target-total': 'Target total', 'round-total': 'Round the total up',
}
/** What each kind does, for the list to choose from. */
export const KIND_HELP: Record<KindName, string> = {
  'spread-indirect': 'Shares the cost of site indirects over the schedule.',
  'percent-markup': 'Adds a percentage of its base.',
  'percent-margin': 'Adds so much that it is a percentage of the result.',
  'lump-sum': 'Adds one amount, or takes one off.',
  index: 'Carries part of the base from one index to another.',
  'risk-register': 'Adds probability times impact of each risk.',
  'target-total': 'Adds what is missing to a price you name. Last in the chain.',
  'round-total': 'Rounds the price up to a multiple. Last in the chain.',
}
export const KINDS = Object.keys(KIND_NAMES) as KindName[]
export const NATURE_NAMES: Record<Nature, string> = { cost: 'Cost', margin: 'Margin' }

/** The name of a row by id, as far as it is known. */
export type NameOf = (id: string) => string | undefined

/** The figure of a rule: "3.5 %", "6,800.00", "2 items". */
export function valueWords(kind: RuleKindInput): string {
  switch (kind.type) {
    case 'spread-indirect': return count(kind.items.length, 'item')
    case 'percent-markup':
    case 'percent-margin': {
      const bounds = [kind.floor == null ? '' : `at least ${formatMoney(kind.floor)}`, kind.cap == null ? '' : `at most ${formatMoney(kind.cap)}`]
      return [formatPercent(kind.percent), ...bounds.filter(Boolean)].join(', ')
    }
    case 'lump-sum': return formatMoney(kind.amount)
    case 'index': return `${formatPercent(kind.weight)} from ${formatQuantity(kind.start)} to ${formatQuantity(kind.end)}`
    case 'risk-register': return count(kind.risks.length, 'risk')
    case 'target-total': return formatMoney(kind.total)
    case 'round-total': return `to ${formatMoney(kind.multiple)}`
  }
}

function listed(names: string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}

function typesWords(types: readonly ResourceType[]): string {
  const words = listed(types.map((type) => TYPE_NAMES[type].toLowerCase()))
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** What a rule is worked on: "Running value", "Labour and plant cost", "Amount of Overhead". */
export function baseWords(base: RuleBaseInput | null | undefined, ruleName: NameOf): string {
  switch (base?.type) {
    case undefined:
    case 'running': return 'Running value'
    case 'direct': return 'Direct cost'
    case 'types': return base.types.length ? `${typesWords(base.types)} cost` : 'No cost type'
    case 'rules': return base.rules.length ? `Amount of ${listed(base.rules.map((id) => ruleName(id) ?? 'a deleted rule'))}` : 'No rule'
  }
}

function withinWords(within: WithinInput, name: NameOf): string {
  switch (within.type) {
    case 'all': return 'All items'
    case 'heading': return name(within.id) ?? 'A heading'
    case 'cost-type': return `Items with ${TYPE_NAMES[within.costType].toLowerCase()}`
    case 'package': return name(within.id) ?? 'A package'
    case 'items': {
      const [only] = within.items
      return within.items.length === 1 && only ? (name(only) ?? '1 item') : count(within.items.length, 'item')
    }
  }
}

/** Where a rule acts: "All items", "2.1 Earthworks except 2.03 Undercut". */
export function scopeWords(scope: RuleScopeInput | null | undefined, name: NameOf): string {
  if (!scope) return 'All items'
  const except = (scope.except ?? []).map((one) => withinWords(one, name))
  return withinWords(scope.within, name) + (except.length ? ` except ${listed(except)}` : '')
}

/** Rows that the scopes of rules name one by one, so that their names can be read. */
export function namedRows(rules: readonly { set: CommercialRuleFields }[]): string[] {
  const found = new Set<string>()
  for (const { set } of rules) {
    if (!set.scope) continue
    for (const within of [set.scope.within, ...(set.scope.except ?? [])]) {
      if (within.type === 'heading') found.add(within.id)
      const only = within.type === 'items' && within.items.length === 1 ? within.items[0] : undefined
      if (only) found.add(only)
    }
  }
  return [...found].sort()
}

/** The whole rule in a sentence, for the screen reader and for tooltips. */
export function ruleSentence(rule: Pick<CommercialRule, 'set'>, ruleName: NameOf, rowName: NameOf): string {
  const { kind, base, scope } = rule.set
  if (!kind) return ''
  return `${KIND_NAMES[kind.type]}: ${valueWords(kind)}, on ${baseWords(base, ruleName).toLowerCase()}, ${scopeWords(scope, rowName)}`
}
