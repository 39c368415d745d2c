import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Popover } from 'radix-ui'
import { type CSSProperties, type KeyboardEvent, type Ref, useCallback, useEffect, useId, useRef, useState } from 'react'
import { api } from '~/api/client'
import type { FormulaCheck, FormulaName } from '~/api/types'
import { cx } from '~/ui/cx'
import { formatQuantity } from '~/ui/decimal'
import { complete, isFormula, wordAt } from './formula-text'

export interface FormulaInputProps {
  estimateId: string
  itemId: string
  lineId?: string
  value: string
  onChange: (text: string) => void
  /** Enter outside the list of names. */
  onEnter?: () => void
  onEscape?: () => void
  onBlur?: () => void
  label: string
  hint?: string
  placeholder?: string
  className?: string
  style?: CSSProperties
  inputRef?: Ref<HTMLInputElement>
  disabled?: boolean
  /** A refusal of the server about this field. */
  refused?: string | null
  /** Shows value or error beside the input rather than only on demand. */
  wide?: boolean
}

const NAMES_MAX = 9
const CHECK_DELAY_MS = 180

/** The names a formula of the item may use, read once somebody types one. */
function useNames(estimateId: string, itemId: string, wanted: boolean) {
  return useQuery({
    queryKey: ['estimate', estimateId, 'names', itemId], enabled: wanted, staleTime: 20_000,
    queryFn: ({ signal }) => api.get<{ items: FormulaName[] }>(`/estimates/${estimateId}/items/${itemId}/names`, { signal }),
  })
}

