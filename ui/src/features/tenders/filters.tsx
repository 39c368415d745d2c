import { type FormEvent, useState } from 'react'
import type { TenderState } from '~/api/types'
import { LabelFilters } from '~/features/categories/row-labels'
import { Button } from '~/ui/button'
import { FormDialog } from '~/ui/dialog'
import { Field, SearchInput, Select, TextInput } from '~/ui/form'
import { Menu, type MenuEntry } from '~/ui/menu'
import { TENDER_STATE_NAMES } from '~/ui/words'
import { CLOSED_STATES, LIVE_STATES, OPEN_STATES, TENDER_STATES } from './states'
import { BUILT_IN_VIEWS, type Closes, type TenderView, isFiltered, sameView, useSavedViews } from './views'

interface FiltersProps {
  view: TenderView
  userId: string
  text: string
  onText: (text: string) => void
  /** Changes parts of the view; those not named stay. */
  onChange: (change: TenderView) => void
  /** Replaces the whole view. */
  onShow: (view: TenderView) => void
}

const GROUPS: { name: string; states: readonly TenderState[] }[] = [
  { name: 'Open', states: OPEN_STATES },
  { name: 'Still to be won', states: LIVE_STATES },
  { name: 'Decided', states: CLOSED_STATES },
]

/** Words, states, closing times and saved views, for the register and the board alike. */
export function TenderFilters({ view, userId, text, onText, onChange, onShow }: FiltersProps) {
  const [naming, setNaming] = useState(false)
  const saved = useSavedViews(userId)
  const all = [...BUILT_IN_VIEWS, ...saved.views]
  const current = all.find((entry) => sameView(entry.show, view))
  const items: MenuEntry[] = [
    ...BUILT_IN_VIEWS.map((entry) => ({ label: entry.name, onSelect: () => onShow(entry.show) })),
    ...(saved.views.length ? (['separator', { heading: 'My views' }] as const) : []),
    ...saved.views.map((entry) => ({ label: entry.name, onSelect: () => onShow(entry.show) })),
    'separator',
    { label: 'Save this view…', icon: 'plus', disabled: current !== undefined, onSelect: () => setNaming(true) },
    ...(current && saved.views.includes(current) ? [{ label: `Forget “${current.name}”`, icon: 'trash' as const, onSelect: () => saved.forget(current.name) }] : []),
  ]
  return (
    <div role="search" className="flex flex-wrap items-center gap-2 border-b border-line bg-pane px-4 py-2">
      <Menu align="start" trigger={<Button icon="filter">{current?.name ?? 'Views'}</Button>} items={items} />
      <SearchInput label="Find by number, name, client or place" className="w-80" value={text} onChange={(event) => onText(event.target.value)} />
      <Field label="State" hideLabel>
        <Select value={view.state ?? ''} onChange={(event) => onChange({ state: event.target.value || undefined })}>
          <option value="">Every state</option>
          <optgroup label="Together">{GROUPS.map((group) => <option key={group.name} value={group.states.join(',')}>{group.name}</option>)}</optgroup>
          <optgroup label="One">{TENDER_STATES.map((state) => <option key={state} value={state}>{TENDER_STATE_NAMES[state]}</option>)}</optgroup>
        </Select>
      </Field>
      <Field label="Closing time" hideLabel>
        <Select value={view.closes ?? ''} onChange={(event) => onChange({ closes: (event.target.value || undefined) as Closes | undefined })}>
          <option value="">Closing any time</option><option value="week">Within 7 days</option><option value="month">Within 30 days</option><option value="past">Closed already</option>
        </Select>
      </Field>
      <LabelFilters kind="tender" value={view.options} onChange={(options) => onChange({ options })} />
      {isFiltered(view) && <Button look="plain" icon="close" onClick={() => onShow({ sort: view.sort, view: view.view })}>Clear</Button>}
      {naming && <NameView taken={all.map((entry) => entry.name)} onClose={() => setNaming(false)} onSave={(name) => saved.save(name, view)} />}
    </div>
  )
}

function NameView({ taken, onClose, onSave }: { taken: string[]; onClose: () => void; onSave: (name: string) => void }) {
  const [name, setName] = useState('')
  const trimmed = name.trim()
  const built = BUILT_IN_VIEWS.some((entry) => entry.name === trimmed)
  const save = (event: FormEvent) => {
    event.preventDefault()
    if (!trimmed || built) return
    onSave(trimmed)
    onClose()
  }
  return (
    <FormDialog
      width="narrow" title="Save this view" description="Filters, order and layout, for you on this computer."
      action={taken.includes(trimmed) && !built ? 'Replace' : 'Save'} disabled={!trimmed || built} onClose={onClose} onSubmit={save}
    >
      <Field label="Name" error={built ? 'Everybody has a view of this name.' : undefined}><TextInput autoFocus required maxLength={60} value={name} onChange={(event) => setName(event.target.value)} /></Field>
    </FormDialog>
  )
}
