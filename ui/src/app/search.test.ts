import { expect, test } from 'vitest'
import { z } from 'zod/mini'
import { parseSearch, word } from './search'

const q = (address: string): string | undefined => z.parse(z.object({ q: word }), parseSearch(address)).q

test('what is looked for is the text that stands in the address, whatever it reads as', () => {
  for (const text of ['2614', '007', '12e4', '12e456', '1.50', 'true', 'null', 'kerb', '-0', '12345678901234567890']) {
    expect(q(`?q=${text}`)).toBe(text)
  }
  expect(q('?q=%222614%22')).toBe('2614')
  expect(q('?q={"a":1}')).toBeUndefined()
  expect(q('')).toBeUndefined()
})
