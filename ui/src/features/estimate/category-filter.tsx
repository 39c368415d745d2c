import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { categorisationsQuery } from '~/features/categories/queries'
import { choicesFor } from '~/features/categories/model'
import { LabelFilters } from '~/features/categories/row-labels'
import { Button, IconButton } from '~/ui/button'
import { count } from '~/ui/words'
import { useEstimateSession } from './model/context'
import { useWorkspace } from './model/workspace-context'

/** What the rows are narrowed to; it stays in sight as long as rows are hidden. */
export function CategoryFilter() {
  const workspace = useWorkspace()
  const session = useEstimateSession()
  const chosen = session.view.options ?? []
  if (!workspace.filterOpen && chosen.length === 0) return null
  const close = () => {
    workspace.set({ filterOpen: false })
    if (chosen.length > 0) void workspace.filter([])
    workspace.focusGrid()
  }
  return (
    <search aria-label="Filter by category" className="flex min-h-10 shrink-0 flex-wrap items-center gap-2 border-b border-line bg-bg px-3 py-1" onKeyDown={(event) => { if (event.key === 'Escape') { event.preventDefault(); close() } }}>
      <Choices chosen={chosen} />
      <span role="status" className="text-ink2">
        {chosen.length > 0 && workspace.total !== undefined && (workspace.total === 0 ? 'No item carries this' : `${count(workspace.total, 'row')}, headings among them`)}
      </span>
      <div className="flex-1" />
      {chosen.length > 0 && <Button look="plain" onClick={() => void workspace.filter([])}>Show all rows</Button>}
      <IconButton icon="close" label="Close the filter" tip="Close (Esc)" onClick={close} />
    </search>
  )
}

function Choices({ chosen }: { chosen: string[] }) {
  const workspace = useWorkspace()
  const all = useQuery(categorisationsQuery)
  if (all.data && choicesFor(all.data, 'item', chosen).length === 0) {
    return <p className="text-ink2">No category is given to items yet. <Link to="/categories" className="text-acc underline underline-offset-2">Categories</Link></p>
  }
  return <LabelFilters kind="item" value={chosen.join(',')} onChange={(options) => void workspace.filter((options ?? '').split(',').filter(Boolean))} />
}
