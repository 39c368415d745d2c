import { type KeyboardEvent, type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import { cx } from '~/ui/cx'
import { isFocusFree } from '~/ui/focus'

export interface EditableCellProps {
  label: string
  /** What is typed over. */
  value: string
  /** What is shown while nothing is typed. */
  children: ReactNode
  /** Resolves to null when saved, else to why not: the editor stays open with it. */
  onSave: (text: string) => Promise<string | null>
  numeric?: boolean
  disabled?: boolean
}

/** A cell typed over in place: click, Enter or F2 to edit, Enter to save, Esc to leave it as it was. */
export function EditableCell({ label, value, children, onSave, numeric, disabled }: EditableCellProps) {
  const [text, setText] = useState<string | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const refocuses = useRef(false)
  // The button is there again once the editor is gone, whatever frame that falls into; who has gone on to another place stays there.
  useLayoutEffect(() => {
    if (text !== null || !refocuses.current) return
    refocuses.current = false
    if (isFocusFree()) button.current?.focus({ preventScroll: true })
  }, [text])

  const close = (refocus: boolean) => {
    refocuses.current = refocus
    setText(null)
    setError(null)
  }
  const save = async (refocus: boolean) => {
    if (text === null || busy) return
    if (text.trim() === value) return close(refocus)
    setBusy(true)
    const refusal = await onSave(text.trim())
    setBusy(false)
    if (refusal === null) close(refocus)
    else setError(refusal)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') { event.preventDefault(); void save(true) }
    if (event.key === 'Escape') { event.preventDefault(); event.stopPropagation(); close(true) }
  }
  if (text === null) {
    if (disabled) return <span title={value} className={cx('block truncate', numeric && 'text-right')}>{children}</span>
    return (
      <button
        ref={button} type="button" title={value} aria-label={`${label}: ${value || 'none'}. Edit`} onClick={() => setText(value)} onKeyDown={(event) => { if (event.key === 'F2') setText(value) }}
        className={cx('-mx-1.5 block h-6 w-[calc(100%+0.75rem)] cursor-text! truncate rounded px-1.5 hover:bg-pane hover:ring-1 hover:ring-edge/60', numeric ? 'text-right' : 'text-left')}
      >
        {children}
      </button>
    )
  }
  return (
    <span className="relative -mx-1.5 block">
      <input
        type="text" autoFocus aria-label={label} aria-invalid={error ? true : undefined} inputMode={numeric ? 'decimal' : undefined} readOnly={busy} value={text}
        onChange={(event) => { setText(event.target.value); setError(null) }} onFocus={(event) => event.target.select()} onKeyDown={onKeyDown}
        onBlur={() => { if (error === null) void save(false) }} className={cx('field h-6! px-1.5!', numeric && 'text-right')}
      />
      {error && (
        <span role="alert" className="absolute top-7 right-0 z-20 w-max max-w-72 rounded-md border border-bad bg-raise px-2 py-1 text-left text-xs whitespace-normal text-bad shadow-pop">{error}</span>
      )}
    </span>
  )
}
