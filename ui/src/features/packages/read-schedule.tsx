import { useState } from 'react'
import { api, apiUrl } from '~/api/client'
import type { CompanyQuote, Import, PackageDetail, PackageEdit, QuoteRead } from '~/api/types'
import { Button } from '~/ui/button'
import { Spinner } from '~/ui/bits'
import { FileButton } from '~/ui/file-button'
import { problemText } from '~/ui/problem'
import { count } from '~/ui/words'

const PROBLEMS_SHOWN = 8

/** The schedule to send: a workbook with the lines of the package and room for prices. */
export function ScheduleLink({ estimateId, detail, company }: { estimateId: string; detail: PackageDetail; company?: string }) {
  return (
    <a
      href={apiUrl(`/estimates/${estimateId}/packages/${detail.package.id}/schedule`, { companyId: company })} download
      className="inline-flex h-7 items-center rounded-md border border-edge/60 bg-pane px-2.5 hover:bg-line2"
    >
      Blank schedule (.xlsx)
    </a>
  )
}

/** Reads a priced schedule of the company: shows what it holds, then takes it over whole or not at all. */
export function ReadSchedule({ estimateId, detail, quote, edit }: { estimateId: string; detail: PackageDetail; quote: CompanyQuote; edit: (edits: PackageEdit[]) => Promise<unknown> }) {
  const [read, setRead] = useState<(QuoteRead & { file: string }) | null>(null)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string | null>(null)
  const upload = async (file: File | undefined) => {
    if (!file) return
    setBusy(true)
    setRefusal(null)
    setRead(null)
    try {
      const form = new FormData()
      form.set('file', file)
      const { id: importId } = await api.post<Import>('/imports', form)
      setRead({ ...(await api.post<QuoteRead>(`/estimates/${estimateId}/packages/${detail.package.id}/read`, { importId }, { idempotencyKey: null })), file: file.name })
    } catch (error) {
      setRefusal(problemText(error))
    } finally {
      setBusy(false)
    }
  }
  const take = async () => {
    if (!read) return
    setBusy(true)
    try {
      const basis = quote.state === 'invited' ? { gst: 'exclusive' as const, currency: { code: 'NZD' } } : {}
      await edit([{ do: 'quote', id: detail.package.id, quoteId: quote.id, version: quote.version, set: { ...basis, lines: read.lines, ...(read.statedTotal ? { statedTotal: read.statedTotal } : {}) } }])
      setRead(null)
    } catch (error) {
      setRefusal(problemText(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <FileButton label="Read a priced schedule…" accept=".xlsx,.xls,.csv" onFiles={([chosen]) => void upload(chosen)}>Read a priced schedule…</FileButton>
        {busy && <Spinner label="Reading" />}
      </div>
      {refusal && <p role="alert" className="text-bad">{refusal}</p>}
      {read && (
        <div role="status" className="rounded-md border border-line p-2">
          <p><b className="font-medium">{read.file}</b>: {count(read.priced, 'line')} priced, {count(read.gaps, 'gap')}{read.unmatched > 0 && <span className="text-warn">, {read.unmatched} to be matched by hand</span>}.</p>
          {read.problems.length > 0 ? (
            <>
              <p className="mt-1 text-bad">Nothing is taken over until these cells are put right:</p>
              <ul className="list-disc pl-4 text-bad">
                {read.problems.slice(0, PROBLEMS_SHOWN).map((one) => <li key={one.cell}>{one.cell}: {one.message}</li>)}
                {read.problems.length > PROBLEMS_SHOWN && <li>and {read.problems.length - PROBLEMS_SHOWN} more</li>}
              </ul>
            </>
          ) : <Button look="primary" className="mt-1.5" busy={busy} onClick={() => void take()}>Take over</Button>}
        </div>
      )}
    </div>
  )
}
