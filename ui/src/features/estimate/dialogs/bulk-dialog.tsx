import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ItemType, Row } from '~/api/types'
import { choicesFor, optionName } from '~/features/categories/model'
import { categorisationsQuery } from '~/features/categories/queries'
import { Button } from '~/ui/button'
import { Dialog } from '~/ui/dialog'
import { Field, Select, TextInput } from '~/ui/form'
import { ITEM_TYPES, ITEM_TYPE_NAMES, UNMEASURED, count } from '~/ui/words'
import { labelRows, setRows } from '../actions'
import { matchUnit } from '../cell-edit'
import { selectedRowCount } from '../grid/selection'
import type { RowFields } from '../model/edits'
import { useWorkspace } from '../model/workspace-context'

const NONE = 'none'

/** One change to every selected item: what is left empty stays as it is. */
export function BulkDialog() {
  const workspace = useWorkspace()
  const open = workspace.dialog?.kind === 'bulk'
  return open ? <Body /> : null
}

function Body() {
  const workspace = useWorkspace()
  const [type, setType] = useState('')
  const [unit, setUnit] = useState('')
  const [inactive, setInactive] = useState('')
  const [indirect, setIndirect] = useState('')
  const categories = choicesFor(useQuery(categorisationsQuery).data ?? [], 'item', [])
  /** By categorisation: an option, or NONE to take away what the rows carry of it. */
  const [chosen, setChosen] = useState<Record<string, string>>({})
  const labels = Object.entries(chosen).filter(([, option]) => option !== '')
  const [busy, setBusy] = useState(false)
  const rows = selectedRowCount(workspace.selection)
  const close = () => { workspace.set({ dialog: null }); workspace.focusGrid() }
  const code = matchUnit(unit, workspace.units)
  const unknown = unit.trim() !== '' && workspace.units.length > 0 && !workspace.units.some((one) => one.code === code)

  const apply = async () => {
    const set: RowFields = {}
    const overlay: Partial<Row> = {}
    if (type) { set.type = type as ItemType; overlay.type = type as ItemType }
    if (UNMEASURED.some((one) => one === type)) set.quantity = null
    if (unit.trim()) { set.unit = code; overlay.unit = code }
    if (inactive) { set.inactive = inactive === 'yes'; overlay.inactive = set.inactive }
    if (indirect) { set.indirect = indirect === 'yes'; overlay.indirectFlag = set.indirect }
    setBusy(true)
    let done = Object.keys(set).length === 0 || await setRows(workspace, `Set ${Object.keys(set).join(', ')}`, set, overlay)
    if (done && labels.length > 0) {
      done = await labelRows(workspace, labels.map(([id, option]) => [id, option === NONE ? null : option]))
    }
    setBusy(false)
    if (done) close()
  }
  return (
    <Dialog
      open onOpenChange={(open) => { if (!open) close() }} width="narrow" title={`Edit ${count(rows, 'row')} together`} description="What is left empty stays as it is. Headings are passed over."
      footer={<><Button onClick={close}>Cancel</Button><Button look="primary" busy={busy} disabled={!type && !unit.trim() && !inactive && !indirect && labels.length === 0} onClick={() => void apply()}>Change {count(rows, 'row')}</Button></>}
    >
      <div className="grid gap-3">
        <Field label="Type">
          <Select value={type} onChange={(event) => setType(event.target.value)}>
            <option value="">As it is</option>
            {ITEM_TYPES.map((one) => <option key={one} value={one}>{ITEM_TYPE_NAMES[one]}</option>)}
          </Select>
        </Field>
        <Field label="Unit" error={unknown ? `“${unit.trim()}” is not in the unit list.` : undefined}>
          <TextInput value={unit} list="bulk-units" placeholder="As it is" onChange={(event) => setUnit(event.target.value)} />
        </Field>
        <datalist id="bulk-units">{workspace.units.map((one) => <option key={one.code} value={one.code}>{one.name}</option>)}</datalist>
        <Field label="Inactive"><YesNo value={inactive} onChange={setInactive} /></Field>
        <Field label="Indirect"><YesNo value={indirect} onChange={setIndirect} /></Field>
        {categories.map((row) => (
          <Field key={row.id} label={row.name}>
            <Select value={chosen[row.id] ?? ''} onChange={(event) => setChosen((now) => ({ ...now, [row.id]: event.target.value }))}>
              <option value="">As it is</option>
              {row.options.filter((option) => !option.archived).map((option) => <option key={option.id} value={option.id}>{row.kind === 'flag' ? 'Yes' : optionName(option)}</option>)}
              <option value={NONE}>{row.kind === 'flag' ? 'No' : 'Not said'}</option>
            </Select>
          </Field>
        ))}
      </div>
    </Dialog>
  )
}

function YesNo({ value, onChange, ...rest }: { value: string; onChange: (value: string) => void }) {
  return (
    <Select value={value} onChange={(event) => onChange(event.target.value)} {...rest}>
      <option value="">As it is</option><option value="yes">Yes</option><option value="no">No</option>
    </Select>
  )
}
