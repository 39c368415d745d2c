import { useEstimateSession } from '../model/context'
import { useWorkspace } from '../model/workspace-context'
import { HistoryList } from './history-list'

/** The history of the row the keyboard is on. */
export function HistoryPanel() {
  const session = useEstimateSession()
  const workspace = useWorkspace()
  const row = workspace.activeRow
  if (!row) return <p className="px-6 py-12 text-center text-ink2">Choose a row to see who changed it.</p>
  return (
    <section aria-label="History of the row" className="min-h-0 flex-1 overflow-y-auto">
      <h2 className="truncate border-b border-line px-4 py-3 font-semibold">{row.code} {row.description}</h2>
      <HistoryList key={row.id} entity={row.kind} id={row.id} estimateId={session.estimateId} lsn={row.version} />
    </section>
  )
}
