import { type InputHTMLAttributes, type ReactElement, type ReactNode, type Ref, type SelectHTMLAttributes, type TextareaHTMLAttributes, cloneElement, useId } from 'react'
import { cx } from './cx'
import { Icon } from './icons'

export interface FieldProps {
  label: ReactNode
  hint?: ReactNode
  error?: ReactNode
  /** Keeps the label for assistive technology only. */
  hideLabel?: boolean
  className?: string
  /** One control; it gets id, aria-invalid and aria-describedby. */
  children: ReactElement<{ id?: string; 'aria-invalid'?: boolean; 'aria-describedby'?: string }>
}

/** A labelled control with its hint and error tied to it. */
export function Field({ label, hint, error, hideLabel, className, children }: FieldProps) {
  const id = useId()
  const note = error || hint ? `${id}-note` : undefined
  return (
    <div className={cx('flex min-w-0 flex-col gap-1', className)}>
      <label htmlFor={id} className={hideLabel ? 'sr-only' : 'text-xs font-medium text-ink2'}>{label}</label>
      {cloneElement(children, { id, ...(error ? { 'aria-invalid': true } : {}), ...(note ? { 'aria-describedby': note } : {}) })}
      {note && <p id={note} className={cx('text-xs', error ? 'text-bad' : 'text-ink3')}>{error || hint}</p>}
    </div>
  )
}

export function TextInput({ className, ...props }: InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> }) {
  return <input type="text" autoComplete="off" className={cx('field', className)} {...props} />
}

export function TextArea({ className, ...props }: TextareaHTMLAttributes<HTMLTextAreaElement> & { ref?: Ref<HTMLTextAreaElement> }) {
  return <textarea rows={3} className={cx('field', className)} {...props} />
}

/** The platform's own list: best on touch and with a screen reader. */
export function Select({ className, children, ...props }: SelectHTMLAttributes<HTMLSelectElement> & { ref?: Ref<HTMLSelectElement> }) {
  return (
    <span className={cx('relative block', className)}>
      <select className="field" {...props}>{children}</select>
    </span>
  )
}

export function Checkbox({ label, className, ...props }: InputHTMLAttributes<HTMLInputElement> & { label: ReactNode; ref?: Ref<HTMLInputElement> }) {
  return (
    <label className={cx('inline-flex min-h-6 items-center gap-2', className)}>
      <input type="checkbox" className="size-4 accent-[var(--acc)]" {...props} />
      <span>{label}</span>
    </label>
  )
}

export function SearchInput({ className, label, ...props }: InputHTMLAttributes<HTMLInputElement> & { label: string; ref?: Ref<HTMLInputElement> }) {
  return (
    <span className={cx('relative block', className)}>
      <Icon name="search" size={14} className="pointer-events-none absolute top-2 left-2.5 text-ink3" />
      <input type="search" autoComplete="off" aria-label={label} placeholder={label} className="field pl-8" {...props} />
    </span>
  )
}
