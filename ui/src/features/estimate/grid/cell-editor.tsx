import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Row } from '~/api/types'
import { Combobox } from '~/ui/combobox'
import { ITEM_TYPES, ITEM_TYPE_NAMES } from '~/ui/words'
import { commitCell, insertItem } from '../actions'
import type { Column } from '../columns'
import { useWorkspaceStill } from '../model/workspace-context'
import type { Move } from './selection'

/** The editor laid over one cell. Enter, Tab and (when replacing) arrows accept and move on; Esc leaves the cell as it was. */
export function CellEditor({ row, column }: { row: Row; column: Column }) {
  const workspace = useWorkspaceStill()
  const [started] = useState(workspace.editing)
  const [text, setText] = useState(started?.text ?? '')
  const [error, setError] = useState<string | null>(null)
  const input = useRef<HTMLInputElement>(null)
  const settled = useRef(false)

  useEffect(() => {
    const field = input.current
    if (!field) return
    // Before the focus the caret costs no layout.
    const end = field.value.length
    field.setSelectionRange(end, end)
    field.focus({ preventScroll: true })
  }, [])

  const isChanged = (value: string) => started?.again || value !== (started?.mode === 'edit' ? started.text : started?.fresh ? '' : null)
  // Scrolled out of sight while typing: the text waits for the row to come back. Led away, to sign in say: it is taken.
  const onGone = useRef(() => {})
  onGone.current = () => {
    const { editing } = workspace
    if (settled.current || editing?.id !== row.id) return
    // The field may still blur on its way out.
    settled.current = true
    if (workspace.leaving && isChanged(text)) commitCell(workspace, row, column, text)
    else workspace.editing = { ...editing, text, ...(isChanged(text) ? { again: true } : {}) }
  }
  useLayoutEffect(() => {
    settled.current = false
    return () => onGone.current()
  }, [])

  const leave = () => {
    settled.current = true
    workspace.set({ editing: null })
    workspace.focusGrid()
  }
  const accept = (value: string, then: Move | null): boolean => {
    if (settled.current) return true
    // An untouched cell sends nothing.
    if (isChanged(value)) {
      const outcome = commitCell(workspace, row, column, value)
      if (!outcome.ok) {
        setError(outcome.message)
        return false
      }
    }
    leave()
    if (then) workspace.move(then)
    return true
  }
  const onKey = (event: KeyboardEvent<HTMLInputElement>): boolean => {
    if (event.nativeEvent.isComposing) return false
    event.stopPropagation()
    const go = (then: Move | null) => { event.preventDefault(); accept(text, then); return true }
    if (event.key === 'Enter' && event.ctrlKey) {
      event.preventDefault()
      if (accept(text, null)) void insertItem(workspace)
      return true
    }
    if (event.key === 'Enter') return go(event.shiftKey ? 'up' : 'down')
    if (event.key === 'Tab') return go(event.shiftKey ? 'previous-cell' : 'next-cell')
    if (event.key === 'Escape') { event.preventDefault(); leave(); return true }
    if (started?.mode === 'replace' && !event.shiftKey && !event.ctrlKey) {
      const list = column.editor === 'unit' || column.editor === 'type'
      if (event.key === 'ArrowUp' && !list) return go('up')
      if (event.key === 'ArrowDown' && !list) return go('down')
      if (event.key === 'ArrowLeft' && column.align === 'right') return go('left')
      if (event.key === 'ArrowRight' && column.align === 'right') return go('right')
    }
    return false
  }

  const list = column.editor === 'unit' || column.editor === 'type' ? choices(column.editor, text, workspace.units) : null
  const label = `${column.label} of ${row.code || row.description}`
  return (
    <>
      {list ? (
        <Combobox
          inputRef={input} label={label} text={text} onText={setText} options={list} optionKey={(choice) => choice.value}
          defaultOpen autoHighlight={text !== '' && (started?.mode === 'replace' || text !== started?.text)}
          renderOption={(choice) => <><b className="min-w-12 font-medium">{choice.label}</b><span className="text-ink3">{choice.help}</span></>}
          onPick={(choice) => accept(choice.value, 'down')} onSubmit={(value) => accept(value, 'down')} onCancel={leave}
          onBlur={() => { if (!settled.current) accept(text, null) }}
          onKey={(event) => (event.key === 'Tab' && list[0] && text !== '' && !event.shiftKey ? tabPick(event, () => accept(list[0]?.value ?? text, 'next-cell')) : onKey(event))}
          className="grid-editor" aria-invalid={error !== null}
        />
      ) : (
        <input
          ref={input} type="text" autoComplete="off" spellCheck={column.id === 'description' || column.id === 'note'} aria-label={label}
          aria-invalid={error !== null || undefined} value={text} onChange={(event) => { setText(event.target.value); setError(null) }} onKeyDown={onKey}
          onBlur={() => { if (!settled.current && !accept(text, null)) leave() }}
          className={column.id === 'quantity' && /[^0-9.,\s-]/.test(text) ? 'grid-editor formula' : 'grid-editor'}
        />
      )}
      {error && <span role="alert" className="grid-error">{error}</span>}
    </>
  )
}

function tabPick(event: KeyboardEvent, pick: () => void): boolean {
  event.preventDefault()
  event.stopPropagation()
  pick()
  return true
}

interface Choice {
  value: string
  label: string
  help: string
}

function choices(editor: 'unit' | 'type', text: string, units: readonly { code: string; name: string; aliases: string[] }[]): Choice[] {
  const wanted = text.trim().toLowerCase()
  if (editor === 'type') {
    return ITEM_TYPES.filter((type) => ITEM_TYPE_NAMES[type].toLowerCase().includes(wanted) || type.includes(wanted))
      .map((type) => ({ value: ITEM_TYPE_NAMES[type], label: ITEM_TYPE_NAMES[type], help: '' }))
  }
  const rank = (unit: { code: string; name: string; aliases: string[] }) => {
    const code = unit.code.toLowerCase()
    if (code === wanted) return 0
    if (code.startsWith(wanted)) return 1
    if (unit.name.toLowerCase().startsWith(wanted) || unit.aliases.some((alias) => alias.toLowerCase().startsWith(wanted))) return 2
    return unit.name.toLowerCase().includes(wanted) ? 3 : 9
  }
  return units.map((unit) => ({ unit, rank: rank(unit) })).filter((one) => one.rank < 9).sort((a, b) => a.rank - b.rank)
    .map(({ unit }) => ({ value: unit.code, label: unit.code, help: unit.name }))
}
