import { expect, it } from 'vitest'
import { EXPAND_ALL, VIEW_DEFAULT, expandTo, filtered, isOpen, openAncestors, toggle, viewKey } from './view'

it('opens what is above the level, inverted for exceptions', () => {
  const view = toggle(expandTo(2), 'a')
  expect(isOpen(view, 'x', 1)).toBe(true)
  expect(isOpen(view, 'x', 2)).toBe(false)
  expect(isOpen(view, 'a', 1)).toBe(false)
  expect(isOpen(view, 'a', 2)).toBe(true)
})
it('toggles back and forth to the same view', () => {
  expect(viewKey(toggle(toggle(VIEW_DEFAULT, 'a'), 'a'))).toBe(viewKey(VIEW_DEFAULT))
  expect(viewKey(toggle(toggle(VIEW_DEFAULT, 'b'), 'a'))).toBe(`${EXPAND_ALL}:a,b`)
})
it('opens exactly the closed ancestors', () => {
  const view = openAncestors(expandTo(2), ['top', 'middle', 'low'])
  expect(view.toggled).toEqual(['low', 'middle'])
  expect(['top', 'middle', 'low'].map((id, index) => isOpen(view, id, index + 1))).toEqual([true, true, true])
})
it('is another view while it is narrowed, with everything in it open, and keeps its folds', () => {
  const narrow = filtered(toggle(expandTo(2), 'a'), ['red', 'blue'])
  expect(narrow).toEqual({ expandLevel: EXPAND_ALL, toggled: [], options: ['red', 'blue'] })
  expect(viewKey(narrow)).not.toBe(viewKey(expandTo(EXPAND_ALL)))
  expect(toggle(narrow, 'b').options).toEqual(['red', 'blue'])
  expect(filtered(toggle(narrow, 'b'), [])).toEqual({ expandLevel: EXPAND_ALL, toggled: ['b'] })
})
