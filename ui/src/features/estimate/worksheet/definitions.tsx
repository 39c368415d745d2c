import { useEffect, useState } from 'react'
import type { Worksheet } from '~/api/types'
import { Button, IconButton } from '~/ui/button'
import { formatQuantity } from '~/ui/decimal'
import { Icon } from '~/ui/icons'
import { cx } from '~/ui/cx'
import { unitText } from '~/ui/words'
import { FormulaInput } from './formula-input'
import { type WorksheetActions, refusalWords } from './use-worksheet'

interface Draft {
  key: string
  kind: 'variable' | 'block'
  name: string
  formula: string
  unit: string
  note: string
}

function draftsOf(sheet: Worksheet): Draft[] {
  return [
    ...sheet.variables.map((one, at): Draft => ({ key: `v${at}`, kind: 'variable', name: one.name, formula: one.formula, unit: '', note: one.note ?? '' })),
    ...sheet.blocks.map((one, at): Draft => ({ key: `b${at}`, kind: 'block', name: one.name, formula: one.formula, unit: one.unit ?? '', note: one.note ?? '' })),
  ]
}

/** Variables and calculation blocks of one worksheet: named formulas shown with their value. */
export function Definitions({ estimateId, sheet, actions, frozen }: { estimateId: string; sheet: Worksheet; actions: WorksheetActions; frozen: boolean }) {
  const [open, setOpen] = useState(sheet.variables.length + sheet.blocks.length > 0)
  const [drafts, setDrafts] = useState(() => draftsOf(sheet))
  const [dirty, setDirty] = useState(false)
  const [error, setError] = useState<string | null>(null)
  useEffect(() => { if (!dirty) setDrafts(draftsOf(sheet)) }, [sheet, dirty])

  const values = new Map([...sheet.variables, ...sheet.blocks].map((one) => [one.name, one]))
  const change = (key: string, part: Partial<Draft>) => { setDirty(true); setError(null); setDrafts((now) => now.map((one) => (one.key === key ? { ...one, ...part } : one))) }
  const add = (kind: Draft['kind']) => { setDirty(true); setOpen(true); setDrafts((now) => [...now, { key: `n${now.length}${Math.random()}`, kind, name: '', formula: '', unit: '', note: '' }]) }
  const save = async (list = drafts) => {
    const named = list.filter((one) => one.name.trim() !== '' || one.formula.trim() !== '')
    try {
      await actions.setDefinitions({
        variables: named.filter((one) => one.kind === 'variable').map((one) => ({ name: one.name.trim(), formula: one.formula.trim(), note: one.note || null })),
        blocks: named.filter((one) => one.kind === 'block').map((one) => ({ name: one.name.trim(), formula: one.formula.trim(), unit: one.unit.trim() || null, note: one.note || null })),
      })
      setDirty(false)
    } catch (refusal) {
      setError(refusalWords(refusal))
    }
  }
  const remove = (key: string) => {
    const next = drafts.filter((one) => one.key !== key)
    setDrafts(next)
    setDirty(true)
    void save(next)
  }
  return (
    <section aria-label="Variables and calculations" className="border-b border-line">
      <div className="flex h-8 items-center gap-1 pr-2 pl-3">
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex flex-1 items-center gap-1.5 text-2xs font-medium text-ink3 hover:text-ink">
          <Icon name="chevronRight" size={10} strokeWidth={2} className={cx('transition-transform', open && 'rotate-90')} />
          Variables and calculations{drafts.length > 0 && ` · ${drafts.length}`}
        </button>
        {!frozen && (
          <>
            <Button look="plain" className="h-6! px-1.5! text-2xs" onClick={() => add('variable')}>+ Variable</Button>
            <Button look="plain" className="h-6! px-1.5! text-2xs" onClick={() => add('block')}>+ Calculation</Button>
          </>
        )}
      </div>
      {open && drafts.length === 0 && <p className="px-4 pb-2 text-xs text-ink3">None yet. A variable names a figure, a calculation works one out; quantities and lines use them by name.</p>}
      {open && drafts.length > 0 && (
        <div className="grid gap-1 px-3 pb-2">
          {drafts.map((draft) => {
            const known = values.get(draft.name)
            return (
              <div key={draft.key} className="flex items-center gap-1.5">
                <input type="text" aria-label={draft.kind === 'variable' ? 'Variable' : 'Calculation'} placeholder="name" spellCheck={false} disabled={frozen} value={draft.name} onChange={(event) => change(draft.key, { name: event.target.value })} onKeyDown={(event) => { if (event.key === 'Enter') void save() }} className="field h-6! w-24! px-1.5! font-mono text-xs" />
                <span className="text-ink3">=</span>
                <FormulaInput estimateId={estimateId} itemId={sheet.itemId} value={draft.formula} onChange={(formula) => change(draft.key, { formula })} onEnter={() => void save()} label={`Formula of ${draft.name || 'the new name'}`} className="h-6! min-w-0 flex-1 px-1.5!" disabled={frozen} />
                {draft.kind === 'block' && <input type="text" aria-label={`Unit of ${draft.name}`} placeholder="unit" disabled={frozen} value={draft.unit} onChange={(event) => change(draft.key, { unit: event.target.value })} onKeyDown={(event) => { if (event.key === 'Enter') void save() }} className="field h-6! w-12! px-1.5! text-xs" />}
                <span className="w-20 shrink-0 truncate text-right text-xs text-ink2" title={known?.error?.message}>{known?.error ? <span className="text-bad">error</span> : known?.value != null && `${formatQuantity(known.value)} ${draft.kind === 'block' ? unitText(draft.unit) : ''}`}</span>
                {!frozen && <IconButton icon="trash" label={`Remove ${draft.name || 'this'}`} className="size-6!" onClick={() => remove(draft.key)} />}
              </div>
            )
          })}
          {dirty && (
            <div className="flex gap-2 pt-1">
              <Button look="primary" className="h-6! text-xs" onClick={() => void save()}>Save</Button>
              <Button look="plain" className="h-6! text-xs" onClick={() => { setDirty(false); setError(null); setDrafts(draftsOf(sheet)) }}>Cancel</Button>
            </div>
          )}
          {error && <p role="alert" className="text-xs text-bad">{error}</p>}
        </div>
      )}
    </section>
  )
}
