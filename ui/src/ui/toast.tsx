import { useSyncExternalStore } from 'react'
import { Link } from '@tanstack/react-router'
import { IconButton } from './button'
import { cx } from './cx'
import { Icon } from './icons'
import { problemText, rulesOf } from './problem'

export interface Toast {
  id: number
  /** A later toast of the same key takes the place of the earlier one. */
  key?: string
  look: 'info' | 'done' | 'bad'
  title: string
  detail?: string
  /** Rules named as links to the catalogue: "BR-020". */
  rules?: string[]
  /** A way to the place it is about, or to undo. */
  action?: { label: string; run: () => void }
  /** How long it stays, where that is not what its look says. */
  stayMs?: number
}

const STAY_MS = { info: 5_000, done: 4_000, bad: 12_000 }
const SHOWN_MAX = 4

let toasts: readonly Toast[] = []
let nextId = 1
const listeners = new Set<() => void>()

function publish(next: readonly Toast[]) {
  toasts = next
  for (const listener of listeners) listener()
}

function dismiss(id: number) {
  publish(toasts.filter((toast) => toast.id !== id))
}

function show(toast: Omit<Toast, 'id'>): number {
  const id = nextId++
  const others = toast.key ? toasts.filter((one) => one.key !== toast.key) : toasts
  publish([...others.slice(-(SHOWN_MAX - 1)), { ...toast, id }])
  setTimeout(() => dismiss(id), toast.stayMs ?? STAY_MS[toast.look])
  return id
}

export const toast = {
  info: (title: string, more?: Partial<Toast>) => show({ ...more, look: 'info', title }),
  done: (title: string, more?: Partial<Toast>) => show({ ...more, look: 'done', title }),
  bad: (title: string, more?: Partial<Toast>) => show({ ...more, look: 'bad', title }),
  /** A refused action: what was refused, the rule, why, and a link to the place when given. */
  refused: (what: string, error: unknown, action?: Toast['action']) =>
    show({ look: 'bad', title: what, detail: problemText(error), rules: rulesOf(error), ...(action ? { action } : {}) }),
  dismiss,
}

export function Toaster() {
  const shown = useSyncExternalStore(
    (listener) => { listeners.add(listener); return () => listeners.delete(listener) },
    () => toasts,
  )
  return (
    <div aria-live="polite" aria-relevant="additions" className="pointer-events-none fixed right-4 bottom-16 z-[80] flex w-96 max-w-[calc(100vw-2rem)] flex-col gap-2">
      {shown.map((one) => (
        <div
          key={one.id} role={one.look === 'bad' ? 'alert' : 'status'}
          className={cx('pop pointer-events-auto flex items-start gap-2.5 rounded-lg border border-line border-l-4 bg-raise py-2.5 pr-1.5 pl-3 shadow-pop',
            one.look === 'bad' ? 'border-l-bad' : one.look === 'done' ? 'border-l-mat' : 'border-l-acc')}
        >
          <Icon name={one.look === 'bad' ? 'warning' : one.look === 'done' ? 'check' : 'info'} className={cx('mt-px shrink-0', one.look === 'bad' ? 'text-bad' : 'text-acc')} />
          <div className="min-w-0 flex-1">
            <p className="font-medium">{one.title}</p>
            {one.detail && <p className="mt-0.5 text-ink2">{one.detail}</p>}
            {(one.rules?.length || one.action) && (
              <p className="mt-1 flex gap-3">
                {one.rules?.map((rule) => (
                  <Link key={rule} to="/rules" hash={rule} className="text-acc underline underline-offset-2">{rule}</Link>
                ))}
                {one.action && (
                  <button type="button" className="font-medium text-acc underline underline-offset-2" onClick={() => { one.action?.run(); dismiss(one.id) }}>
                    {one.action.label}
                  </button>
                )}
              </p>
            )}
          </div>
          <IconButton icon="close" label="Dismiss" onClick={() => dismiss(one.id)} />
        </div>
      ))}
    </div>
  )
}
