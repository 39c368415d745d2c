import { useEffect, useState } from 'react'
import type { ItemFields, ItemType, ResourceType, Row } from '~/api/types'
import { RowLabels } from '~/features/categories/row-labels'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { editableDecimal, readDecimal } from '~/ui/decimal'
import { Checkbox, Field, Select, TextInput } from '~/ui/form'
import { Icon } from '~/ui/icons'
import { ITEM_TYPES, ITEM_TYPE_NAMES, RESOURCE_TYPES, TYPE_NAMES, UNMEASURED } from '~/ui/words'
import { updateOf } from '../model/edits'
import { useWorkspace } from '../model/workspace-context'
import { RowPicker } from './row-picker'
import { refusalWords } from './use-worksheet'

interface Draft {
  type: ItemType
  clientAmount: string
  percent: string
  linkedItems: string[]
  reason: string
  includedIn: string
  plugRate: string
  plugType: ResourceType
  takeoffQuantity: string
  optionGroup: string
  optionSelected: boolean
  inactive: boolean
  indirect: boolean
  paymentClause: string
  workbenchCode: string
  note: string
}

function draftOf(row: Row): Draft {
  return {
    type: row.type ?? 'schedule', clientAmount: editableDecimal(row.clientAmount), percent: editableDecimal(row.percent), linkedItems: row.linkedItems ?? [],
    reason: row.reason ?? '', includedIn: row.includedIn ?? '', plugRate: editableDecimal(row.plugRate), plugType: row.plugType ?? 'other',
    takeoffQuantity: editableDecimal(row.takeoffQuantity), optionGroup: row.option?.group ?? '', optionSelected: row.option?.selected ?? true,
    inactive: row.inactive ?? false, indirect: row.indirectFlag ?? false, paymentClause: row.paymentClause ?? '', workbenchCode: row.workbenchCode ?? '', note: row.note ?? '',
  }
}

/** What differs, as the server takes it: a new type and what that type needs go together in one edit. */
function fieldsOf(before: Draft, after: Draft): ItemFields {
  const set: ItemFields = {}
  const decimal = (text: string) => (text.trim() === '' ? null : (readDecimal(text) ?? text))
  if (before.type !== after.type) set.type = after.type
  if (before.type !== after.type && UNMEASURED.includes(after.type)) set.quantity = null
  if (before.clientAmount !== after.clientAmount) set.clientAmount = decimal(after.clientAmount)
  if (before.percent !== after.percent) set.percent = decimal(after.percent)
  if (before.linkedItems.join() !== after.linkedItems.join()) set.linkedItems = after.linkedItems
  if (before.reason !== after.reason) set.reason = after.reason || null
  if (before.includedIn !== after.includedIn) set.includedIn = after.includedIn || null
  if (before.plugRate !== after.plugRate || (after.plugRate && before.plugType !== after.plugType)) {
    set.plugRate = decimal(after.plugRate)
    set.plugType = after.plugRate ? after.plugType : null
  }
  if (before.takeoffQuantity !== after.takeoffQuantity) set.takeoffQuantity = decimal(after.takeoffQuantity)
  if (before.optionGroup !== after.optionGroup || before.optionSelected !== after.optionSelected) {
    set.option = after.optionGroup.trim() ? { group: after.optionGroup.trim(), selected: after.optionSelected } : null
  }
  if (before.inactive !== after.inactive) set.inactive = after.inactive
  if (before.indirect !== after.indirect) set.indirect = after.indirect
  if (before.paymentClause !== after.paymentClause) set.paymentClause = after.paymentClause || null
  if (before.workbenchCode !== after.workbenchCode) set.workbenchCode = after.workbenchCode || null
  if (before.note !== after.note) set.note = after.note || null
  return set
}

