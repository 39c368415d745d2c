import { useNavigate } from '@tanstack/react-router'
import { api } from '~/api/client'
import type { LivePlace } from '~/api/types'
import { sessionQuery } from '~/api/queries'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useMay } from '~/app/rights'
import { FileJobPanel, useFileJob } from '~/features/jobs/file-job'
import { Avatar, Kbd } from '~/ui/bits'
import { Button } from '~/ui/button'
import { Menu } from '~/ui/menu'
import { DocumentsMenu } from './documents-menu'
import { runCommand } from './run-command'
import { StepBackButtons } from './step-back'
import { COLUMNS } from './columns'
import { useEstimateSession } from './model/context'
import type { EstimateSession } from './model/session'
import { useWorkspace } from './model/workspace-context'

const AVATARS_MAX = 4

export function HeaderActions() {
  const session = useEstimateSession()
  const workspace = useWorkspace()
  const navigate = useNavigate()
  const estimateId = session.estimateId
  const edits = useMay('edit')
  return (
    <>
      <Presence />
      <StepBackButtons session={session} readOnly={workspace.frozen} run={(which) => runCommand(workspace, which)} />
      <Button onClick={() => runCommand(workspace, 'palette')} aria-label="Find or run" className="text-ink2">
        <span className="hidden md:inline">Find or run…</span> <Kbd>Ctrl K</Kbd>
      </Button>
      {edits && <ExportMenu estimateId={estimateId} />}
      {edits && <DocumentsMenu estimateId={estimateId} />}
      {edits && <Button look="primary" icon="upload" aria-label="Import" disabled={workspace.frozen} onClick={() => void navigate({ to: '/estimates/$estimateId/import', params: { estimateId } })}>
        <span className="hidden xl:inline">Import</span>
      </Button>}
    </>
  )
}

function ExportMenu({ estimateId }: { estimateId: string }) {
  const { busy, job, make, cancel } = useFileJob()
  const download = (format: 'xlsx' | 'csv') => void make('The export', () => api.raw('POST', `/estimates/${estimateId}/export`, { body: { format } }))
  return (
    <>
      <Menu
        trigger={<Button icon="download" busy={busy} aria-label="Export"><span className="hidden xl:inline">Export</span></Button>}
        items={[
          { label: 'Excel workbook (.xlsx)', icon: 'file', onSelect: () => download('xlsx') },
          { label: 'Comma-separated text (.csv)', icon: 'file', onSelect: () => download('csv') },
          'separator',
          { label: 'Programme for MS Project (.xml)', icon: 'file', onSelect: () => void make('The programme', () => api.raw('GET', `/estimates/${estimateId}/programme`)) },
        ]}
      />
      {job && <FileJobPanel job={job} onCancel={cancel} />}
    </>
  )
}

/** Who else has this estimate open. */
function Presence() {
  const session = useEstimateSession()
  const { data } = useSuspenseQuery(sessionQuery)
  const workspace = useWorkspace()
  const others = [...new Map(session.presence.map((user) => [user.id, user])).values()].filter((user) => user.id !== data.user.id)
  if (others.length === 0) return null
  const places = session.together.everybody()
  return (
    <div role="group" aria-label={`Also here: ${others.map((user) => user.name).join(', ')}`}>
    <Menu
      trigger={
        <button type="button" aria-label="Who is where" className="flex rounded-md py-0.5 pr-1 pl-2.5 hover:bg-line2">
          {others.slice(0, AVATARS_MAX).map((user) => <span key={user.id} className="-ml-2"><Avatar id={user.id} name={user.name} /></span>)}
          {others.length > AVATARS_MAX && <span className="ml-1 self-center text-xs text-ink2">+{others.length - AVATARS_MAX}</span>}
        </button>
      }
      items={[
        { heading: 'Also in this estimate' },
        ...others.map((user) => {
          const place = places.find((other) => other.id === user.id)?.place
          const rowId = place?.rowId
          return { label: `${user.name} · ${whereWords(session, place)}`, disabled: !rowId, onSelect: () => { if (rowId) void workspace.goTo(rowId) } }
        }),
      ]}
    />
    </div>
  )
}

/** "2.1 Pipe, quantity, typing", as far as this tab knows the row. */
function whereWords(session: EstimateSession, place: LivePlace | undefined): string {
  if (!place?.rowId) return 'looking'
  const row = session.cachedRow(session.indexOf(place.rowId))
  const column = COLUMNS.find((one) => one.id === place.field)?.label.toLowerCase()
  const parts = [row ? row.code || row.description || 'a row' : 'elsewhere', column, place.typing ? 'typing' : undefined]
  return parts.filter(Boolean).join(', ')
}
