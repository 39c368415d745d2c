import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { api } from '~/api/client'
import type { Edit, Page, Row, SearchHit } from '~/api/types'
import { Button } from '~/ui/button'
import { Dialog } from '~/ui/dialog'
import { Checkbox, Field, Select, TextInput } from '~/ui/form'
import { problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { count } from '~/ui/words'
import { useEstimateSession } from '../model/context'
import { updateOf } from '../model/edits'
import { useWorkspace } from '../model/workspace-context'
import { type ReplaceField, replaceIn } from '../model/replace'
import { COMMAND_ROWS_MAX } from '../workspace'

const SHOWN = 8
const PAGE = 500

/** Reads every hit, page by page. */
async function allHits(estimateId: string, q: string, signal?: AbortSignal): Promise<Row[]> {
  const rows: Row[] = []
  let cursor: string | null | undefined
  do {
    const page: Page<SearchHit> = await api.get(`/estimates/${estimateId}/search`, { query: { q, limit: PAGE, cursor }, ...(signal ? { signal } : {}) })
    rows.push(...page.items.map((hit) => hit.row))
    cursor = page.nextCursor
  } while (cursor && rows.length < COMMAND_ROWS_MAX)
  return rows
}

export function ReplaceDialog() {
  const workspace = useWorkspace()
  return workspace.dialog?.kind === 'replace' ? <Body /> : null
}

function Body() {
  const session = useEstimateSession()
  const workspace = useWorkspace()
  const [find, setFind] = useState('')
  const [replace, setReplace] = useState('')
  const [field, setField] = useState<ReplaceField>('description')
  const [matchCase, setMatchCase] = useState(false)
  const [busy, setBusy] = useState(false)
  const wanted = useDeferredValue(find)
  const hits = useQuery({
    queryKey: ['estimate', session.estimateId, 'search', wanted, 'all'], queryFn: ({ signal }) => allHits(session.estimateId, wanted.trim(), signal),
    enabled: wanted.trim() !== '', staleTime: 0,
  })
  const changes = (hits.data ?? []).flatMap((row) => {
    const after = replaceIn(row, field, wanted, replace, matchCase)
    return after === null ? [] : [{ row, ...after }]
  })
  const close = () => { workspace.set({ dialog: null }); workspace.focusGrid() }
  const run = async () => {
    setBusy(true)
    const edits: Edit[] = changes.map(({ row, set }) => updateOf(row, set, row.version))
    const result = await workspace.run(`Replace “${find}” with “${replace}” in ${count(edits.length, 'row')}`, edits, { seen: changes.map(({ row }) => row) })
    setBusy(false)
    if (result) {
      toast.done(`Replaced in ${count(edits.length, 'row')}`)
      close()
    }
  }
  return (
    <Dialog
      open onOpenChange={(open) => { if (!open) close() }} title="Find and replace"
      footer={<><Button onClick={close}>Cancel</Button><Button look="primary" busy={busy} disabled={changes.length === 0 || changes.length > COMMAND_ROWS_MAX} onClick={() => void run()}>Replace in {count(changes.length, 'row')}</Button></>}
    >
      <div className="grid grid-cols-2 gap-3">
        <Field label="Find"><TextInput autoFocus value={find} onChange={(event) => setFind(event.target.value)} /></Field>
        <Field label="Replace with"><TextInput value={replace} onChange={(event) => setReplace(event.target.value)} /></Field>
        <Field label="In">
          <Select value={field} onChange={(event) => setField(event.target.value as ReplaceField)}>
            <option value="description">Descriptions</option><option value="code">Codes</option><option value="unit">Units (whole)</option>
          </Select>
        </Field>
        <div className="flex items-end pb-1.5"><Checkbox label="Match case" checked={matchCase} onChange={(event) => setMatchCase(event.target.checked)} /></div>
      </div>
      <div role="status" className="mt-3 text-ink2">
        {hits.isError ? <span className="text-bad">{problemText(hits.error)}</span> : wanted.trim() === '' ? 'Type what to find.' : hits.isPending ? 'Looking…' : changes.length === 0 ? 'Nothing would change.' : `${count(changes.length, 'row')} would change, in one step that can be undone:`}
      </div>
      <ul className="mt-1.5">
        {changes.slice(0, SHOWN).map(({ row, before, after }) => (
          <li key={row.id} className="flex gap-3 border-b border-line2 py-1 last:border-0">
            <span className="w-14 shrink-0 truncate text-ink3">{row.code}</span>
            <span className="min-w-0 flex-1"><del className="text-ink3">{before}</del><br /><ins className="no-underline">{after}</ins></span>
          </li>
        ))}
      </ul>
      {changes.length > SHOWN && <p className="mt-1 text-ink3">and {count(changes.length - SHOWN, 'more row')}</p>}
    </Dialog>
  )
}
