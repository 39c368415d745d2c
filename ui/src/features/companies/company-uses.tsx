import { Link } from '@tanstack/react-router'
import { usePages } from '~/api/pages'
import { keys } from '~/api/queries'
import type { Company, CompanyUse } from '~/api/types'
import { QUOTE_STATE_NAMES } from '~/features/packages/model'
import { EmptyState, Spinner } from '~/ui/bits'
import { Drawer } from '~/ui/drawer'
import { ListFoot } from '~/ui/list'
import { ProblemPanel } from '~/ui/problem'

const PAGE_SIZE = 100

/** Every tender a company asked for and every package it was asked to quote for, with the way there. */
export function CompanyUses({ company, onClose }: { company: Company; onClose: () => void }) {
  const pages = usePages<CompanyUse>([...keys.companies, company.id, 'usage'], `/companies/${company.id}/usage`, { limit: PAGE_SIZE })
  return (
    <Drawer title={`Where ${company.name} is named`} onClose={onClose}>
      {pages.error ? <ProblemPanel error={pages.error} retry={pages.retry} /> : !pages.items ? <div className="grid place-items-center p-12"><Spinner /></div> : pages.items.length === 0 ? (
        <EmptyState icon="link" title="Not named yet">It is the client of no tender and has not been asked to quote.</EmptyState>
      ) : (
        <>
          <table className="table">
            <thead><tr><th>Tender</th><th>Name</th><th>As</th></tr></thead>
            <tbody>
              {pages.items.map((use, index) => (
                <tr key={index}>
                  <td className="whitespace-nowrap"><Link to="/tenders/$tenderId" params={{ tenderId: use.tenderId }} className="text-acc hover:underline">{use.tenderNumber}</Link></td>
                  <td className="max-w-48 truncate" title={use.tenderName}>{use.tenderName}</td>
                  <td className="text-ink2">
                    {use.role === 'client' ? 'Client' : use.estimateId && use.packageId && (
                      <><Link to="/estimates/$estimateId/packages/$packageId" params={{ estimateId: use.estimateId, packageId: use.packageId }} className="text-acc hover:underline">{use.package}</Link>{use.state && ` ${QUOTE_STATE_NAMES[use.state].toLowerCase()}`}</>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <ListFoot pages={pages} noun="use" />
        </>
      )}
    </Drawer>
  )
}
