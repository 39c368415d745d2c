import { QueryClient } from '@tanstack/react-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { clientId } from '~/api/client'
import { keys } from '~/api/queries'
import type { EditResult, Estimate, LiveDelta, Row, RowsWindow } from '~/api/types'
import { live } from '~/live'
import type { EstimateListener } from '~/live'
import { heading, item } from '~/test/rows'
import { updateOf } from './edits'
import { EstimateSession } from './session'

const totals = { direct: '9.00' } as never
const result = (lsn: number, rows: Row[], more: Partial<EditResult> = {}): EditResult => ({
  lsn, made: true, label: 'Edit', results: [], rows, removed: [], structure: false, reload: false, totals, worksheets: [], undo: {}, ...more,
})
const delta = (lsn: number, rows: Row[], more: Partial<LiveDelta> = {}): LiveDelta => ({
  type: 'delta', estimateId: 'e', lsn, actor: { id: 'u2', name: 'Tama' }, label: '', rows, removed: [], structure: false, reload: false, totals, worksheets: [], ...more,
})

describe('an open estimate', () => {
  let session: EstimateSession
  let hears: EstimateListener
  let answers: ((path: string) => unknown)[]
  const asked: string[] = []

  beforeEach(() => {
    asked.length = 0
    answers = []
    vi.stubGlobal('fetch', async (path: string) => {
      asked.push(path)
      const answer = answers.shift()
      return new Response(JSON.stringify(answer ? answer(path) : {}), { headers: { 'content-type': 'application/json' } })
    })
    vi.stubGlobal('window', { addEventListener: () => {}, removeEventListener: () => {} })
    vi.spyOn(live, 'subscribe').mockImplementation((_, listener) => { hears = listener; return () => {} })
    session = new EstimateSession(new QueryClient({ defaultOptions: { queries: { retry: false } } }), 'e')
    session.open()
  })
  afterEach(() => vi.unstubAllGlobals())

  const window = (lsn: number, rows: Row[]): RowsWindow => ({ lsn, total: rows.length, offset: 0, rows })
  const load = (lsn: number, rows: Row[]) => {
    answers.push(() => window(lsn, rows))
    return session.client.fetchQuery(session.windowQuery(0))
  }

  it('shows what is typed at once and what the server made of it afterwards', async () => {
    await load(1, [heading('h'), item('a', { cost: '1.00' })])
    answers.push(() => result(2, [item('a', { quantity: '5.0000', cost: '5.00', version: 2 })]))
    const sent = session.submit([updateOf(item('a'), { quantity: '5' })], { overlay: new Map([['a', { quantity: '5' }]]) })
    expect(session.rowAt(1)).toMatchObject({ quantity: '5', cost: '1.00' })
    await sent
    expect(session.rowAt(1)).toMatchObject({ quantity: '5.0000', cost: '5.00' })
    expect(session.flashes.get('a')).toMatchObject({ colour: null })
    expect(session.flashes.get('a')?.fields).toContain('cost')
  })

  it('keeps every moment apart from the others and from what is live', async () => {
    await load(9, [item('a', { cost: '9.00' })])
    const past = new EstimateSession(session.client, 'e')
    past.travel(4)
    expect(past.cachedRow(0)).toBeUndefined()
    answers.push(() => window(4, [item('a', { cost: '4.00' }), item('gone')]))
    await past.client.fetchQuery(past.windowQuery(0))
    expect(asked.at(-1)).toMatch(/\/estimates\/e\/rows\?.*asOf=4/)
    expect([past.cachedTotal(), past.rowAt(0)?.cost, past.indexOf('gone')]).toEqual([2, '4.00', 1])
    expect([session.cachedTotal(), session.rowAt(0)?.cost, session.indexOf('gone')]).toEqual([1, '9.00', -1])
    hears.onDelta(delta(10, [item('a', { cost: '10.00' })]))
    expect([session.rowAt(0)?.cost, past.rowAt(0)?.cost]).toEqual(['10.00', '4.00'])
    past.travel(9)
    expect(past.rowAt(0)).toBeUndefined()
  })

  it('does not take the echo of its own commit for somebody else’s', async () => {
    await load(1, [item('a')])
    hears.onDelta(delta(2, [item('a', { cost: '3.00' })], { origin: clientId }))
    expect(session.flashes.get('a')?.colour).toBeNull()
    hears.onDelta(delta(3, [item('a', { cost: '4.00' })]))
    expect(session.flashes.get('a')?.colour).toMatch(/^#/)
    hears.onDelta(delta(3, [item('a', { cost: '99.00' })]))
    expect(session.rowAt(0)?.cost).toBe('4.00')
  })

  it('does not take the commit its answer names for one it has where the edit changed nothing', async () => {
    await load(1, [item('a', { cost: '1.00' })])
    answers.push(() => result(2, [], { made: false }))
    await session.submit([updateOf(item('a'), { quantity: '5' })])
    hears.onDelta(delta(2, [item('a', { cost: '3.00' })]))
    expect(session.rowAt(0)?.cost).toBe('3.00')
    // Nor where it shows the row it was about, which a live change of other rows follows.
    answers.push(() => result(3, [item('a', { cost: '3.00' })], { made: false }))
    await session.submit([updateOf(item('a'), { quantity: '5' })])
    answers.push(() => result(3, [item('a', { cost: '3.00' })], { made: false }))
    await session.submit([updateOf(item('a'), { quantity: '6' })])
    hears.onDelta(delta(3, [item('a', { cost: '4.00' })]))
    expect(session.rowAt(0)?.cost).toBe('4.00')
    hears.onDelta(delta(3, [item('a', { cost: '99.00' })]))
    expect(session.rowAt(0)?.cost).toBe('4.00')
  })

  it('asks for the state where a review or a change of what is reviewed may turn it', async () => {
    const state = () => session.client.getQueryData<Estimate>(keys.estimate('e'))?.state
    session.client.setQueryData(keys.estimate('e'), { state: 'in-progress', version: 1 })
    hears.onDelta(delta(2, [item('a', { status: 'priced' })]))
    expect(asked).toEqual([])
    answers.push(() => ({ state: 'reviewed', version: 1 }))
    hears.onDelta(delta(3, [item('a', { status: 'reviewed' })]))
    await vi.waitFor(() => expect(state()).toBe('reviewed'))
    answers.push(() => ({ state: 'in-progress', version: 1 }))
    hears.onDelta(delta(4, [item('a', { status: 'priced' })]))
    await vi.waitFor(() => expect(state()).toBe('in-progress'))
  })

  it('reads a window again that a change of structure overtook', async () => {
    answers.push(() => {
      hears.onDelta(delta(9, [], { structure: true }))
      return window(8, [item('a')])
    })
    answers.push(() => window(9, [item('b'), item('a')]))
    await session.client.fetchQuery(session.windowQuery(0))
    expect(session.indexOf('a')).toBe(1)
    expect(asked).toHaveLength(2)
  })

  it('unfolds what hides a row it is asked to go to', async () => {
    session.setView({ expandLevel: 1, toggled: [] })
    answers.push(() => ({ ancestors: ['top', 'middle'] }), () => ({ ancestors: ['top', 'middle'], index: 42 }))
    expect(await session.reveal('far')).toBe(42)
    expect(session.view.toggled).toEqual(['middle', 'top'])
    expect(asked[1]).toContain('toggled=middle%2Ctop')
  })

  it('asks with a body once there are many exceptions', async () => {
    session.setView({ expandLevel: 9, toggled: Array.from({ length: 41 }, (_, at) => `id${at}`) })
    await load(1, [])
    expect(asked[0]).toMatch(/rows\/query$/)
  })
})
