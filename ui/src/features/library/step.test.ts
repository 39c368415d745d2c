// @vitest-environment jsdom
import { expect, it } from 'vitest'
import { isPlainPage, stepOf } from './step'

const keys = (key: string, more: Partial<{ ctrlKey: boolean; metaKey: boolean; altKey: boolean; shiftKey: boolean }> = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more })

it('goes back by Ctrl+Z and on by Ctrl+Y or Ctrl+Shift+Z', () => {
  expect(stepOf(keys('z', { ctrlKey: true }))).toBe('undo')
  expect(stepOf(keys('z', { metaKey: true }))).toBe('undo')
  expect(stepOf(keys('Z', { ctrlKey: true, shiftKey: true }))).toBe('redo')
  expect(stepOf(keys('y', { ctrlKey: true }))).toBe('redo')
  expect(stepOf(keys('z'))).toBeNull()
  expect(stepOf(keys('z', { ctrlKey: true, altKey: true }))).toBeNull()
  expect(stepOf(keys('k', { ctrlKey: true }))).toBeNull()
})

it('leaves the keys to what is typed into, and to dialogs and menus', () => {
  document.body.innerHTML = '<button id="b"></button><input id="i"><input id="c" type="checkbox"><textarea id="t"></textarea><div role="dialog"><button id="d"></button></div>'
  const at = (id: string) => document.getElementById(id)
  expect(isPlainPage(document.body)).toBe(true)
  expect(isPlainPage(at('b'))).toBe(true)
  expect(isPlainPage(at('c'))).toBe(true)
  for (const id of ['i', 't', 'd']) expect(isPlainPage(at(id)), id).toBe(false)
})
