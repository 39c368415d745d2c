import { type KeyboardEvent, type ReactNode, type Ref, useEffect, useId, useRef, useState } from 'react'
import { Popover } from 'radix-ui'
import { cx } from './cx'
import { type Hold, holdKeys } from './held-keys'

export interface ComboboxProps<T> {
  /** What is typed; the owner filters `options` by it. */
  text: string
  onText: (text: string) => void
  options: readonly T[]
  optionKey: (option: T) => string
  renderOption: (option: T) => ReactNode
  onPick: (option: T) => void
  /** Enter with nothing highlighted. */
  onSubmit?: (text: string) => void
  onCancel?: () => void
  onBlur?: () => void
  /** Keys not used by the list (Tab, arrows with modifiers). Return true when handled. */
  onKey?: (event: KeyboardEvent<HTMLInputElement>) => boolean
  label: string
  placeholder?: string
  /** Highlights the best match at once, so that Enter takes it. */
  autoHighlight?: boolean
  autoFocus?: boolean
  /** Shows the list at once, before anything is typed. */
  defaultOpen?: boolean
  busy?: boolean
  /** The options do not fit the text yet: Enter waits for those that do, and what is typed after it follows it. */
  pending?: boolean
  /** Shown when there are no options; nothing when left out. */
  empty?: ReactNode
  className?: string
  inputRef?: Ref<HTMLInputElement>
  'aria-invalid'?: boolean
  id?: string
}

/** A type-ahead: an input with a list under it, driven by the keyboard alone. */
export function Combobox<T>(props: ComboboxProps<T>) {
  const { text, options, optionKey, autoHighlight = true } = props
  const listId = useId()
  const [open, setOpen] = useState(props.defaultOpen ?? false)
  const [active, setActive] = useState(-1)
  const list = useRef<HTMLUListElement>(null)
  const shown = open && (options.length > 0 || (props.empty != null && text !== ''))

  useEffect(() => { setActive(autoHighlight && options.length ? 0 : -1) }, [text, autoHighlight, options.length])
  useEffect(() => { list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }) }, [active])

  const pick = (option: T) => { setOpen(false); props.onPick(option) }
  const due = useRef<Hold | null>(null)
  const wait = () => { due.current ??= holdKeys(() => { due.current = null }) }
  const submit = () => {
    // The highlight follows the options by a paint; Enter takes what it is about to be on.
    const option = open ? options[active >= 0 ? active : autoHighlight ? 0 : -1] : undefined
    if (option !== undefined) return pick(option)
    setOpen(false)
    props.onSubmit?.(text)
  }
  useEffect(() => {
    const hold = due.current
    if (!hold || props.pending) return
    due.current = null
    submit()
    hold.release()
  })
  useEffect(() => () => due.current?.release(), [])
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = (by: number) => {
      event.preventDefault()
      setOpen(true)
      if (options.length) setActive((at) => (at + by + options.length) % options.length)
    }
    if (event.key === 'ArrowDown' && !event.altKey && !event.ctrlKey) return step(1)
    if (event.key === 'ArrowUp' && !event.altKey && !event.ctrlKey) return step(shown && active < 0 ? 0 : -1)
    const chosen = shown ? options[active] : undefined
    if (event.key === 'Enter' && !event.ctrlKey) {
      event.preventDefault()
      event.stopPropagation()
      if (props.pending) wait()
      else submit()
      return
    }
    if (event.key === 'Escape') {
      event.preventDefault()
      event.stopPropagation()
      if (shown && text !== '') return setOpen(false)
      return props.onCancel?.()
    }
    if (props.onKey?.(event)) return
    if (event.key === 'Tab' && chosen !== undefined && text !== '' && !event.shiftKey) {
      event.preventDefault()
      if (props.pending) wait()
      else pick(chosen)
    }
  }

  return (
    <Popover.Root open={shown}>
      <Popover.Anchor asChild>
        <input
          ref={props.inputRef} id={props.id} role="combobox" type="text" autoComplete="off" spellCheck={false}
          aria-label={props.label} aria-expanded={shown} aria-controls={listId} aria-autocomplete="list" aria-busy={props.busy || undefined}
          aria-invalid={props['aria-invalid']} aria-activedescendant={shown && active >= 0 ? `${listId}-${active}` : undefined}
          placeholder={props.placeholder} autoFocus={props.autoFocus} value={text}
          onChange={(event) => { setOpen(true); props.onText(event.target.value) }}
          onClick={() => setOpen(true)} onKeyDown={onKeyDown}
          onBlur={() => { setOpen(false); props.onBlur?.() }}
          className={props.className ?? 'field'}
        />
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          align="start" sideOffset={3} collisionPadding={8} className="menu pop min-w-[var(--radix-popper-anchor-width)] max-w-[36rem]"
          onOpenAutoFocus={(event) => event.preventDefault()} onCloseAutoFocus={(event) => event.preventDefault()}
          onMouseDown={(event) => event.preventDefault()} style={{ maxHeight: 'min(20rem, var(--radix-popper-available-height))' }}
        >
          <ul id={listId} ref={list} role="listbox" aria-label={props.label}>
            {options.map((option, index) => (
              <li
                key={optionKey(option)} id={`${listId}-${index}`} role="option" aria-selected={index === active}
                className={cx('menu-item', index === active && 'bg-acc2')}
                onMouseMove={() => setActive(index)} onMouseDown={(event) => { event.preventDefault(); pick(option) }}
              >
                {props.renderOption(option)}
              </li>
            ))}
          </ul>
          {!options.length && <div className="px-2 py-1.5 text-ink3">{props.empty}</div>}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
