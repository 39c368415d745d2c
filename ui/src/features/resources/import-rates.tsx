import { useState } from 'react'
import { api } from '~/api/client'
import type { Import, PriceBook, RateImport } from '~/api/types'
import { Chip, Spinner } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatRate } from '~/ui/decimal'
import { Dialog } from '~/ui/dialog'
import { FileButton } from '~/ui/file-button'
import { Field, Select } from '~/ui/form'
import { problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { RESOURCE_TYPES, TYPE_NAMES, count } from '~/ui/words'

const LOOKS = { new: 'good', changed: 'accent', same: 'plain', error: 'bad' } as const
const SHOWN_MAX = 500

/** A price list becomes rates of the open version: first shown row by row, then taken whole or not at all (BR-103). */
export function ImportRates({ book, onClose, onDone }: { book: PriceBook; onClose: () => void; onDone: () => void }) {
  const [file, setFile] = useState<Import | null>(null)
  const [sheet, setSheet] = useState(0)
  const [gst, setGst] = useState<'exclusive' | 'inclusive'>('exclusive')
  const [type, setType] = useState('material')
  const [shown, setShown] = useState<RateImport | null>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)

  const ask = async (upload: Import, options: { sheet: number; gst: string; type: string }, apply: boolean) => {
    setBusy(true)
    setError(null)
    try {
      const answer = await api.post<RateImport>(`/price-books/${book.id}/import`, { uploadId: upload.id, sheet: options.sheet, gst: options.gst, defaultType: options.type, apply }, apply ? {} : { idempotencyKey: null })
      if (apply) {
        onDone()
        toast.done(`${count(answer.added + answer.changed, 'resource')} taken into ${book.name}`, { detail: `Version ${answer.priceBook?.draft ?? ''} is open: compare it, then publish it.` })
        onClose()
      } else setShown(answer)
    } catch (problem) {
      setShown(null)
      setError(problemText(problem))
    } finally {
      setBusy(false)
    }
  }
  const upload = async (chosen: File | undefined) => {
    if (!chosen) return
    setBusy(true)
    setError(null)
    try {
      const form = new FormData()
      form.append('file', chosen)
      const made = await api.post<Import>('/imports', form)
      setFile(made)
      setSheet(0)
      await ask(made, { sheet: 0, gst, type }, false)
    } catch (problem) {
      setError(problemText(problem))
      setBusy(false)
    }
  }
  const change = (next: { sheet?: number; gst?: typeof gst; type?: string }) => {
    const options = { sheet: next.sheet ?? sheet, gst: next.gst ?? gst, type: next.type ?? type }
    setSheet(options.sheet)
    setGst(options.gst)
    setType(options.type)
    if (file) void ask(file, options, false)
  }
  const takes = shown ? shown.added + shown.changed : 0
  return (
    <Dialog
      open width="wide" onOpenChange={(open) => { if (!open) onClose() }} title={`Import a price list into ${book.name}`}
      description="A spreadsheet with at least the columns Code and Rate; also read: Description, Type, Unit, Valid from, Valid to, Currency, Quoted, GST, Exchange, Exchange date."
      footer={<><Button onClick={onClose}>Cancel</Button><Button look="primary" busy={busy} disabled={!file || !shown || shown.problems.length > 0 || takes === 0} onClick={() => { if (file) void ask(file, { sheet, gst, type }, true) }}>Take {count(takes, 'resource')}</Button></>}
    >
      <div className="mb-3 flex flex-wrap items-end gap-3">
        <div className="flex min-w-0 flex-col gap-1">
          <span className="text-xs font-medium text-ink2">Price list</span>
          <span className="flex min-w-0 items-center gap-2">
            <FileButton label="Price list" accept=".xlsx,.xls,.csv,.tsv,.txt" icon="upload" onFiles={([chosen]) => void upload(chosen)}>{file ? 'Choose another…' : 'Choose a file…'}</FileButton>
            {file && <span className="max-w-60 truncate" title={file.fileName}>{file.fileName}</span>}
          </span>
        </div>
        {file && file.sheets.length > 1 && (
          <Field label="Sheet"><Select value={String(sheet)} onChange={(event) => change({ sheet: Number.parseInt(event.target.value, 10) })}>{file.sheets.map((one, at) => <option key={at} value={at}>{one.name}</option>)}</Select></Field>
        )}
        <Field label="Rates are"><Select value={gst} onChange={(event) => change({ gst: event.target.value as typeof gst })}><option value="exclusive">without GST</option><option value="inclusive">with GST</option></Select></Field>
        <Field label="New resources are"><Select value={type} onChange={(event) => change({ type: event.target.value })}>{RESOURCE_TYPES.map((one) => <option key={one} value={one}>{TYPE_NAMES[one]}</option>)}</Select></Field>
        {busy && <Spinner label="Reading the list" />}
      </div>
      {error && <p role="alert" className="mb-2 text-bad">{error}</p>}
      {shown && (
        <>
          <p role="status" className="mb-2">{count(shown.added, 'new resource')}, {count(shown.changed, 'changed rate')}, {shown.same} as they are{shown.missing > 0 ? `; ${count(shown.missing, 'resource')} of the book not in the list keep their rates` : ''}.</p>
          {shown.problems.length > 0 && (
            <div role="alert" className="mb-3 rounded-md border border-bad px-3 py-2">
              <p className="font-medium text-bad">{count(shown.problems.length, 'problem')}: nothing is taken until they are put right in the list.</p>
              <ul className="mt-1 max-h-40 overflow-y-auto">{shown.problems.map((problem, at) => <li key={at}><b className="font-medium tabular-nums">{problem.cell}</b> {problem.message} <span className="text-2xs text-ink3">{problem.code}</span></li>)}</ul>
            </div>
          )}
          <table className="table">
            <thead><tr><th className="num w-14">Row</th><th>Resource</th><th className="w-24">Becomes</th><th className="num w-28">Now</th><th className="num w-28">Then</th></tr></thead>
            <tbody>
              {shown.rows.slice(0, SHOWN_MAX).map((row) => (
                <tr key={row.row}>
                  <td className="num text-ink3">{row.row}</td><td className="max-w-0 truncate"><b className="font-medium">{row.code}</b> <span className="text-ink2">{row.description}</span></td>
                  <td><Chip look={LOOKS[row.action]}>{row.action}</Chip></td><td className="num text-ink2">{formatRate(row.before)}</td><td className="num">{formatRate(row.after)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {shown.rows.length > SHOWN_MAX && <p className="mt-2 text-xs text-ink2">The first {SHOWN_MAX} of {shown.rows.length} rows.</p>}
        </>
      )}
    </Dialog>
  )
}
