import { type KeyboardEvent, Suspense, lazy, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import type { Line, Worksheet } from '~/api/types'
import { useMay } from '~/app/rights'
import { ContextMenuArea } from '~/ui/menu'
import { cx } from '~/ui/cx'
import { isFocusFree } from '~/ui/focus'
import { chordOf } from '../commands'
import { useWorkspace } from '../model/workspace-context'
import { AddLine, type Later } from './add-line'
import { LineEditor } from './line-editor'
import { LINE_COLUMNS, LineRow } from './line-row'
import { type LineInput, inputOf, kindOf } from './methods'
import type { WorksheetActions } from './use-worksheet'

const UpgradeDialog = lazy(async () => ({ default: (await import('./upgrade-dialog')).UpgradeDialog }))
const MakeRecipeDialog = lazy(async () => ({ default: (await import('./make-recipe-dialog')).MakeRecipeDialog }))

/** The lines of a worksheet, driven from the keyboard: one tab stop, arrows between lines, Enter edits in place. */
export function LinesTable({ estimateId, sheet, actions }: { estimateId: string; sheet: Worksheet; actions: WorksheetActions }) {
  const workspace = useWorkspace()
  const gridId = useId()
  const grid = useRef<HTMLDivElement>(null)
  const add = useRef<HTMLInputElement>(null)
  const [active, setActive] = useState(0)
  const [anchor, setAnchor] = useState(0)
  const [editing, setEditing] = useState<string | null>(null)
  const [draft, setDraft] = useState<{ input: LineInput; name: string; later?: Later } | null>(null)
  const [upgrading, setUpgrading] = useState<Line | null>(null)
  const [making, setMaking] = useState(false)
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set())
  const lines = sheet.lines
  const at = Math.min(active, Math.max(0, lines.length - 1))
  const [from, to] = anchor < at ? [anchor, at] : [at, Math.min(anchor, lines.length - 1)]
  const chosen = lines.slice(from, to + 1)
  const frozen = workspace.frozen
  const edits = useMay('edit')

  const enter = useRef(() => {})
  useEffect(() => {
    enter.current = () => {
      // A line being typed goes on where it was left.
      const open = editing || draft ? document.querySelector<HTMLElement>('#side-panel input[data-part]') : null
      ;(open ?? (lines.length ? grid : add).current)?.focus({ preventScroll: true })
    }
  })
  useEffect(() => {
    workspace.sheetCame(sheet.itemId, () => enter.current())
    return () => workspace.sheetWent(sheet.itemId)
  }, [workspace, sheet.itemId])
  // Where the keyboard goes when an editor closes, unless a person has taken it elsewhere meanwhile.
  const returns = useRef<'lines' | 'add' | null>(null)
  useLayoutEffect(() => {
    if (editing || draft || !returns.current) return
    const to = returns.current === 'add' ? add : grid
    returns.current = null
    if (isFocusFree()) to.current?.focus({ preventScroll: true })
  }, [editing, draft])
  const go = (index: number, extend = false) => {
    const next = Math.max(0, Math.min(index, lines.length - 1))
    setActive(next)
    if (!extend) setAnchor(next)
  }
  const close = (to: 'lines' | 'add' = 'lines') => { returns.current = to; setEditing(null); setDraft(null) }
  const unfold = (id: string) => setUnfolded((now) => { const next = new Set(now); if (!next.delete(id)) next.add(id); return next })
  const remove = () => { if (chosen.length && !frozen) { void actions.deleteLines(chosen.map((line) => line.id)); go(from) } }

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget) return
    const line = lines[at]
    const acts: Record<string, () => void> = {
      ArrowDown: () => go(at + 1), ArrowUp: () => go(at - 1), Home: () => go(0), End: () => go(lines.length - 1),
      'Shift+ArrowDown': () => go(at + 1, true), 'Shift+ArrowUp': () => go(at - 1, true),
      Enter: () => { if (line && !frozen) setEditing(line.id) }, F2: () => { if (line && !frozen) setEditing(line.id) },
      Insert: () => add.current?.focus(), 'Ctrl+Enter': () => add.current?.focus(), Delete: remove,
      'Alt+ArrowUp': () => { if (line && !frozen) { actions.moveLine(line.id, -1); go(at - 1) } }, 'Alt+ArrowDown': () => { if (line && !frozen) { actions.moveLine(line.id, 1); go(at + 1) } },
      'Ctrl+D': () => { if (!frozen) void actions.duplicate(chosen.map((one) => one.id)) }, 'Ctrl+C': () => actions.copy(chosen.map((one) => one.id)), 'Ctrl+V': () => { if (!frozen) void actions.paste() },
      'Ctrl+A': () => { setAnchor(0); setActive(lines.length - 1) }, Space: () => { if (line?.leaves?.length) unfold(line.id) },
      Escape: () => workspace.focusGrid(), F4: () => workspace.focusGrid(),
    }
    const act = acts[chordOf(event)]
    if (!act) return
    event.preventDefault()
    event.stopPropagation()
    act()
  }
  const save = async (line: Line, input: LineInput) => {
    await actions.updateLine(line.id, input)
    close()
  }
  const create = async (input: LineInput) => {
    await actions.addLine(input, undefined)
    setActive(lines.length)
    setAnchor(lines.length)
    close('add')
  }

  return (
    <>
      <ContextMenuArea items={() => [
        { label: 'Edit line', keys: 'Enter', disabled: frozen || !lines.length, onSelect: () => setEditing(lines[at]?.id ?? null) },
        { label: 'Copy lines', keys: 'Ctrl+C', disabled: !lines.length, onSelect: () => actions.copy(chosen.map((one) => one.id)) },
        { label: 'Paste lines', keys: 'Ctrl+V', disabled: frozen, onSelect: () => void actions.paste() },
        { label: 'Copy in place', keys: 'Ctrl+D', disabled: frozen || !lines.length, onSelect: () => void actions.duplicate(chosen.map((one) => one.id)) },
        'separator',
        { label: 'Take the current rate', disabled: frozen || !chosen.some((line) => line.diverged), onSelect: () => void actions.reprice(chosen.filter((line) => line.diverged).map((line) => line.id)) },
        { label: 'Take the newer recipe…', disabled: frozen || !isBehind(lines[at]), onSelect: () => setUpgrading(lines[at] ?? null) },
        edits && { label: 'Make a recipe of the worksheet…', disabled: !lines.length, onSelect: () => setMaking(true) },
        'separator',
        { label: 'Delete lines', keys: 'Del', danger: true, disabled: frozen || !lines.length, onSelect: remove },
      ]}
      >
        <div
          ref={grid} role="treegrid" tabIndex={0} aria-label="Lines of the worksheet" aria-multiselectable="true" aria-activedescendant={lines[at] && !editing ? `${gridId}-${lines[at].id}` : undefined}
          onKeyDown={onKeyDown} className="-outline-offset-2!"
        >
          <div role="row" className={cx(LINE_COLUMNS, 'h-[30px] border-b border-line text-2xs text-ink3')}>
            <span role="columnheader"><span className="sr-only">Type</span></span>
            <span role="columnheader">Resource, how much</span>
            <span role="columnheader" className="text-right">Cost</span>
          </div>
          {lines.map((line, index) => editing === line.id ? (
            <div key={line.id} role="row" aria-level={1}>
              <div role="gridcell">
                <div className="flex items-center gap-2 bg-bg px-4 pt-2 text-xs font-medium">{line.resource ? `${line.resource.code} ${line.resource.description}` : line.recipe ? `${line.recipe.code} ${line.recipe.name}` : null}</div>
                <LineEditor estimateId={estimateId} itemId={sheet.itemId} lineId={line.id} initial={inputOf(line)} quantity={sheet.quantity ?? ''} unit={sheet.unit ?? ''} onSave={(input) => save(line, input)} onClose={() => close()} />
              </div>
            </div>
          ) : (
            // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the grid has the keyboard; this is the mouse's way
            <div
              key={line.id} role="rowgroup"
              onMouseDown={(event) => { go(index, event.shiftKey) }} onDoubleClick={() => { if (!frozen) setEditing(line.id) }}
            >
              <LineRow
                line={line} id={`${gridId}-${line.id}`} selected={index >= from && index <= to} active={index === at} readOnly={frozen} unfolded={unfolded.has(line.id)}
                onUnfold={() => unfold(line.id)} onReprice={() => { if (isBehind(line)) setUpgrading(line); else void actions.reprice([line.id]) }}
              />
            </div>
          ))}
        </div>
      </ContextMenuArea>
      <Suspense>
        {upgrading && <UpgradeDialog itemId={sheet.itemId} line={upgrading} onClose={() => { setUpgrading(null); grid.current?.focus() }} />}
        {making && <MakeRecipeDialog estimateId={estimateId} sheet={sheet} onClose={() => { setMaking(false); grid.current?.focus() }} />}
      </Suspense>
      {draft ? (
        <div>
          <div className="bg-bg px-4 pt-2 text-xs font-medium">{kindOf(draft.input) === 'recipe' || draft.input.resourceId ? draft.name : 'Free line'}</div>
          <LineEditor
            estimateId={estimateId} itemId={sheet.itemId} initial={draft.input} later={draft.later} quantity={sheet.quantity ?? ''} unit={sheet.unit ?? ''} onSave={create}
            onClose={() => close('add')}
          />
        </div>
      ) : (
        <AddLine
          inputRef={add} disabled={frozen} onPick={(input, name, later) => setDraft({ input, name, ...(later ? { later } : {}) })} onCancel={() => { if (lines.length) grid.current?.focus(); else workspace.focusGrid() }}
          onPaste={(text) => { const lines = actions.isCopied(text); if (lines) void actions.paste(); return lines }}
        />
      )}
    </>
  )
}

/** Whether the line's recipe has a newer version. */
function isBehind(line: Line | undefined): boolean {
  return line?.recipe != null && line.recipe.currentN > line.recipe.n
}
