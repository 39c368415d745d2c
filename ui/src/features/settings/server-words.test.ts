import { describe, expect, it } from 'vitest'
import { duration, inWords, spans, writtenOtherwise } from './server-words'

describe('settings in words', () => {
  it('says what is set as people do', () => {
    expect(inWords({ key: 'limits.token_per_minute', value: '100' })).toBe('100 a minute')
    expect(inWords({ key: 'limits.address_per_minute', value: '0' })).toBe('no limit')
    expect(inWords({ key: 'limits.import_bytes_max', value: '67108864' })).toBe('67 MB')
    expect(inWords({ key: 'auth.session_idle_seconds', value: '43200' })).toBe('12 hours')
    expect(inWords({ key: 'auth.mode', value: '"oidc"' })).toBe('oidc')
    expect(inWords({ key: 'server.public_url', value: '""' })).toBe('not set')
  })

  it('knows where the file writes another figure', () => {
    const other = (key: string, value: string) => writtenOtherwise({ key, value })
    expect(other('auth.session_idle_seconds', '43200')).toBe(true)
    expect(other('limits.request_seconds_max', '30')).toBe(false)
    expect(other('limits.import_bytes_max', '67108864')).toBe(true)
    expect(other('limits.token_per_minute', '100')).toBe(false)
    expect(other('auth.mode', '"oidc"')).toBe(false)
  })

  it('takes the largest unit that says it exactly', () => {
    expect(duration(1_209_600)).toBe('14 days')
    expect(duration(86_400)).toBe('1 day')
    expect(duration(90)).toBe('90 seconds')
    expect(duration(0)).toBe('0 seconds')
  })

  it('finds names between backticks', () => {
    expect(spans('a `b` c')).toEqual([{ code: false, text: 'a ' }, { code: true, text: 'b' }, { code: false, text: ' c' }])
    expect(spans('plain')).toEqual([{ code: false, text: 'plain' }])
  })
})
