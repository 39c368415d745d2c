import { describe, expect, it } from 'vitest'
import type { Job } from '~/api/types'
import { failureOf, formatBytes, nextTry } from './words'

const job = (more: Partial<Job>): Job => ({
  id: 'a', kind: 'document', title: 'a.pdf', owner: { id: 'b', name: 'Ana' }, state: 'running', done: 0, total: 4, unit: 'stage', message: 'Waiting', tries: 1,
  triesMax: 6, createdAt: '2026-04-20T00:00:00Z', outcomes: [], ...more,
})

describe('the words of a job', () => {
  it('tells sizes as people do', () => {
    expect([96, 812_400, 2_440_000, 34_000_000].map(formatBytes)).toEqual(['96 bytes', '812 kB', '2.4 MB', '34 MB'])
  })
  it('says why a job failed by the rule, then the detail, then its message', () => {
    const error = { type: 'about:blank', title: 'Refused', status: 422, code: 'x', detail: 'Detail.' } as NonNullable<Job['error']>
    expect(failureOf(job({ error: { ...error, violations: [{ rule: 'BR-108', code: 'x', message: 'It is a draft.', objects: [] }] } }))).toBe('It is a draft.')
    expect(failureOf(job({ error }))).toBe('Detail.')
    expect(failureOf(job({ message: 'Given up' }))).toBe('Given up')
  })
  it('counts down to the next try', () => {
    const at = new Date('2026-04-20T00:00:00Z').getTime()
    expect(nextTry(job({ nextTryAt: '2026-04-20T00:00:03.2Z', tries: 2 }), at)).toBe('Try 3 of 6 in 4 s')
    expect(nextTry(job({}), at)).toBeNull()
  })
})
