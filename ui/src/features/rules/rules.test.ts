import { expect, it } from 'vitest'
import type { Rule } from '~/api/types'
import { byModule, fitsRule } from './rules'

const rule: Rule = { id: 'BR-020', title: 'Quantity is a number', code: 'item-quantity-invalid', module: 'Items', kind: 'block', trigger: 'save', explanation: 'Zero or more.', statement: 'A quantity is zero or more.', checkedIn: 'Every edit of an estimate', enforced: true }
const none = { text: '', kind: '' as const, enforced: '' as const }

it('finds a rule by any of its words, all of which must occur', () => {
  expect(fitsRule(rule, { ...none, text: 'br-020' }) && fitsRule(rule, { ...none, text: 'quantity zero' })).toBe(true)
  expect(fitsRule(rule, { ...none, text: 'quantity tender' })).toBe(false)
  expect(fitsRule(rule, { ...none, kind: 'invariant' }) || fitsRule(rule, { ...none, enforced: 'no' })).toBe(false)
})

it('keeps the order of rules and modules', () => {
  const other = { ...rule, id: 'BR-001', module: 'Tenders' }
  expect(byModule([other, rule, { ...rule, id: 'BR-021' }]).map((group) => [group.module, group.rules.length])).toEqual([['Tenders', 1], ['Items', 2]])
})
