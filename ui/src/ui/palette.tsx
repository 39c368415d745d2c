import { Dialog as Radix } from 'radix-ui'
import { useEffect, useRef, useState } from 'react'
import { Kbd } from './bits'
import { cx } from './cx'
import { type Hold, holdKeys } from './held-keys'
import { Icon, type IconName } from './icons'

export interface Choice {
  key: string
  group: string
  icon: IconName
  label: string
  help?: string
  keys?: string
  run: () => void
}

export interface PaletteDialogProps {
  open: boolean
  title: string
  prompt: string
  text: string
  choices: readonly Choice[]
  /** The choices do not fit the text yet: Enter waits for those that do. */
  pending: boolean
  onText: (text: string) => void
  onClose: () => void
  /** Where the keyboard goes afterwards; where it was when absent. */
  onClosed?: () => void
}

/** A list that narrows as one types: arrows choose, Enter runs. */
export function PaletteDialog({ open, title, prompt, text, choices, pending, onText, onClose, onClosed }: PaletteDialogProps) {
  const [active, setActive] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => { setActive(0) }, [text])
  useEffect(() => { list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }) }, [active])
  const chosen = Math.min(active, Math.max(0, choices.length - 1))

  const due = useRef<Hold | null>(null)
  const run = () => {
    if (!pending) return choices[chosen]?.run()
    due.current ??= holdKeys(() => { due.current = null })
  }
  useEffect(() => {
    const hold = due.current
    if (!hold || (open && pending)) return
    due.current = null
    if (open) choices[chosen]?.run()
    hold.release()
  })

  return (
    <Radix.Root open={open} onOpenChange={(next) => { if (!next) onClose() }}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 bg-[#00000055]" />
        <Radix.Content
          aria-describedby={undefined} onCloseAutoFocus={(event) => { if (onClosed) { event.preventDefault(); onClosed() } }}
          className="pop fixed top-[10vh] left-1/2 z-50 flex max-h-[70vh] w-[min(40rem,calc(100vw-2rem))] -translate-x-1/2 flex-col overflow-hidden rounded-lg border border-line bg-raise shadow-pop"
        >
          <Radix.Title className="sr-only">{title}</Radix.Title>
          <div className="flex items-center gap-2 border-b border-line px-3">
            <Icon name="search" className="text-ink3" />
            <input
              role="combobox" aria-expanded="true" aria-controls="palette-list" aria-label={prompt} aria-activedescendant={choices.length ? `palette-${chosen}` : undefined}
              placeholder={prompt} className="h-11 flex-1 bg-transparent text-base outline-none!" value={text} autoFocus
              onChange={(event) => onText(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
                  event.preventDefault()
                  if (choices.length) setActive((chosen + (event.key === 'ArrowDown' ? 1 : -1) + choices.length) % choices.length)
                }
                if (event.key === 'Enter') { event.preventDefault(); run() }
              }}
            />
            <Kbd>Esc</Kbd>
          </div>
          <div ref={list} id="palette-list" role="listbox" aria-label="Results" className="min-h-0 overflow-y-auto p-1.5">
            {choices.map((choice, index) => (
              <div key={choice.key}>
                {choices[index - 1]?.group !== choice.group && <div role="presentation" className="px-2 pt-2 pb-1 text-2xs text-ink3">{choice.group}</div>}
                <div
                  id={`palette-${index}`} role="option" tabIndex={-1} aria-selected={index === chosen} onMouseMove={() => setActive(index)} onClick={choice.run}
                  onKeyDown={(event) => { if (event.key === 'Enter') choice.run() }}
                  className={cx('flex h-8 items-center gap-2 rounded-md px-2', index === chosen && 'bg-acc2')}
                >
                  <Icon name={choice.icon} size={14} className="shrink-0 text-ink3" />
                  <span className="min-w-0 truncate">{choice.label}</span>
                  <span className="min-w-0 flex-1 truncate text-right text-xs text-ink3">{choice.help}</span>
                  {choice.keys && <Kbd>{choice.keys}</Kbd>}
                </div>
              </div>
            ))}
            {choices.length === 0 && <p className="px-2 py-6 text-center text-ink3">{pending ? 'Looking…' : 'Nothing fits. Try fewer letters.'}</p>}
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** Every typed word occurs in the text, whatever the case. */
export function fits(text: string, wanted: string): boolean {
  const lower = text.toLowerCase()
  return wanted.toLowerCase().split(/\s+/).every((word) => lower.includes(word))
}
