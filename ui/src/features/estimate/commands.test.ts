import { expect, it } from 'vitest'
import { COMMANDS, chordOf, commandFor, keysOf } from './commands'

const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}, code = '') =>
  ({ key, code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held })

it('names key presses', () => {
  expect(chordOf(press('z', { ctrlKey: true }))).toBe('Ctrl+Z')
  expect(chordOf(press('Z', { metaKey: true, shiftKey: true }))).toBe('Ctrl+Shift+Z')
  expect(chordOf(press(' '))).toBe('Space')
  expect(chordOf(press(' ', { shiftKey: true }))).toBe('Shift+Space')
  expect(chordOf(press('?', { shiftKey: true }))).toBe('?')
  expect(chordOf(press('!', { ctrlKey: true, shiftKey: true }, 'Digit1'))).toBe('Ctrl+Shift+1')
  expect(chordOf(press('ArrowUp', { altKey: true }))).toBe('Alt+ArrowUp')
})
it('finds the command of a chord', () => {
  expect(commandFor('Ctrl+Shift++')).toBe('insert-item')
  expect(commandFor('Ctrl+Shift+Z')).toBe('redo')
  expect(commandFor('Q')).toBeUndefined()
})
it('gives no chord to two commands', () => {
  const chords = COMMANDS.flatMap((command) => command.keys)
  expect(new Set(chords).size).toBe(chords.length)
})
it('shows arrows as arrows', () => {
  expect(keysOf('move-up')).toBe('Alt+↑')
})
