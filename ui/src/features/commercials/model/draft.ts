import type { CommercialRuleFields, Nature, ResourceType, RuleKindInput, WithinInput } from '~/api/types'
import { editableDecimal, readDecimal } from '~/ui/decimal'
import type { KindName } from './words'

export interface DraftRisk { key: number; name: string; probability: string; impact: string }

/** A rule as it stands in the editor: every kind's figures side by side, so that changing the kind keeps what was typed. */
export interface RuleDraft {
  name: string
  kind: KindName
  pool: string[]
  percent: string
  floor: string
  cap: string
  amount: string
  weight: string
  start: string
  end: string
  risks: DraftRisk[]
  total: string
  multiple: string
  base: 'running' | 'direct' | 'types' | 'rules'
  baseTypes: ResourceType[]
  baseRules: string[]
  within: WithinInput
  except: WithinInput[]
  nature: Nature
  active: boolean
}

const EMPTY: RuleDraft = {
  name: '', kind: 'percent-markup', pool: [], percent: '', floor: '', cap: '', amount: '', weight: '100', start: '', end: '', risks: [], total: '', multiple: '100',
  base: 'running', baseTypes: [], baseRules: [], within: { type: 'all' }, except: [], nature: 'cost', active: true,
}

let riskKey = 0

export function emptyRisk(): DraftRisk {
  riskKey += 1
  return { key: riskKey, name: '', probability: '', impact: '' }
}

const STARTS: Record<KindName, Partial<RuleDraft>> = {
  'spread-indirect': { name: 'Site indirects', base: 'direct', nature: 'cost' },
  'percent-markup': { name: 'Off-site overhead', percent: '5', nature: 'margin' },
  'percent-margin': { name: 'Profit', percent: '8', nature: 'margin' },
  'lump-sum': { name: 'Insurances and bond', nature: 'cost' },
  index: { name: 'Rise and fall', nature: 'cost', base: 'direct' },
  'risk-register': { name: 'Risks', nature: 'cost' },
  'target-total': { name: 'Commercial adjustment', nature: 'margin' },
  'round-total': { name: 'Rounding', nature: 'margin' },
}

/** A new rule of a kind, with a name and the usual figures; a name that is taken gets a number. */
export function newDraft(kind: KindName, context: { taken: readonly string[]; pool: readonly string[] }): RuleDraft {
  const start = { ...EMPTY, ...STARTS[kind], kind, pool: [...context.pool], risks: kind === 'risk-register' ? [emptyRisk()] : [] }
  let name = start.name
  for (let number = 2; context.taken.includes(name); number += 1) name = `${start.name} ${number}`
  return { ...start, name }
}

export function draftOf(set: CommercialRuleFields): RuleDraft {
  const { kind, base } = set
  const draft: RuleDraft = {
    ...EMPTY, name: set.name ?? '', kind: kind?.type ?? 'percent-markup', within: set.scope?.within ?? { type: 'all' }, except: [...(set.scope?.except ?? [])],
    nature: set.nature ?? 'cost', active: set.active ?? true, base: base?.type ?? 'running',
    baseTypes: base?.type === 'types' ? base.types : [], baseRules: base?.type === 'rules' ? base.rules : [],
  }
  switch (kind?.type) {
    case undefined: return draft
    case 'spread-indirect': return { ...draft, pool: kind.items }
    case 'percent-markup':
    case 'percent-margin': return { ...draft, percent: editableDecimal(kind.percent), floor: editableDecimal(kind.floor), cap: editableDecimal(kind.cap) }
    case 'lump-sum': return { ...draft, amount: editableDecimal(kind.amount) }
    case 'index': return { ...draft, weight: editableDecimal(kind.weight), start: editableDecimal(kind.start), end: editableDecimal(kind.end) }
    case 'risk-register':
      return { ...draft, risks: kind.risks.map((risk) => ({ ...emptyRisk(), name: risk.name, probability: editableDecimal(risk.probability), impact: editableDecimal(risk.impact) })) }
    case 'target-total': return { ...draft, total: editableDecimal(kind.total) }
    case 'round-total': return { ...draft, multiple: editableDecimal(kind.multiple) }
  }
}

/** What was typed as the server reads it; text that is no number goes as it is, to be refused by name. */
export function figure(text: string): string {
  return readDecimal(text.trim().replace(/%$/, '')) ?? text.trim()
}

function bound(text: string): string | null {
  return text.trim() === '' ? null : figure(text)
}

function kindOf(draft: RuleDraft): RuleKindInput {
  switch (draft.kind) {
    case 'spread-indirect': return { type: draft.kind, items: draft.pool }
    case 'percent-markup':
    case 'percent-margin': {
      const floor = bound(draft.floor)
      const cap = bound(draft.cap)
      return { type: draft.kind, percent: figure(draft.percent), ...(floor === null ? {} : { floor }), ...(cap === null ? {} : { cap }) }
    }
    case 'lump-sum': return { type: draft.kind, amount: figure(draft.amount) }
    case 'index': return { type: draft.kind, weight: figure(draft.weight), start: figure(draft.start), end: figure(draft.end) }
    case 'risk-register': return { type: draft.kind, risks: draft.risks.map((risk) => ({ name: risk.name.trim(), probability: figure(risk.probability), impact: figure(risk.impact) })) }
    case 'target-total': return { type: draft.kind, total: figure(draft.total) }
    case 'round-total': return { type: draft.kind, multiple: figure(draft.multiple) }
  }
}

/** The draft as an edit sets it. Its place in the chain is not part of it. */
export function fieldsOf(draft: RuleDraft): CommercialRuleFields {
  return {
    name: draft.name.trim(), kind: kindOf(draft), active: draft.active,
    base: draft.base === 'types' ? { type: 'types', types: draft.baseTypes } : draft.base === 'rules' ? { type: 'rules', rules: draft.baseRules } : { type: draft.base },
    scope: { within: draft.within, ...(draft.except.length ? { except: draft.except } : {}) },
    nature: draft.kind === 'spread-indirect' ? 'cost' : draft.nature,
  }
}

/** What the draft still needs before it is worth asking the server, in words. */
export function draftNeeds(draft: RuleDraft): string[] {
  const needs: string[] = []
  const need = (text: string, what: string) => { if (text.trim() === '') needs.push(what) }
  need(draft.name, 'a name')
  switch (draft.kind) {
    case 'spread-indirect': if (draft.pool.length === 0) needs.push('an item to spread'); break
    case 'percent-markup':
    case 'percent-margin': need(draft.percent, 'a percentage'); break
    case 'lump-sum': need(draft.amount, 'an amount'); break
    case 'index': need(draft.weight, 'a weight'); need(draft.start, 'the index it starts from'); need(draft.end, 'the index it goes to'); break
    case 'risk-register':
      if (draft.risks.length === 0) needs.push('a risk')
      if (draft.risks.some((risk) => [risk.name, risk.probability, risk.impact].some((text) => text.trim() === ''))) needs.push('a name, probability and impact for each risk')
      break
    case 'target-total': need(draft.total, 'a total'); break
    case 'round-total': need(draft.multiple, 'a multiple'); break
  }
  if (draft.base === 'types' && draft.baseTypes.length === 0) needs.push('a cost type as its base')
  if (draft.base === 'rules' && draft.baseRules.length === 0) needs.push('an earlier rule as its base')
  if (draft.within.type === 'heading' && draft.within.id === '') needs.push('a heading to act on')
  if (draft.within.type === 'items' && draft.within.items.length === 0) needs.push('an item to act on')
  return needs
}
