import { useState } from 'react'
import { FormDialog } from '~/ui/dialog'
import { Field, TextArea } from '~/ui/form'
import { useSubmit } from '~/ui/use-submit'

/** Asks for the words that go on record with what is done. */
export function ReasonDialog({ title, description, label, action, onClose, onSubmit }: {
  title: string; description?: string; label: string; action: string; onClose: () => void; onSubmit: (text: string) => Promise<unknown>
}) {
  const [text, setText] = useState('')
  const { busy, refusal, clear, run } = useSubmit()
  const send = async () => {
    await onSubmit(text.trim())
    onClose()
  }
  return (
    <FormDialog
      title={title} description={description} action={action}
      busy={busy} disabled={text.trim() === ''} onClose={onClose} onSubmit={(event) => run(send, event)}
    >
      <Field label={label} error={refusal}><TextArea autoFocus required value={text} onChange={(event) => { setText(event.target.value); clear() }} /></Field>
    </FormDialog>
  )
}
