import { useSuspenseQuery } from '@tanstack/react-query'
import { estimateQuery } from '~/api/queries'
import { useWorkspace } from '~/features/estimate/model/workspace-context'
import { Attachments } from './attachments'

/** The files of the row the keyboard is on, and under them those of the tender, to be had while pricing. */
export default function FilesPanel() {
  const workspace = useWorkspace()
  const estimateId = workspace.session.estimateId
  const { data: estimate } = useSuspenseQuery(estimateQuery(estimateId))
  const row = workspace.activeRow
  return (
    <section aria-label="Files" className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)] content-start gap-4 overflow-y-auto p-4">
      {row && (
        <Attachments
          key={row.id} tenderId={estimate.tenderId} place={{ kind: 'item', holderId: row.id, estimateId }} empty="Nothing is attached to this row. Drop a drawing or a photo here."
          title={<h2 className="truncate font-semibold">{row.code} {row.description}</h2>}
        />
      )}
      <Attachments tenderId={estimate.tenderId} place={{ kind: 'tender' }} empty="Nothing is attached to the tender yet." title={<h2 className="font-semibold">The whole tender</h2>} />
    </section>
  )
}
