/**
 * Keys pressed while the place they are meant for is on its way: they are kept in order and pressed again
 * once it is there, so that a fast hand on a slow machine writes where it meant to.
 */

/** The longest keys are held, ms; what was meant for a place that never came is dropped. */
const HOLD_MAX_MS = 15_000
/** Keys held at most. */
const KEYS_MAX = 500

export interface Hold {
  /** The place is there: once nothing else holds, the keys are pressed on whatever has the keyboard. */
  release: () => void
}

export type Press = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

const holds = new Map<object, { onDrop: () => void; timer: ReturnType<typeof setTimeout> }>()
const kept: Press[] = []
const replayed = new WeakSet<Event>()
let listening = false
let replaying = false

/**
 * Holds every key from now on, the given one first. Esc, a click or too long a wait drops what was kept
 * and calls `onDrop`.
 */
export function holdKeys(onDrop: () => void = () => {}, first?: Press): Hold {
  const token = {}
  holds.set(token, { onDrop, timer: setTimeout(dropKeys, HOLD_MAX_MS) })
  // A key that is already on its second way stays ahead of those behind it.
  if (first) kept.unshift(pressOf(first))
  listen(true)
  return {
    release: () => {
      const held = holds.get(token)
      if (!held) return
      clearTimeout(held.timer)
      holds.delete(token)
      if (holds.size === 0) void replay()
    },
  }
}

/** Forgets what is held: the place does not come. */
export function dropKeys(): void {
  const all = [...holds.values()]
  holds.clear()
  kept.length = 0
  if (!replaying) listen(false)
  for (const { onDrop, timer } of all) {
    clearTimeout(timer)
    onDrop()
  }
}

function listen(on: boolean): void {
  if (on === listening) return
  listening = on
  const change = on ? window.addEventListener.bind(window) : window.removeEventListener.bind(window)
  change('keydown', onKeyDown, true)
  change('pointerdown', dropKeys, true)
}

function onKeyDown(event: KeyboardEvent): void {
  if (replayed.has(event) || event.isComposing || isLeftToBrowser(event)) return
  // Only the browser has the clipboard: with nothing to wait for, its keys go to it.
  if (isOfClipboard(event) && holds.size === 0 && kept.length === 0) return
  if (event.key === 'Escape') return dropKeys()
  event.preventDefault()
  event.stopImmediatePropagation()
  if (kept.length < KEYS_MAX) kept.push(pressOf(event))
}

/** Modifiers alone, reloading, the address bar and tabs. */
function isLeftToBrowser(press: Press): boolean {
  return ['Control', 'Shift', 'Alt', 'Meta', 'F5', 'F11', 'F12'].includes(press.key) || ((press.ctrlKey || press.metaKey) && !press.shiftKey && /^[rltwn]$/i.test(press.key))
}

function isOfClipboard(press: Press): boolean {
  return (press.ctrlKey || press.metaKey) && !press.altKey && !press.shiftKey && /^[cxv]$/i.test(press.key)
}

function pressOf({ key, code, ctrlKey, metaKey, altKey, shiftKey }: Press): Press {
  return { key, code, ctrlKey, metaKey, altKey, shiftKey }
}

/** One key at a time, with a turn of the event loop between them, as a hand would; what is pressed meanwhile queues behind. */
async function replay(): Promise<void> {
  if (replaying) return
  replaying = true
  try {
    await turn()
    while (holds.size === 0) {
      const press = kept.shift()
      if (!press) break
      again(press)
      if (isOfClipboard(press)) await ofClipboard(press)
      await turn()
    }
  } finally {
    replaying = false
    // Whoever holds now releases later.
    if (holds.size === 0) listen(false)
  }
}

const turn = () => new Promise<void>((done) => setTimeout(done))

const TABBABLE = 'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex]'

/** Presses a key where the keyboard is and does what the browser would have done with it. */
function again(press: Press): void {
  const target = document.activeElement ?? document.body
  const event = new KeyboardEvent('keydown', { ...press, bubbles: true, cancelable: true })
  replayed.add(event)
  if (!target.dispatchEvent(event)) return
  const writes = isField(target)
  const plain = !press.ctrlKey && !press.metaKey && !press.altKey
  if (press.key === 'Tab') return tab(target, press.shiftKey ? -1 : 1)
  if (!plain) return
  // The one way to write into a field that its own listeners and undo take for typing.
  if (writes && press.key.length === 1) document.execCommand('insertText', false, press.key)
  else if (writes && press.key === 'Backspace') document.execCommand('delete')
  else if (press.key === 'Enter' && target instanceof HTMLInputElement) target.form?.requestSubmit()
  else if ((press.key === 'Enter' || press.key === ' ') && target instanceof HTMLButtonElement) target.click()
}

/** What the browser would have done with a key of the clipboard; a field takes its text, rows of the grid wait for another key. */
async function ofClipboard(press: Press): Promise<void> {
  if (!/^v$/i.test(press.key)) {
    document.execCommand(/^c$/i.test(press.key) ? 'copy' : 'cut')
    return
  }
  const target = document.activeElement
  const text = isField(target) ? await navigator.clipboard?.readText().catch(() => '') : ''
  if (!text || target !== document.activeElement) return
  const clipboardData = new DataTransfer()
  clipboardData.setData('text/plain', text)
  if (target?.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))) document.execCommand('insertText', false, text)
}

function isField(element: Element | null): element is HTMLInputElement | HTMLTextAreaElement {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement
}

function tab(from: Element, by: 1 | -1): void {
  const stops = [...document.querySelectorAll<HTMLElement>(TABBABLE)].filter((one) => one === from || (one.tabIndex >= 0 && one.getClientRects().length > 0))
  const next = stops[stops.indexOf(from as HTMLElement) + by]
  next?.focus()
  if (next instanceof HTMLInputElement) next.select()
}
