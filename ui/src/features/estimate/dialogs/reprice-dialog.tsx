import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '~/api/client'
import { priceBooksQuery } from '~/api/queries'
import type { Reprice } from '~/api/types'
import { Spinner } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatMoney, formatRate, isNegativeDecimal } from '~/ui/decimal'
import { Dialog } from '~/ui/dialog'
import { Field, Select } from '~/ui/form'
import { ProblemPanel } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { useSubmit } from '~/ui/use-submit'
import { count } from '~/ui/words'
import { useEstimateSession } from '../model/context'
import { useWorkspace } from '../model/workspace-context'

/** What bringing every worksheet to the rates of today would change, line by line, before it is done. */
export default function RepriceDialog() {
  const session = useEstimateSession()
  const workspace = useWorkspace()
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const { busy, refusal, run } = useSubmit()
  const [from, setFrom] = useState('')
  const books = useQuery(priceBooksQuery)
  const scope = from === '' ? {} : { priceBook: { id: from } }
  const path = `/estimates/${session.estimateId}/reprice`
  const preview = useQuery({
    queryKey: ['estimate', session.estimateId, 'reprice', from], queryFn: ({ signal }) => api.post<Reprice>(path, { ...scope, apply: false }, { signal, idempotencyKey: null }), staleTime: 0, gcTime: 0,
  })
  const close = () => { workspace.set({ dialog: null }); workspace.focusGrid() }
  const lines = preview.data?.lines ?? []
  const chosen = lines.filter((line) => !left.has(line.lineId))
  const apply = async () => {
    const done = await api.post<Reprice>(path, { ...scope, choose: chosen.map((line) => line.lineId), preview: preview.data?.preview, apply: true })
    if (done.result) session.applyResult(done.result)
    toast.done(`${count(done.lines.length, 'line')} repriced`, { detail: `Cost changes by ${formatMoney(done.effect)}.` })
    close()
  }
  return (
    <Dialog
      open onOpenChange={(open) => { if (!open) close() }} width="wide" title="Reprice from the price book" description="Lines keep the rate they were priced with until you take the current one."
      footer={<><Button onClick={close}>Cancel</Button><Button look="primary" busy={busy} disabled={chosen.length === 0} onClick={() => run(apply)}>Reprice {count(chosen.length, 'line')}</Button></>}
    >
      {(books.data?.items.length ?? 0) > 1 && (
        <Field label="Rates from" className="mb-3 w-80" hint="Resources of another price book are matched by code.">
          <Select value={from} onChange={(event) => { setFrom(event.target.value); setLeft(new Set()) }}>
            <option value="">each resource's own price book</option>
            {books.data?.items.filter((book) => book.current > 0 && !book.archived).map((book) => <option key={book.id} value={book.id}>{book.name}, version {book.current}</option>)}
          </Select>
        </Field>
      )}
      {preview.isError ? <ProblemPanel error={preview.error} retry={() => void preview.refetch()} /> : !preview.data ? <div className="grid place-items-center p-8"><Spinner /></div> : lines.length === 0 ? (
        <p className="py-8 text-center text-ink2">Every line is at the current rate.</p>
      ) : (
        <>
          <table className="table">
            <thead><tr><th className="w-8"><span className="sr-only">Take</span></th><th>Item</th><th>Resource</th><th className="num">Rate</th><th className="num">Now</th><th className="num">Cost</th><th className="num">Then</th></tr></thead>
            <tbody>
              {lines.map((line) => (
                <tr key={line.lineId}>
                  <td><input type="checkbox" aria-label={`Reprice ${line.code} in ${line.itemCode}`} checked={!left.has(line.lineId)} onChange={(event) => setLeft((now) => { const next = new Set(now); if (event.target.checked) next.delete(line.lineId); else next.add(line.lineId); return next })} /></td>
                  <td>{line.itemCode}</td><td>{line.code}</td><td className="num text-ink2">{formatRate(line.oldRate)}</td><td className="num">{formatRate(line.newRate)}</td>
                  <td className="num text-ink2">{formatMoney(line.oldCost)}</td><td className="num">{formatMoney(line.newCost)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="mt-3 text-right">Cost goes from {formatMoney(preview.data.oldTotal)} to {formatMoney(preview.data.newTotal)} when every line is taken; the lines change by <b className={isNegativeDecimal(preview.data.effect) ? 'text-good' : 'text-warn'}>{isNegativeDecimal(preview.data.effect) ? '' : '+'}{formatMoney(preview.data.effect)}</b></p>
        </>
      )}
      {refusal && <p role="alert" className="mt-2 text-bad">{refusal}</p>}
    </Dialog>
  )
}
