import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { PriceBook, PriceBookKind } from '~/api/types'
import { FormDialog } from '~/ui/dialog'
import { Field, Select, TextInput } from '~/ui/form'
import { useSubmit } from '~/ui/use-submit'
import { KIND_NAMES } from './kinds'

/** A new price book, its first version open. */
export function NewPriceBook({ onClose, onMade }: { onClose: () => void; onMade: (book: PriceBook) => void }) {
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [kind, setKind] = useState<PriceBookKind>('supplier')
  const [supplier, setSupplier] = useState('')
  const { busy, refusal, run } = useSubmit()
  const create = async () => {
    const book = await api.post<PriceBook>('/price-books', { name, kind, ...(supplier.trim() ? { supplier } : {}) })
    await client.invalidateQueries({ queryKey: keys.priceBooks })
    onMade(book)
  }
  return (
    <FormDialog
      className="grid gap-3" title="New price book" description="Its first version is open to be written or imported, then published." action="Add price book"
      busy={busy} disabled={!name.trim()} onClose={onClose} onSubmit={(event) => run(create, event)}
    >
      <Field label="Name"><TextInput value={name} onChange={(event) => setName(event.target.value)} /></Field>
      <Field label="Kind">
        <Select value={kind} onChange={(event) => setKind(event.target.value as PriceBookKind)}>
          {(Object.keys(KIND_NAMES) as PriceBookKind[]).map((one) => <option key={one} value={one}>{KIND_NAMES[one]}</option>)}
        </Select>
      </Field>
      {(kind === 'supplier' || kind === 'award') && <Field label="Supplier"><TextInput value={supplier} onChange={(event) => setSupplier(event.target.value)} /></Field>}
      {refusal && <p role="alert" className="text-bad">{refusal}</p>}
    </FormDialog>
  )
}
