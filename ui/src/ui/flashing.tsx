import { type ReactNode, useRef } from 'react'
import { cx } from './cx'

/** A figure that flashes when it changes while it is shown, and not when it first appears. */
export function Flashing({ value, children, className }: { value: string; children: ReactNode; className?: string }) {
  const last = useRef(value)
  const turn = useRef(0)
  if (last.current !== value) {
    last.current = value
    turn.current += 1
  }
  // A new key makes a new element, which starts the animation again.
  return <span key={turn.current} className={cx(turn.current > 0 && 'flash rounded-sm', className)}>{children}</span>
}
