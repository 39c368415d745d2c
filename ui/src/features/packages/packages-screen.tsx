import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { PackageSummary } from '~/api/types'
import { EstimateSessionProvider } from '~/features/estimate/model/context'
import { Chip, EmptyState } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatDayTime } from '~/ui/dates'
import { formatMoney } from '~/ui/decimal'
import { SkeletonRows } from '~/ui/list'
import { ProblemPanel } from '~/ui/problem'
import { count } from '~/ui/words'
import { PackagesFrame, useRights } from './frame'
import { ADJUDICATION_STATE_NAMES } from './model'
import { PackageDialog } from './package-dialog'
import { packagesQuery } from './queries'

export function PackagesScreen({ estimateId }: { estimateId: string }) {
  return <EstimateSessionProvider key={estimateId} estimateId={estimateId}><Screen estimateId={estimateId} /></EstimateSessionProvider>
}

const COLUMNS = 8

function Screen({ estimateId }: { estimateId: string }) {
  const { frozen } = useRights(estimateId)
  const navigate = useNavigate()
  const packages = useQuery(packagesQuery(estimateId))
  const [adding, setAdding] = useState(false)
  const items = packages.data?.items
  const add = !frozen && <Button look="primary" icon="plus" onClick={() => setAdding(true)}>New package</Button>
  return (
    <PackagesFrame estimateId={estimateId} title="Packages" actions={add}>
      <div className="min-h-0 flex-1 overflow-auto">
        {packages.error ? <ProblemPanel error={packages.error} retry={() => void packages.refetch()} /> : items?.length === 0 ? (
          <EmptyState icon="companies" title="No packages yet" actions={add}>
            A package is work or supply that is put to the market: choose its items, invite companies, and compare what they quote.
          </EmptyState>
        ) : (
          <table className="table" aria-busy={!items}>
            <thead>
              <tr>
                <th className="w-28">Code</th><th>Name</th><th className="w-24">State</th><th className="w-44">Quotes by</th><th className="num w-24">Quotes</th>
                <th className="num w-36 max-xl:w-28">Own estimate</th><th className="w-64 max-xl:w-40">Lowest or awarded</th><th className="num w-36 max-xl:w-28">Total ex GST</th>
              </tr>
            </thead>
            <tbody>
              {!items && <SkeletonRows columns={COLUMNS} />}
              {items?.map((row) => <PackageRow key={row.id} estimateId={estimateId} row={row} />)}
            </tbody>
          </table>
        )}
      </div>
      {adding && <PackageDialog estimateId={estimateId} onClose={() => setAdding(false)} onSaved={(packageId) => void navigate({ to: '/estimates/$estimateId/packages/$packageId', params: { estimateId, packageId } })} />}
    </PackagesFrame>
  )
}

function PackageRow({ estimateId, row }: { estimateId: string; row: PackageSummary }) {
  const offer = row.awarded ?? row.lowest
  return (
    <tr>
      <td className="font-medium whitespace-nowrap">
        <Link to="/estimates/$estimateId/packages/$packageId" params={{ estimateId, packageId: row.id }} className="text-acc hover:underline">{row.code || row.name}</Link>
      </td>
      <td className="max-w-0 min-w-48 truncate" title={row.name}>{row.name} <span className="text-ink3">{count(row.members, row.kind === 'items' ? 'item' : 'resource')}</span></td>
      <td><Chip look={row.state === 'transferred' ? 'good' : row.state === 'cancelled' ? 'plain' : 'accent'}>{ADJUDICATION_STATE_NAMES[row.state]}</Chip></td>
      <td className="whitespace-nowrap text-ink2">{row.deadline ? formatDayTime(row.deadline) : 'No deadline'}</td>
      <td className="num">{row.received} of {row.invited}</td>
      <td className="num">{formatMoney(row.own)}</td>
      <td className="max-w-0 truncate" title={offer?.company}>{offer?.company ?? <span className="text-ink3">None yet</span>}</td>
      <td className="num font-medium">{offer ? formatMoney(offer.total) : ''}</td>
    </tr>
  )
}
