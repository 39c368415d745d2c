import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import { cx } from './cx'
import { Icon, type IconName } from './icons'
import { Tooltip } from './tooltip'

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** primary: the one thing to do here; danger: it destroys; plain: no border. */
  look?: 'default' | 'primary' | 'danger' | 'plain'
  icon?: IconName
  /** Shows that the action is under way and stops a second click. */
  busy?: boolean
  /** Why it cannot be pressed, told on it; that alone disables it. */
  why?: string | undefined
  ref?: Ref<HTMLButtonElement>
}

const LOOKS = {
  default: 'border-edge/60 bg-pane text-ink hover:bg-line2',
  primary: 'border-acc bg-acc text-acc-ink hover:bg-acc-hover font-medium',
  danger: 'border-bad bg-pane text-bad hover:bg-bad2',
  plain: 'border-transparent bg-transparent text-ink2 hover:bg-line2 hover:text-ink',
}

export function Button({ look = 'default', icon, busy, why, className, children, disabled, type = 'button', ...props }: ButtonProps) {
  return (
    <button
      type={type} disabled={disabled || busy || why !== undefined} aria-busy={busy || undefined} title={why}
      className={cx(
        'inline-flex h-7 items-center justify-center gap-1.5 rounded-md border px-2.5 whitespace-nowrap transition-colors disabled:cursor-default disabled:opacity-50',
        LOOKS[look], className,
      )}
      {...props}
    >
      {icon && <Icon name={icon} size={14} />}
      {children}
    </button>
  )
}

export interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'title'> {
  icon: IconName
  /** The accessible name. */
  label: string
  /** What the tooltip says; the label when left out. */
  tip?: ReactNode
  /** Why it cannot be pressed, told on it; that alone disables it. */
  why?: string | undefined
  ref?: Ref<HTMLButtonElement>
}

export function IconButton({ icon, label, tip, why, disabled, className, type = 'button', ...props }: IconButtonProps) {
  return (
    <Tooltip text={why ?? tip ?? label}>
      <button
        type={type} aria-label={label} disabled={disabled || why !== undefined} title={why}
        className={cx(
          'inline-grid size-7 shrink-0 place-items-center rounded-md text-ink2 transition-colors hover:bg-line2 hover:text-ink disabled:cursor-default disabled:opacity-40 aria-pressed:bg-acc2 aria-pressed:text-acc',
          className,
        )}
        {...props}
      >
        <Icon name={icon} />
      </button>
    </Tooltip>
  )
}
