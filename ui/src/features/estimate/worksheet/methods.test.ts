import { describe, expect, it } from 'vitest'
import type { Line } from '~/api/types'
import { type LineInput, METHODS_OF, changesOf, defaultLine, filledIn, inputOf, inputsOf, lineText, modifiersOf, sentence, withMethod } from './methods'

const line: Line = {
  id: 'l', method: 'time', resourceId: 'r', type: 'plant', unit: 'h', rate: '98.0000', count: '1', production: '68.0000', efficiency: '0.83',
  resource: { id: 'r', code: 'PLT-EX20', description: 'Excavator', unit: 'h', state: 'active' },
}

describe('line methods', () => {
  it('offers each kind of line the methods it may use', () => {
    expect(METHODS_OF.material).not.toContain('time')
    expect(METHODS_OF.other).toContain('percent-of')
  })
  it('offers waste and packs to materials only', () => {
    expect(modifiersOf('usage', 'material')).toEqual(['waste', 'pack'])
    expect(modifiersOf('usage', 'recipe')).toEqual([])
    expect(modifiersOf('time', 'labour')).toEqual(['minimum'])
  })
  it('reads as a sentence', () => {
    expect(sentence('time', '850', 'm³').map((part) => (typeof part === 'string' ? part : `[${part.field}]`)).join(' ')).toBe('[count] × 850 m³ ÷ ( [production] m³/h × [efficiency] )')
  })
  it('starts a material with its own waste', () => {
    const entry = { kind: 'resource', id: 'm', code: 'MAT', description: '', type: 'material', unit: 't', state: 'active' } as const
    expect(defaultLine(entry, '', { waste: '5.0000' })).toMatchObject({ method: 'usage', usage: '1', waste: '5' })
    expect(defaultLine(entry, '', { waste: '0.0000' })).not.toHaveProperty('waste')
  })
  it('takes what comes late into inputs nobody has touched', () => {
    const initial: LineInput = { method: 'time', count: '1', efficiency: '0.83' }
    expect(filledIn({ ...initial, count: '2' }, initial, { efficiency: '0.9' })).toEqual({ method: 'time', count: '2', efficiency: '0.9' })
    expect(filledIn({ ...initial, efficiency: '0.75' }, initial, { efficiency: '0.9' }).efficiency).toBe('0.75')
  })
})

describe('editing a line', () => {
  it('starts a method that is timed with one crew and a 50-minute hour, and keeps what was typed', () => {
    expect(withMethod({ method: 'usage', recipeId: 'c', usage: '1' }, 'time')).toMatchObject({ method: 'time', count: '1', efficiency: '0.83' })
    expect(withMethod({ ...inputOf(line), count: '2', efficiency: '0.9' }, 'norm')).toMatchObject({ count: '2', efficiency: '0.9' })
    expect(withMethod(inputOf(line), 'fixed')).toEqual({ ...inputOf(line), method: 'fixed' })
  })
  it('sends only what changed', () => {
    const before = inputOf(line)
    expect(before.production).toBe('68')
    expect(changesOf(before, { ...before, production: '70' })).toEqual({ production: '70' })
    expect(changesOf(before, { ...before, note: '' })).toEqual({})
  })
  it('goes to a spreadsheet with plain figures', () => {
    expect(lineText({ ...line, lineQuantity: '15.060241', cost: '1475.90' })).toEqual(['PLT-EX20', 'Excavator', '15.060241', 'h', '98.0000', '1475.90'])
  })
  it('drops the inputs of the old method', () => {
    const after: LineInput = { ...inputOf(line), method: 'fixed', quantity: '12' }
    expect(inputsOf(after)).toMatchObject({ quantity: '12', count: null, production: null })
    expect(changesOf(inputOf(line), after)).toEqual({ method: 'fixed', quantity: '12', count: null, production: null, efficiency: null })
  })
})
