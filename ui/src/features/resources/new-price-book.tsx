import { useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { PriceBook, PriceBookKind } from '~/api/types'
import { Button } from '~/ui/button'
import { Dialog } from '~/ui/dialog'
import { Field, Select, TextInput } from '~/ui/form'
import { problemText } from '~/ui/problem'
import { KIND_NAMES } from './kinds'

/** A new price book, its first version open. */
export function NewPriceBook({ onClose, onMade }: { onClose: () => void; onMade: (book: PriceBook) => void }) {
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [kind, setKind] = useState<PriceBookKind>('supplier')
  const [supplier, setSupplier] = useState('')
  const [error, setError] = useState<string | null>(null)
  const id = useId()
  const create = async () => {
    try {
      const book = await api.post<PriceBook>('/price-books', { name, kind, ...(supplier.trim() ? { supplier } : {}) })
      await client.invalidateQueries({ queryKey: keys.priceBooks })
      onMade(book)
    } catch (problem) {
      setError(problemText(problem))
    }
  }
  return (
    <Dialog
      open onOpenChange={(open) => { if (!open) onClose() }} title="New price book" description="Its first version is open to be written or imported, then published."
      footer={<><Button onClick={onClose}>Cancel</Button><Button look="primary" type="submit" form={id} disabled={!name.trim()}>Add price book</Button></>}
    >
      <form id={id} className="grid gap-3" onSubmit={(event) => { event.preventDefault(); void create() }}>
        <Field label="Name"><TextInput value={name} onChange={(event) => setName(event.target.value)} /></Field>
        <Field label="Kind">
          <Select value={kind} onChange={(event) => setKind(event.target.value as PriceBookKind)}>
            {(Object.keys(KIND_NAMES) as PriceBookKind[]).map((one) => <option key={one} value={one}>{KIND_NAMES[one]}</option>)}
          </Select>
        </Field>
        {(kind === 'supplier' || kind === 'award') && <Field label="Supplier"><TextInput value={supplier} onChange={(event) => setSupplier(event.target.value)} /></Field>}
        {error && <p role="alert" className="text-bad">{error}</p>}
      </form>
    </Dialog>
  )
}
