import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, newKey } from '~/api/client'
import { isOnItsWay, keys } from '~/api/queries'
import type { CatalogueEntry, PackageDetail, PackageFields, Row } from '~/api/types'
import { rowWords, useRowSearch } from '~/features/commercials/queries'
import { useEstimateSession } from '~/features/estimate/model/context'
import { fromZonedInput, toZonedInput } from '~/features/tenders/zoned'
import { IconButton } from '~/ui/button'
import { Combobox } from '~/ui/combobox'
import { FormDialog } from '~/ui/dialog'
import { Field, Select, TextArea, TextInput } from '~/ui/form'
import { problemText } from '~/ui/problem'
import { useSubmit } from '~/ui/use-submit'
import { count } from '~/ui/words'
import { useRights } from './frame'
import { editPackages } from './queries'

interface Chosen { id: string; words: string }

/** A new package, or what one is and holds. */
export function PackageDialog({ estimateId, detail, onClose, onSaved }: { estimateId: string; detail?: PackageDetail; onClose: () => void; onSaved?: (id: string) => void }) {
  const session = useEstimateSession()
  const { zone } = useRights(estimateId)
  const row = detail?.package
  const [kind, setKind] = useState<'items' | 'resources'>(row?.kind ?? 'items')
  const [code, setCode] = useState(row?.code ?? '')
  const [name, setName] = useState(row?.name ?? '')
  const [note, setNote] = useState(detail?.note ?? '')
  const [deadline, setDeadline] = useState(toZonedInput(row?.deadline, zone))
  const [members, setMembers] = useState<Chosen[]>(() => detail?.members.map((one) => ({ id: one.id, words: `${one.code} ${one.description}`.trim() })) ?? [])
  const { busy, refusal, run } = useSubmit()
  const fixed = row !== undefined && (row.state === 'awarded' || row.state === 'transferred' || row.state === 'cancelled')

  const save = async () => {
    const ids = members.map((one) => one.id)
    const at = fromZonedInput(deadline, zone)
    const set: PackageFields = {
      code, name, note: note.trim() || null, ...(fixed ? {} : kind === 'items' ? { itemIds: ids } : { resourceIds: ids }),
      ...(at && !fixed ? { deadline: at } : {}),
    }
    const id = row?.id ?? newKey()
    await editPackages(session, [row ? { do: 'update', id, version: row.version, set } : { do: 'add', id, set }])
    onClose()
    onSaved?.(id)
  }
  const add = (chosen: Chosen) => setMembers((now) => (now.some((one) => one.id === chosen.id) ? now : [...now, chosen]))
  return (
    <FormDialog
      width="wide" noValidate className="grid grid-cols-6 gap-3" title={row ? `Package ${row.code || row.name}` : 'New package'}
      description="Work or supply that companies are asked to quote for." action={row ? 'Save package' : 'Add package'}
      busy={busy} onClose={onClose} onSubmit={(event) => run(save, event)}
    >
      <Field label="Code" className="col-span-2"><TextInput value={code} onChange={(event) => setCode(event.target.value)} placeholder="PKG-01" /></Field>
      <Field label="Name" className="col-span-4"><TextInput required value={name} onChange={(event) => setName(event.target.value)} placeholder="Surfacing" /></Field>
      <Field label="Quotes by" hint="New Zealand time" className="col-span-3"><TextInput type="datetime-local" disabled={fixed} value={deadline} onChange={(event) => setDeadline(event.target.value)} /></Field>
      <Field label="Made of" className="col-span-3">
        <Select value={kind} disabled={row !== undefined} onChange={(event) => { setKind(event.target.value as typeof kind); setMembers([]) }}>
          <option value="items">Items of the estimate</option><option value="resources">Resources it uses</option>
        </Select>
      </Field>
      <Field label="Note to those who quote" className="col-span-6"><TextArea rows={2} value={note} onChange={(event) => setNote(event.target.value)} /></Field>
      <fieldset className="col-span-6 grid gap-1.5" disabled={fixed}>
        <legend className="mb-1 text-xs font-medium text-ink2">{count(members.length, kind === 'items' ? 'item' : 'resource')}</legend>
        {!fixed && (kind === 'items' ? <ItemPicker estimateId={estimateId} onPick={add} /> : <ResourcePicker onPick={add} />)}
        <ul className="max-h-52 overflow-y-auto rounded-md border border-line empty:hidden">
          {members.map((one) => (
            <li key={one.id} className="flex items-center gap-2 border-b border-line2 px-2 last:border-0">
              <span className="min-w-0 flex-1 truncate" title={one.words}>{one.words}</span>
              <IconButton icon="close" label={`Take out ${one.words}`} onClick={() => setMembers((now) => now.filter((other) => other.id !== one.id))} />
            </li>
          ))}
        </ul>
      </fieldset>
      {refusal && <p role="alert" className="col-span-6 text-bad">{refusal}</p>}
    </FormDialog>
  )
}

