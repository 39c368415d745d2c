import { expect, it } from 'vitest'
import { draftNeeds, draftOf, fieldsOf, newDraft } from './draft'
import { KINDS, baseWords, namedRows, ruleSentence, scopeWords, valueWords } from './words'

const none = () => undefined

it('says the figure of every kind', () => {
  expect(valueWords({ type: 'percent-markup', percent: '3.5000' })).toBe('3.5 %')
  expect(valueWords({ type: 'percent-margin', percent: '8.0000', floor: '500', cap: '9000.00' })).toBe('8 %, at least 500.00, at most 9,000.00')
  expect(valueWords({ type: 'spread-indirect', items: ['a'] })).toBe('1 item')
  expect(valueWords({ type: 'lump-sum', amount: '-6800.00' })).toBe('-6,800.00')
  expect(valueWords({ type: 'index', weight: '40.0000', start: '108.000000', end: '112.500000' })).toBe('40 % from 108 to 112.5')
  expect(valueWords({ type: 'risk-register', risks: [] })).toBe('0 risks')
  expect(valueWords({ type: 'target-total', total: '490000.00' })).toBe('490,000.00')
  expect(valueWords({ type: 'round-total', multiple: '100.00' })).toBe('to 100.00')
})

it('says what a rule is worked on and where', () => {
  expect(baseWords({ type: 'types', types: ['labour', 'plant'] }, none)).toBe('Labour and plant cost')
  expect(baseWords({ type: 'rules', rules: ['x', 'y'] }, (id) => (id === 'x' ? 'Overhead' : undefined))).toBe('Amount of Overhead and a deleted rule')
  const scope = { within: { type: 'heading' as const, id: 'h' }, except: [{ type: 'items' as const, items: ['i'] }, { type: 'cost-type' as const, costType: 'plant' as const }] }
  const names = (id: string) => ({ h: '2.1 Earthworks', i: '2.03 Undercut' })[id]
  expect(scopeWords(scope, names)).toBe('2.1 Earthworks except 2.03 Undercut and Items with plant')
  expect(namedRows([{ set: { scope } }])).toEqual(['h', 'i'])
  expect(ruleSentence({ set: { kind: { type: 'percent-markup', percent: '4' }, base: { type: 'running' }, scope } }, none, names)).toBe('Percent of cost: 4 %, on running value, 2.1 Earthworks except 2.03 Undercut and Items with plant')
})

it('gives a new rule of each kind a name of its own, and reads back what it writes', () => {
  for (const kind of KINDS) {
    const draft = newDraft(kind, { taken: ['Profit'], pool: ['p'] })
    expect(draft.name).not.toBe('Profit')
    const filled = { ...draft, percent: '1', amount: '1', start: '1', end: '2', weight: '50', total: '1', multiple: '1', risks: draft.risks.map((risk) => ({ ...risk, name: 'Flood', probability: '10', impact: '100' })) }
    expect(draftNeeds(filled)).toEqual([])
    expect(fieldsOf(draftOf(fieldsOf(filled)))).toEqual(fieldsOf(filled))
  }
  expect(draftNeeds(newDraft('lump-sum', { taken: [], pool: [] }))).toEqual(['an amount'])
  expect(fieldsOf({ ...newDraft('lump-sum', { taken: [], pool: [] }), amount: '$6,800' }).kind).toEqual({ type: 'lump-sum', amount: '6800' })
})