/** Everything about an item that is neither its worksheet nor a column: type with what it needs, plug, option, codes, note. */
export function ItemDetails({ row }: { row: Row }) {
  const workspace = useWorkspace()
  const [open, setOpen] = useState(false)
  const [draft, setDraft] = useState(() => draftOf(row))
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const before = draftOf(row)
  const set = fieldsOf(before, draft)
  const dirty = Object.keys(set).length > 0
  useEffect(() => { setDraft(draftOf(row)); setError(null) }, [row.id, row.version]) // eslint-disable-line react-hooks/exhaustive-deps -- the row object changes with every roll-up; its version says whether its own fields did

  const change = (part: Partial<Draft>) => { setDraft((now) => ({ ...now, ...part })); setError(null) }
  const save = async () => {
    setBusy(true)
    try {
      await workspace.session.submit([updateOf(row, set, row.version)], { label: `Details of ${row.code || row.description}`, seen: [row] })
    } catch (refusal) {
      setError(refusalWords(refusal))
    }
    setBusy(false)
  }
  const frozen = workspace.frozen
  const text = (label: string, name: 'clientAmount' | 'percent' | 'reason' | 'plugRate' | 'takeoffQuantity' | 'optionGroup' | 'paymentClause' | 'workbenchCode' | 'note', hint?: string) => (
    <Field label={label} hint={hint}><TextInput value={draft[name]} disabled={frozen} onChange={(event) => change({ [name]: event.target.value })} /></Field>
  )
  return (
    <section aria-label="Details of the item" className="border-b border-line">
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex h-8 w-full items-center gap-1.5 pl-3 text-2xs font-medium text-ink3 -outline-offset-2! hover:text-ink">
        <Icon name="chevronRight" size={10} strokeWidth={2} className={cx('transition-transform', open && 'rotate-90')} />
        Details · {ITEM_TYPE_NAMES[row.type ?? 'schedule'].toLowerCase()}{row.plugRate ? ', plugged' : ''}{row.option ? `, option ${row.option.group}` : ''}
      </button>
      {open && (
        <form className="grid grid-cols-2 gap-x-3 gap-y-2.5 px-4 pb-3" onSubmit={(event) => { event.preventDefault(); if (dirty) void save() }}>
          <Field label="Type">
            <Select value={draft.type} disabled={frozen} onChange={(event) => change({ type: event.target.value as ItemType })}>
              {ITEM_TYPES.map((type) => <option key={type} value={type}>{ITEM_TYPE_NAMES[type]}</option>)}
            </Select>
          </Field>
          {(draft.type === 'provisional-sum' || draft.type === 'prime-cost-sum') && text('Client’s sum', 'clientAmount')}
          {draft.type === 'percentage' && text('Percent', 'percent')}
          {draft.type === 'excluded' && text('Reason', 'reason')}
          {draft.type === 'percentage' && <RowPicker label="Of these items" many value={draft.linkedItems} onChange={(linkedItems) => change({ linkedItems })} />}
          {draft.type === 'included-elsewhere' && <RowPicker label="Included in" value={draft.includedIn ? [draft.includedIn] : []} onChange={([includedIn]) => change({ includedIn: includedIn ?? '' })} />}
          {text('Take-off quantity', 'takeoffQuantity', 'Cost is built on it when given')}
          {!row.lineCount && !row.hasChildren && (
            <>
              {text('Plug rate', 'plugRate')}
              <Field label="Plug type">
                <Select value={draft.plugType} disabled={frozen} onChange={(event) => change({ plugType: event.target.value as ResourceType })}>
                  {RESOURCE_TYPES.map((type) => <option key={type} value={type}>{TYPE_NAMES[type]}</option>)}
                </Select>
              </Field>
            </>
          )}
          {text('Option group', 'optionGroup')}
          <div className="flex flex-col justify-end gap-1 pb-1">
            {draft.optionGroup && <Checkbox label="This option is taken" disabled={frozen} checked={draft.optionSelected} onChange={(event) => change({ optionSelected: event.target.checked })} />}
            <Checkbox label="Indirect" disabled={frozen} checked={draft.indirect} onChange={(event) => change({ indirect: event.target.checked })} />
            <Checkbox label="Inactive" disabled={frozen} checked={draft.inactive} onChange={(event) => change({ inactive: event.target.checked })} />
          </div>
          {text('Payment clause', 'paymentClause')}
          {text('Workbench code', 'workbenchCode')}
          <div className="col-span-2">{text('Note', 'note')}</div>
          <div className="col-span-2"><RowLabels kind="item" id={row.id} estimateId={workspace.session.estimateId} /></div>
          {error && <p role="alert" className="col-span-2 text-xs text-bad">{error}</p>}
          {dirty && (
            <div className="col-span-2 flex gap-2">
              <Button type="submit" look="primary" busy={busy}>Save details</Button>
              <Button look="plain" onClick={() => { setDraft(before); setError(null) }}>Cancel</Button>
            </div>
          )}
        </form>
      )}
    </section>
  )
}