/** Items of the schedule below a heading, however deep; sub-items go with theirs. */
async function itemsBelow(estimateId: string, heading: string): Promise<Row[]> {
  const { items } = await api.get<{ items: Row[] }>(`/estimates/${estimateId}/rows/${heading}/children`)
  const found = await Promise.all(items.map((child) => (child.kind === 'item' ? [child] : itemsBelow(estimateId, child.id))))
  return found.flat()
}

/** Items by words; a heading brings all the items below it. */
function ItemPicker({ estimateId, onPick }: { estimateId: string; onPick: (chosen: Chosen) => void }) {
  const [text, setText] = useState('')
  const [none, setNone] = useState('')
  const found = useRowSearch(estimateId, text)
  const rows = text.trim() === '' ? [] : (found.data?.items.map((hit) => hit.row) ?? [])
  const pick = async (row: Row) => {
    setText('')
    if (row.kind === 'item') return onPick({ id: row.id, words: rowWords(row) })
    try {
      const items = await itemsBelow(estimateId, row.id)
      setNone(items.length === 0 ? `No item is below ${rowWords(row)}.` : '')
      for (const item of items) onPick({ id: item.id, words: rowWords(item) })
    } catch (error) {
      setNone(problemText(error))
    }
  }
  return (
    <>
    <Combobox
      label="Add items by code or words" placeholder="Add items: code or words, or a heading for all of its items" text={text} onText={setText} options={rows} optionKey={(row) => row.id} busy={found.isFetching}
      renderOption={(row) => <span className={row.kind === 'heading' ? 'font-medium' : ''}>{rowWords(row)}{row.kind === 'heading' && <span className="text-ink3"> all items</span>}</span>}
      onPick={(row) => void pick(row)} empty={isOnItsWay(found) ? 'Looking…' : 'No row fits.'} pending={isOnItsWay(found)}
    />
    {none && <p role="status" className="text-xs text-ink2">{none}</p>}
    </>
  )
}

function ResourcePicker({ onPick }: { onPick: (chosen: Chosen) => void }) {
  const [text, setText] = useState('')
  const found = useQuery({
    queryKey: [...keys.catalogue, 'package', text.trim()], enabled: text.trim() !== '',
    queryFn: ({ signal }) => api.get<{ items: CatalogueEntry[] }>('/catalogue', { query: { q: text.trim(), limit: 20 }, signal }),
  })
  return (
    <Combobox
      label="Add resources by code or words" placeholder="Add resources by code or words" text={text} onText={setText} options={found.data?.items.filter((one) => one.kind === 'resource') ?? []}
      optionKey={(one) => one.id} renderOption={(one) => <>{one.code} <span className="text-ink2">{one.description}</span></>} busy={found.isFetching}
      onPick={(one) => { setText(''); onPick({ id: one.id, words: `${one.code} ${one.description}` }) }} empty={isOnItsWay(found) ? 'Looking…' : 'No resource fits.'} pending={isOnItsWay(found)}
    />
  )
}
