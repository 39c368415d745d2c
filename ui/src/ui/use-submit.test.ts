// @vitest-environment jsdom
import { act, cleanup, renderHook } from '@testing-library/react'
import type { FormEvent } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { useSubmit } from './use-submit'

const show = () => renderHook(() => useSubmit()).result
/** Work that stays under way until it is let go or refused. */
function held() {
  let [done, refuse]: [() => void, (error: Error) => void] = [() => {}, () => {}]
  const promise = new Promise<void>((resolve, reject) => { [done, refuse] = [resolve, reject] })
  return { work: vi.fn(() => promise), done, refuse }
}
const refused = (words: string) => () => Promise.reject(new Error(words))
const submitted = () => new Event('submit', { cancelable: true }) as Event & FormEvent

describe('what a dialog sends', () => {
  afterEach(cleanup)

  it('is busy until the work is done, and keeps the browser from sending the form', async () => {
    const shown = show()
    const { work, done } = held()
    const event = submitted()
    act(() => { shown.current.run(work, event) })
    expect(event.defaultPrevented).toBe(true)
    expect(shown.current).toMatchObject({ busy: true, refusal: null })
    await act(async () => done())
    expect(work).toHaveBeenCalledOnce()
    expect(shown.current).toMatchObject({ busy: false, refusal: null })
  })

  it('shows why it was refused until the next try', async () => {
    const shown = show()
    await act(async () => shown.current.run(refused('The code is taken.')))
    expect(shown.current).toMatchObject({ busy: false, refusal: 'The code is taken.' })
    const { work, refuse } = held()
    act(() => { shown.current.run(work) })
    expect(shown.current).toMatchObject({ busy: true, refusal: null })
    await act(async () => refuse(new Error('The name is taken.')))
    expect(shown.current).toMatchObject({ busy: false, refusal: 'The name is taken.' })
    await act(async () => shown.current.run(async () => {}))
    expect(shown.current).toMatchObject({ busy: false, refusal: null })
  })

  it('is sent once, however often it is asked for meanwhile', async () => {
    const shown = show()
    const { work, done } = held()
    const again = submitted()
    // Both before the first is drawn as busy.
    act(() => { shown.current.run(work); shown.current.run(work) })
    act(() => { shown.current.run(work, again) })
    expect(work).toHaveBeenCalledOnce()
    expect(again.defaultPrevented).toBe(true)
    await act(async () => done())
    await act(async () => shown.current.run(work))
    expect(work).toHaveBeenCalledTimes(2)
  })

  it('forgets the refusal when that is typed anew', async () => {
    const shown = show()
    await act(async () => shown.current.run(refused('The code is taken.')))
    act(() => shown.current.clear())
    expect(shown.current).toMatchObject({ busy: false, refusal: null })
  })
})