/** A formula checked while it is typed, with the names it may use offered at the caret. */
export function FormulaInput(props: FormulaInputProps) {
  const { estimateId, itemId, lineId, value, wide } = props
  const id = useId()
  const own = useRef<HTMLInputElement | null>(null)
  const [caret, setCaret] = useState(0)
  const [typing, setTyping] = useState(false)
  const [active, setActive] = useState(0)
  const { inputRef } = props
  // One function for good: the list's anchor would otherwise be set anew on every paint.
  const hold = useCallback((element: HTMLInputElement | null) => { own.current = element; assign(inputRef, element) }, [inputRef])
  const { word } = wordAt(value, caret)
  const names = useNames(estimateId, itemId, typing && word !== '')
  const check = useFormulaCheck(estimateId, itemId, lineId, value)

  const lower = word.toLowerCase()
  const known = names.data?.items ?? []
  // A name typed to its end is meant as it stands: Enter then takes the formula, whether or not the names are here yet.
  const offers = typing && word !== '' && !known.some((name) => name.name === word) ? known.filter((name) => name.name.toLowerCase().includes(lower))
    .sort((a, b) => Number(b.name.toLowerCase().startsWith(lower)) - Number(a.name.toLowerCase().startsWith(lower)) || a.name.localeCompare(b.name)).slice(0, NAMES_MAX) : []
  useEffect(() => { setActive(0) }, [word])

  const take = (name: FormulaName) => {
    const done = complete(value, caret, name.name, name.from === 'built-in' && name.value == null)
    props.onChange(done.text)
    setTyping(false)
    requestAnimationFrame(() => { own.current?.setSelectionRange(done.caret, done.caret); setCaret(done.caret) })
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const offered = offers[active]
    if (offered) {
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault()
        setActive((at) => (at + (event.key === 'ArrowDown' ? 1 : -1) + offers.length) % offers.length)
        return
      }
      if (event.key === 'Tab' || event.key === 'Enter') { event.preventDefault(); event.stopPropagation(); take(offered); return }
      if (event.key === 'Escape') { event.preventDefault(); event.stopPropagation(); setTyping(false); return }
    }
    if (event.key === 'Enter' && props.onEnter) { event.preventDefault(); props.onEnter() }
    if (event.key === 'Escape' && props.onEscape) { event.preventDefault(); event.stopPropagation(); props.onEscape() }
  }

  const error = props.refused ?? check?.error?.message ?? null
  const note = error ? `${id}-note` : undefined
  return (
    <Popover.Root open={offers.length > 0}>
      <Popover.Anchor asChild>
        <input
          ref={hold} type="text" autoComplete="off" spellCheck={false} disabled={props.disabled}
          role="combobox" aria-expanded={offers.length > 0} aria-controls={`${id}-list`} aria-autocomplete="list"
          aria-activedescendant={offers.length ? `${id}-${active}` : undefined}
          aria-label={props.label} aria-invalid={error ? true : undefined} aria-describedby={note} title={error ?? valueWords(check) ?? props.hint} placeholder={props.placeholder ?? (props.hint && wide ? props.hint : undefined)}
          value={value} style={props.style} className={cx('field font-mono text-xs', props.className)}
          onChange={(event) => { props.onChange(event.target.value); setCaret(event.target.selectionStart ?? event.target.value.length); setTyping(true) }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)} onKeyDown={onKeyDown} onBlur={() => { setTyping(false); props.onBlur?.() }}
        />
      </Popover.Anchor>
      {wide && check?.value != null && !error && isFormula(value) && <span className="shrink-0 text-xs text-ink2">→ {formatQuantity(check.value)}</span>}
      {error && (
        <span id={note} role="alert" className={cx('text-xs text-bad', !wide && 'sr-only')}>
          {wide && check?.error?.position != null && !props.refused && <Marked text={value} position={check.error.position} />} {error}
        </span>
      )}
      <Popover.Portal>
        <Popover.Content
          align="start" sideOffset={3} className="menu pop" onOpenAutoFocus={(event) => event.preventDefault()} onCloseAutoFocus={(event) => event.preventDefault()}
          onMouseDown={(event) => event.preventDefault()}
        >
          <ul id={`${id}-list`} role="listbox" aria-label="Names">
            {offers.map((name, index) => (
              <li key={`${name.from}:${name.name}`} id={`${id}-${index}`} role="option" aria-selected={index === active} onMouseDown={() => take(name)} onMouseMove={() => setActive(index)} className={cx('menu-item', index === active && 'bg-acc2')}>
                <b className="font-mono text-xs font-medium">{name.name}</b>
                <span className="flex-1 truncate text-xs text-ink3">{name.from}</span>
                <span className="text-xs text-ink2">{formatQuantity(name.value)}</span>
              </li>
            ))}
          </ul>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function assign(ref: Ref<HTMLInputElement> | undefined, element: HTMLInputElement | null): void {
  if (typeof ref === 'function') ref(element)
  else if (ref) ref.current = element
}

function valueWords(check: FormulaCheck | undefined): string | null {
  return check?.value != null ? `= ${formatQuantity(check.value)}` : null
}

/** The formula with the place of its error marked. */
function Marked({ text, position }: { text: string; position: number }) {
  const at = Math.max(0, Math.min(position, text.length))
  return (
    <code className="mr-1 font-mono">
      {text.slice(Math.max(0, at - 14), at)}
      <mark className="bg-bad2 text-bad underline decoration-wavy">{text[at] ?? '␣'}</mark>
      {text.slice(at + 1, at + 10)}
    </code>
  )
}

/** What the server makes of a formula, asked a moment after the last key; numbers are not asked about. */
function useFormulaCheck(estimateId: string, itemId: string, lineId: string | undefined, text: string): FormulaCheck | undefined {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), CHECK_DELAY_MS)
    return () => clearTimeout(timer)
  }, [text])
  const formula = settled.trim().replace(/^=\s*/, '')
  const wanted = formula !== '' && isFormula(formula)
  const { data } = useQuery({
    queryKey: ['estimate', estimateId, 'formula', itemId, lineId ?? '', formula], enabled: wanted, staleTime: 5_000, gcTime: 30_000, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.post<FormulaCheck>('/formulas/check', { estimateId, itemId, ...(lineId ? { lineId } : {}), text: formula }, { signal, idempotencyKey: null }),
  })
  return wanted && settled === text ? data : undefined
}
