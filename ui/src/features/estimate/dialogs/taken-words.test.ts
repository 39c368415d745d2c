import { expect, it } from 'vitest'
import { takenWords } from './taken-words'

it('says what a programme changed, and that nothing did', () => {
  expect(takenWords({ added: 1, changed: 0, removed: 0, fixed: 0 })).toBe('1 duration came.')
  expect(takenWords({ added: 12, changed: 3, removed: 2, fixed: 1 })).toBe('12 durations came, 3 changed, 2 went with their tasks, 1 kept without a task.')
  expect(takenWords({ added: 0, changed: 0, removed: 0, fixed: 0 })).toBe('Every duration is as it was.')
})
