import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '~/api/client'
import { usePages } from '~/api/pages'
import { keys, priceBooksQuery } from '~/api/queries'
import type { Tender } from '~/api/types'
import { Spinner } from '~/ui/bits'
import { Button } from '~/ui/button'
import { Dialog } from '~/ui/dialog'
import { Checkbox, Field, Select } from '~/ui/form'
import { ProblemPanel } from '~/ui/problem'
import { useSubmit } from '~/ui/use-submit'
import { count } from '~/ui/words'

export type BatchKind = 'reprice' | 'recalculation'

const TENDERS_MAX = 500
const ESTIMATES_MAX = 500

const WORDS: Record<BatchKind, { title: string; description: string; action: string }> = {
  reprice: {
    title: 'Reprice estimates', action: 'List what changes',
    description: 'Lines keep the rate they were priced with. First a job lists what the current rates change in each estimate; from its details the list is carried out.',
  },
  recalculation: {
    title: 'Recalculate estimates', action: 'Recalculate',
    description: 'Works every figure of each estimate out again from its stored rows and compares it with what is shown. Nothing changes.',
  },
}

/** Starts a batch over many estimates. */
export function BatchDialog({ kind, onClose }: { kind: BatchKind; onClose: () => void }) {
  const client = useQueryClient()
  const words = WORDS[kind]
  const tenders = usePages<Tender>(keys.tenders, '/tenders', { limit: TENDERS_MAX })
  const books = useQuery({ ...priceBooksQuery, enabled: kind === 'reprice' })
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const [book, setBook] = useState('')
  const { busy, refusal, run } = useSubmit()
  const rows = (tenders.items ?? []).flatMap((tender) => tender.estimates
    .filter((estimate) => kind === 'recalculation' || estimate.state === 'in-progress')
    .map((estimate) => ({ id: estimate.id, name: `${tender.number} ${tender.name}`, code: `${estimate.code} r${estimate.revision}` })))
  const chosen = rows.filter((row) => !left.has(row.id))
  const toggle = (id: string) => setLeft((before) => {
    const next = new Set(before)
    if (!next.delete(id)) next.add(id)
    return next
  })
  const start = async () => {
    const ids = chosen.map((row) => row.id)
    if (kind === 'recalculation') await api.post('/jobs/recalculation', { estimateIds: ids })
    else await api.post('/jobs/reprice', { apply: false, estimates: ids.map((id) => ({ id })), ...(book ? { priceBook: { id: book } } : {}) })
    await client.invalidateQueries({ queryKey: keys.jobs })
    onClose()
  }
  return (
    <Dialog
      open onOpenChange={(open) => { if (!open) onClose() }} title={words.title} description={words.description}
      footer={<><Button onClick={onClose}>Cancel</Button><Button look="primary" busy={busy} disabled={chosen.length === 0 || chosen.length > ESTIMATES_MAX} onClick={() => run(start)}>{words.action}</Button></>}
    >
      {tenders.error ? <ProblemPanel error={tenders.error} retry={tenders.retry} /> : !tenders.items ? <div className="grid place-items-center p-8"><Spinner /></div> : rows.length === 0 ? (
        <p className="text-ink2">{kind === 'reprice' ? 'No estimate is in progress.' : 'There is no estimate yet.'}</p>
      ) : (
        <div className="grid gap-3">
          {kind === 'reprice' && (
            <Field label="Rates from">
              <Select value={book} onChange={(event) => setBook(event.target.value)}>
                <option value="">Each resource’s own price book, as it is now</option>
                {books.data?.items.filter((one) => !one.archived && one.current > 0).map((one) => <option key={one.id} value={one.id}>{one.name}, version {one.current}</option>)}
              </Select>
            </Field>
          )}
          <fieldset className="min-w-0">
            <legend className="mb-1 text-xs font-medium text-ink2">Estimates</legend>
            <div className="flex items-center gap-3 border-b border-line pb-1">
              <Checkbox label={<b>{count(chosen.length, 'estimate')} of {rows.length.toLocaleString('en-NZ')}</b>} checked={chosen.length === rows.length} onChange={() => setLeft(chosen.length === rows.length ? new Set(rows.map((row) => row.id)) : new Set())} />
              {tenders.hasMore && <Button look="plain" busy={tenders.loadingMore} onClick={tenders.more}>More tenders</Button>}
            </div>
            <ul className="max-h-64 overflow-y-auto py-1">
              {rows.map((row) => <li key={row.id}><Checkbox label={<>{row.name} <span className="text-ink2">{row.code}</span></>} checked={!left.has(row.id)} onChange={() => toggle(row.id)} /></li>)}
            </ul>
          </fieldset>
          {chosen.length > ESTIMATES_MAX && <p className="text-warn">One job takes at most {ESTIMATES_MAX} estimates.</p>}
        </div>
      )}
      {refusal && <p role="alert" className="mt-2 text-bad">{refusal}</p>}
    </Dialog>
  )
}
