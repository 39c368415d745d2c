import { useState } from 'react'
import { api, isProblem } from '~/api/client'
import type { ProgrammeTaken } from '~/api/types'
import { Button } from '~/ui/button'
import { FileButton } from '~/ui/file-button'
import { Field, TextInput } from '~/ui/form'
import { problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { takenWords } from './taken-words'

/** A formula still uses the duration of a task that is gone (BR-113). */
const ORPHANED = 'BR-113'

/**
 * Takes the durations of a programme in as variables: task 7 becomes task_7, in working days. Taken in again, tasks are
 * found by their UID. Where a formula uses one that is gone, a reason keeps it.
 */
export function TakeProgramme({ estimateId, changed, onTaken }: { estimateId: string; changed: boolean; onTaken: () => void }) {
  const [busy, setBusy] = useState(false)
  const [file, setFile] = useState<File | null>(null)
  const [refusal, setRefusal] = useState<{ message: string; orphaned: boolean } | null>(null)
  const [reason, setReason] = useState('')

  const take = async (chosen: File, fix?: string) => {
    setBusy(true)
    setFile(chosen)
    setRefusal(null)
    try {
      const form = new FormData()
      form.append('file', chosen)
      const taken = await api.post<ProgrammeTaken>(`/estimates/${estimateId}/programme`, form, { query: { fix } })
      toast.done(`${chosen.name} is taken in`, { detail: takenWords(taken) })
      onTaken()
    } catch (error) {
      setRefusal({ message: problemText(error), orphaned: isProblem(error) && error.violations.some((one) => one.rule === ORPHANED) })
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <span title={changed ? 'Save the variables first' : undefined}>
        <FileButton label="Programme" accept=".xml,.mpp,.mpx,.xer,.pmxml" icon="upload" disabled={busy || changed} onFiles={([chosen]) => { if (chosen) void take(chosen) }}>Take in a programme…</FileButton>
      </span>
      <span className="text-xs text-ink3">MS Project: a task’s duration becomes a variable, in working days.</span>
      {busy && <span role="status" className="text-xs text-ink2">Reading {file?.name}…</span>}
      {refusal && <p role="alert" className="w-full text-bad">{refusal.message}</p>}
      {refusal?.orphaned && file && (
        <div className="flex w-full items-end gap-2">
          <Field label="Why they stay as they are" className="flex-1"><TextInput value={reason} onChange={(event) => setReason(event.target.value)} /></Field>
          <Button disabled={reason.trim() === ''} busy={busy} onClick={() => void take(file, reason.trim())}>Take in and keep them</Button>
        </div>
      )}
    </>
  )
}
