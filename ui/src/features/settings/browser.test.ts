import { expect, test } from 'vitest'
import { browserName } from './browser'

test('a browser is called by the name people know', () => {
  expect(browserName('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0')).toBe('Edge on Windows')
  expect(browserName('Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15')).toBe('Safari on macOS')
  expect(browserName('curl/8.5.0')).toBe('curl')
  expect(browserName('')).toBe('Unknown browser')
})
