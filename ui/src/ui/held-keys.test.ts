// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { dropKeys, holdKeys } from './held-keys'

let heard: string[] = []
const listener = (event: KeyboardEvent) => { heard.push(event.key) }
const press = (key: string) => window.document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
const turns = () => new Promise((done) => setTimeout(done, 40))
const hears = (keys: string[]) => vi.waitFor(() => { expect(heard).toEqual(keys) }, 5_000)

describe('held keys', () => {
  beforeEach(() => { heard = []; document.body.addEventListener('keydown', listener) })
  afterEach(() => { dropKeys(); document.body.removeEventListener('keydown', listener) })

  it('come in order once the place is there, with what is pressed meanwhile behind them', async () => {
    const hold = holdKeys()
    for (const key of ['1', '7', 'Enter']) press(key)
    expect(heard).toEqual([])
    hold.release()
    press('9')
    await hears(['1', '7', 'Enter', '9'])
    press('a')
    await hears(['1', '7', 'Enter', '9', 'a'])
  })

  it('leave the clipboard to the browser once nothing waits', async () => {
    const paste = () => {
      const event = new KeyboardEvent('keydown', { key: 'v', ctrlKey: true, bubbles: true, cancelable: true })
      document.body.dispatchEvent(event)
      return event.defaultPrevented
    }
    const hold = holdKeys()
    expect(paste()).toBe(true)
    hold.release()
    await hears(['v'])
    expect(paste()).toBe(false)
    expect(heard).toEqual(['v', 'v'])
  })

  it('wait for the last of several places', async () => {
    const [palette, row] = [holdKeys(), holdKeys()]
    press('x')
    palette.release()
    await turns()
    expect(heard).toEqual([])
    row.release()
    await hears(['x'])
  })

  it('are dropped by Esc, which goes on to what has the keyboard', async () => {
    let dropped = 0
    holdKeys(() => { dropped += 1 })
    press('x')
    press('Escape')
    await turns()
    expect([heard, dropped]).toEqual([['Escape'], 1])
  })

  it('keep the one that turned out to be for a place still on its way ahead of the others', async () => {
    const hold = holdKeys()
    for (const key of ['1', '2']) press(key)
    let again: ReturnType<typeof holdKeys> | undefined
    const once = (event: KeyboardEvent) => {
      document.body.removeEventListener('keydown', once, true)
      event.stopImmediatePropagation()
      again = holdKeys(() => {}, event)
    }
    document.body.addEventListener('keydown', once, true)
    hold.release()
    await vi.waitFor(() => { expect(again).toBeDefined() }, 5_000)
    await turns()
    expect(heard).toEqual([])
    again?.release()
    await hears(['1', '2'])
  })
})
