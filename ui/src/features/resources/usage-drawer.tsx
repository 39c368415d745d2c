import { Link } from '@tanstack/react-router'
import { usePages } from '~/api/pages'
import type { Usage } from '~/api/types'
import { EmptyState, Spinner } from '~/ui/bits'
import { Drawer } from '~/ui/drawer'
import { ListFoot } from '~/ui/list'
import { ProblemPanel } from '~/ui/problem'

export interface UsageDrawerProps {
  /** What is looked for, as the API's address says it. */
  entity: string
  id: string
  name: string
  onClose: () => void
}

const PAGE_SIZE = 100

/** Every item a resource or recipe is used in, with the way there. */
export function UsageDrawer({ entity, id, name, onClose }: UsageDrawerProps) {
  const pages = usePages<Usage>([entity, id, 'usage'], `/${entity}${id ? `/${id}` : ''}/usage`, { limit: PAGE_SIZE })
  return (
    <Drawer title={`Where ${name} is used`} onClose={onClose}>
      {pages.error ? <ProblemPanel error={pages.error} retry={pages.retry} /> : !pages.items ? <div className="grid place-items-center p-12"><Spinner /></div> : pages.items.length === 0 ? (
        <EmptyState icon="link" title="Not used yet">No worksheet has a line of it, directly or through a recipe.</EmptyState>
      ) : (
        <>
          <table className="table">
            <thead><tr><th>Tender</th><th>Estimate</th><th>Item</th><th>Through</th></tr></thead>
            <tbody>
              {pages.items.map((usage, index) => (
                <tr key={index}>
                  <td className="whitespace-nowrap">{usage.tenderNumber}</td>
                  <td className="max-w-32 truncate" title={usage.estimateName}>{usage.estimateName}</td>
                  <td className="max-w-48 truncate">
                    <Link to="/estimates/$estimateId" params={{ estimateId: usage.estimateId }} search={{ node: usage.itemId }} className="text-acc hover:underline">{usage.itemCode || 'Item'}</Link> {usage.itemDescription}
                  </td>
                  <td className="text-ink2">{usage.via ?? ''}</td>
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
