import { useDeferredValue, useState } from 'react'
import { usePages } from '~/api/pages'
import { keys } from '~/api/queries'
import type { Company, PackageDetail } from '~/api/types'
import { useEstimateSession } from '~/features/estimate/model/context'
import { CompanyEditor } from '~/features/companies/company-editor'
import { Button } from '~/ui/button'
import { Dialog } from '~/ui/dialog'
import { Checkbox, SearchInput } from '~/ui/form'
import { ListFoot } from '~/ui/list'
import { toast } from '~/ui/toast'
import { useSubmit } from '~/ui/use-submit'
import { count } from '~/ui/words'
import { editPackages } from './queries'

/** Companies to be asked: suppliers and subcontractors that are active and not on hold (BR-062). */
export function InviteDialog({ detail, onClose }: { detail: PackageDetail; onClose: () => void }) {
  const session = useEstimateSession()
  const [text, setText] = useState('')
  const q = useDeferredValue(text.trim())
  const pages = usePages<Company>(keys.companies, '/companies', { q: q || undefined, state: 'active', limit: 100 })
  const [chosen, setChosen] = useState<ReadonlyMap<string, string>>(new Map())
  const { busy, refusal, run } = useSubmit()
  const [adding, setAdding] = useState(false)
  const invited = new Set(detail.quotes.map((quote) => quote.companyId))
  const fit = pages.items?.filter((company) => company.roles.supplier || company.roles.subcontractor)
  const toggle = (company: Company) => setChosen((now) => {
    const next = new Map(now)
    if (!next.delete(company.id)) next.set(company.id, company.name)
    return next
  })
  const invite = async () => {
    await editPackages(session, [{ do: 'invite', id: detail.package.id, companyIds: [...chosen.keys()] }])
    toast.done(`${count(chosen.size, 'company', 'companies')} invited`)
    onClose()
  }
  return (
    <Dialog
      open onOpenChange={(open) => { if (!open) onClose() }} title="Invite companies" description="Suppliers and subcontractors that are active and not on hold."
      footer={<><Button onClick={onClose}>Cancel</Button><Button look="primary" busy={busy} disabled={chosen.size === 0} onClick={() => run(invite)}>{chosen.size === 0 ? 'Invite' : `Invite ${count(chosen.size, 'company', 'companies')}`}</Button></>}
    >
      <div className="mb-2 flex gap-2">
        <SearchInput label="Find by name, region or trade" className="flex-1" value={text} onChange={(event) => setText(event.target.value)} />
        <Button icon="plus" onClick={() => setAdding(true)}>New company</Button>
      </div>
      <ul className="max-h-72 overflow-y-auto rounded-md border border-line">
        {fit?.length === 0 && <li className="px-3 py-6 text-center text-ink2">No company fits. Add one with the supplier or subcontractor role.</li>}
        {fit?.map((company) => (
          <li key={company.id} className="flex items-center gap-2 border-b border-line2 px-2 last:border-0">
            <Checkbox
              className="min-w-0 flex-1" disabled={invited.has(company.id) || company.onHold} checked={invited.has(company.id) || chosen.has(company.id)} onChange={() => toggle(company)}
              label={<span className="min-w-0 truncate">{company.name} <span className="text-ink2">{company.trades.join(', ')}</span></span>}
            />
            <span className="text-xs text-ink2">{invited.has(company.id) ? 'Invited' : company.onHold ? 'On hold' : company.regions.join(', ')}</span>
          </li>
        ))}
      </ul>
      <ListFoot pages={pages} noun="company" plural="companies" />
      {refusal && <p role="alert" className="mt-2 text-bad">{refusal}</p>}
      {adding && <CompanyEditor onClose={() => setAdding(false)} onSaved={(company) => setChosen((now) => new Map(now).set(company.id, company.name))} />}
    </Dialog>
  )
}
