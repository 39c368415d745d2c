import { type FormEvent, useId, useState } from 'react'
import { Button } from '~/ui/button'
import { Dialog } from '~/ui/dialog'
import { Field, TextArea } from '~/ui/form'
import { problemText } from '~/ui/problem'

/** Asks for the words that go on record with what is done. */
export function ReasonDialog({ title, description, label, action, onClose, onSubmit }: {
  title: string; description?: string; label: string; action: string; onClose: () => void; onSubmit: (text: string) => Promise<unknown>
}) {
  const id = useId()
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string | null>(null)
  const send = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    try {
      await onSubmit(text.trim())
      onClose()
    } catch (error) {
      setRefusal(problemText(error))
      setBusy(false)
    }
  }
  return (
    <Dialog
      open onOpenChange={(open) => { if (!open) onClose() }} title={title} {...(description ? { description } : {})}
      footer={<><Button onClick={onClose}>Cancel</Button><Button look="primary" type="submit" form={id} busy={busy} disabled={text.trim() === ''}>{action}</Button></>}
    >
      <form id={id} onSubmit={(event) => void send(event)}>
        <Field label={label} error={refusal}><TextArea autoFocus required value={text} onChange={(event) => { setText(event.target.value); setRefusal(null) }} /></Field>
      </form>
    </Dialog>
  )
}
