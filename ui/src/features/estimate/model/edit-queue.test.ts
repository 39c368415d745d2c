import { describe, expect, it, vi } from 'vitest'
import { ApiProblem } from '~/api/client'
import type { Edit, EditResult } from '~/api/types'
import { item } from '~/test/rows'
import { type Conflict, EditQueue, type QueueHooks, TheirsStands } from './edit-queue'

const done = (lsn: number, rows: EditResult['rows'] = []): EditResult => ({
  lsn, made: true, label: '', results: [], rows, removed: [], structure: false, reload: false, totals: {} as never, worksheets: [], undo: {},
})
const update = (id: string, set: object, version = 1): Edit => ({ op: 'update-item', id, version, set })
const problem = (code: string, status: number, current?: unknown) => new ApiProblem({ type: '', title: code, status, code, current })

let here = true

function harness(answers: ((edits: Edit[], key: string) => EditResult)[], more: Partial<QueueHooks> = {}) {
  const sent: { edits: Edit[]; key: string }[] = []
  const queue = new EditQueue({
    send: async ({ edits }, key) => {
      sent.push({ edits, key })
      const answer = answers.shift()
      if (!answer) throw new Error('no answer left')
      return answer(edits, key)
    },
    onResult: () => {}, onChange: () => {}, onSignedOut: () => {}, isSignedIn: () => here, ...more,
  })
  return { queue, sent }
}

describe('the edit queue', () => {
  it('sends nothing in another name, and goes on by itself once its own person is back', async () => {
    vi.useFakeTimers()
    here = false
    const { queue, sent } = harness([() => done(1)])
    const result = queue.submit([update('a', { quantity: '5' })])
    await vi.advanceTimersByTimeAsync(10_000)
    expect([sent.length, queue.waiting]).toEqual([0, true])
    here = true
    await vi.advanceTimersByTimeAsync(10_000)
    await expect(result).resolves.toMatchObject({ lsn: 1 })
    vi.useRealTimers()
  })

  it('sends one edit after the other and moves the versions of those behind', async () => {
    const { queue, sent } = harness([() => done(1, [item('a', { version: 2 })]), () => done(2)])
    const first = queue.submit([update('a', { quantity: '5' })])
    const second = queue.submit([update('a', { unit: 'm' })])
    await Promise.all([first, second])
    expect(sent[1]?.edits[0]).toMatchObject({ version: 2, set: { unit: 'm' } })
  })

  it('keeps an edit when the server is away and sends it again under the same key', async () => {
    vi.useFakeTimers()
    const { queue, sent } = harness([() => { throw problem('offline', 0) }, () => done(1)])
    const result = queue.submit([update('a', { quantity: '5' })], { overlay: new Map([['a', { quantity: '5' }]]) })
    await vi.advanceTimersByTimeAsync(0)
    expect(queue.waiting).toBe(true)
    expect(queue.overlay().get('a')).toEqual({ quantity: '5' })
    queue.resume()
    await expect(result).resolves.toMatchObject({ lsn: 1 })
    expect(sent[0]?.key).toBe(sent[1]?.key)
    expect(queue.overlay().size).toBe(0)
    vi.useRealTimers()
  })

  it('keeps an edit when the person was signed out, and tells those who wait for it that it waits', async () => {
    const { queue, sent } = harness([() => { throw problem('not-signed-in', 401) }, () => done(1)])
    const result = queue.submit([update('a', { quantity: '5' })])
    await expect(queue.settled()).resolves.toBe(false)
    expect(queue.size).toBe(1)
    queue.resume()
    await expect(result).resolves.toMatchObject({ lsn: 1 })
    await expect(queue.settled()).resolves.toBe(true)
    expect(sent).toHaveLength(2)
  })

  it('merges when somebody else changed another field of the row', async () => {
    const { queue, sent } = harness([() => { throw problem('stale-version', 409, item('a', { version: 7, unit: 'm' })) }, () => done(9)])
    await queue.submit([update('a', { quantity: '5' })], { seen: new Map([['a', item('a')]]) })
    expect(sent[1]?.edits[0]).toMatchObject({ version: 7, set: { quantity: '5' } })
  })

  it('reports a conflict when somebody else changed the same field', async () => {
    const { queue } = harness([() => { throw problem('stale-version', 409, item('a', { version: 7, quantity: '9.0000' })) }])
    await expect(queue.submit([update('a', { quantity: '5' })], { seen: new Map([['a', item('a')]]) })).rejects.toMatchObject({ code: 'stale-version' })
  })

  it('goes on with the next edit after a refusal', async () => {
    const { queue } = harness([() => { throw problem('item-quantity-invalid', 422) }, () => done(3)])
    const bad = queue.submit([update('a', { quantity: 'x' })])
    const good = queue.submit([update('b', { quantity: '1' })])
    await expect(bad).rejects.toMatchObject({ status: 422 })
    await expect(good).resolves.toMatchObject({ lsn: 3 })
  })

  it('shows both sides of a conflict and sends what was chosen', async () => {
    const asked: Conflict[] = []
    const clash = () => { throw problem('stale-version', 409, item('a', { version: 7, quantity: '9.0000' })) }
    const { queue, sent } = harness([clash, () => done(8), clash], { onConflict: (conflict) => { asked.push(conflict); return Promise.resolve(asked.length === 1 ? 'mine' : 'theirs') } })
    const seen = new Map([['a', item('a')]])
    await queue.submit([update('a', { quantity: '5' })], { seen })
    expect(asked[0]?.clashes).toEqual([{ field: 'quantity', mine: '5', theirs: '9.0000' }])
    expect(sent[1]?.edits[0]).toMatchObject({ version: 7, set: { quantity: '5' } })
    await expect(queue.submit([update('a', { quantity: '6' })], { seen })).rejects.toBeInstanceOf(TheirsStands)
  })

  it('takes rows again when the server has forgotten who held them, and sends the edit once more', async () => {
    const lost: string[] = []
    const { queue, sent } = harness([() => { throw problem('lock-lease-expired', 409) }, () => done(1)], { onLeaseLost: (edits) => { for (const edit of edits) if ('id' in edit && typeof edit.id === 'string') lost.push(edit.id) } })
    await queue.submit([update('a', { quantity: '5' })])
    expect(lost).toEqual(['a'])
    expect(sent[1]?.key).toBe(sent[0]?.key)
  })
})
