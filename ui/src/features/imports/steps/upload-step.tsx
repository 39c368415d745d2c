import { type Dispatch, type DragEvent, useRef, useState } from 'react'
import { api } from '~/api/client'
import type { Import } from '~/api/types'
import { Spinner } from '~/ui/bits'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { Icon } from '~/ui/icons'
import { problemText } from '~/ui/problem'
import { count } from '~/ui/words'
import { ACCEPT, fileRefusal, fileSize } from '../model/mapping'
import type { Wizard, WizardAction } from '../model/wizard'

/** Drop a file or choose one; it is read by the server at once. */
export function UploadStep({ state, send }: { state: Wizard; send: Dispatch<WizardAction> }) {
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const [busy, setBusy] = useState<string | null>(null)
  const [error, setError] = useState<string | null>(null)

  const upload = async (file: File | undefined) => {
    if (!file || busy) return
    const refusal = fileRefusal(file.name, file.size)
    if (refusal) return setError(refusal)
    setError(null)
    setBusy(file.name)
    try {
      const form = new FormData()
      form.set('file', file)
      send({ type: 'uploaded', file: await api.post<Import>('/imports', form) })
    } catch (problem) {
      setError(problemText(problem))
    } finally {
      setBusy(null)
    }
  }
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void upload(event.dataTransfer.files[0])
  }
  return (
    <div className="mx-auto w-full max-w-2xl p-6">
      <div
        onDragOver={(event) => { event.preventDefault(); setOver(true) }} onDragLeave={() => setOver(false)} onDrop={onDrop}
        className={cx('flex flex-col items-center gap-3 rounded-lg border-2 border-dashed px-6 py-14 text-center transition-colors', over ? 'border-acc bg-acc2' : 'border-edge/60 bg-pane')}
      >
        <span className="grid size-11 place-items-center rounded-lg bg-acc2 text-acc">{busy ? <Spinner label={`Reading ${busy}`} /> : <Icon name="upload" size={20} />}</span>
        <p className="text-base font-semibold">{busy ? `Reading ${busy}` : 'Drop the client’s schedule here'}</p>
        <Button look="primary" busy={busy !== null} onClick={() => input.current?.click()}>Choose a file</Button>
        <input ref={input} type="file" aria-label="File to import" accept={ACCEPT} className="sr-only" tabIndex={-1} onChange={(event) => { void upload(event.target.files?.[0]); event.target.value = '' }} />
        <p className="text-ink2">Excel (.xlsx, .xls) or text (.csv, .tsv), at most 64 MiB. Workbooks with macros or a password are not read.</p>
      </div>
      {error && <p role="alert" className="mt-3 text-bad">{error}</p>}
      {state.file && !busy && (
        <p className="mt-4 flex items-center gap-2 text-ink2">
          <Icon name="file" size={14} /> {state.file.fileName}, {fileSize(state.file.size)}, {count(state.file.sheets.length, 'sheet')}. A new file takes its place.
        </p>
      )}
      <p className="mt-4 text-ink2">Nothing is written to the estimate before the last step, and that one can be undone.</p>
    </div>
  )
}
