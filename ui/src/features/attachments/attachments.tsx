import { queryOptions, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { type DragEvent, type ReactNode, useState } from 'react'
import { api } from '~/api/client'
import { keys, sessionQuery } from '~/api/queries'
import { saveFile } from '~/api/save-file'
import type { Attachment } from '~/api/types'
import { may, useMay } from '~/app/rights'
import { Chip, Skeleton } from '~/ui/bits'
import { IconButton } from '~/ui/button'
import { cx } from '~/ui/cx'
import { formatFull, formatRelative } from '~/ui/dates'
import { Confirm } from '~/ui/dialog'
import { FileButton } from '~/ui/file-button'
import { Icon } from '~/ui/icons'
import { ProblemPanel } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { formatBytes } from '~/features/jobs/words'

/** What files are attached to: the tender itself, or an item, package or quote in one of its estimates. */
export type Place = { kind: 'tender' } | { kind: 'item' | 'package' | 'quote'; holderId: string; estimateId: string }

const ACCEPT = '.pdf,.png,.jpg,.jpeg,.tif,.tiff,.xlsx,.docx,.pptx,.xls,.doc,.msg,.mpp,.dwg,.zip,.dxf,.xml,.eml,.csv,.txt'
const KIND_WORDS: Record<Attachment['kind'], string> = { tender: 'tender', item: 'item', package: 'package', quote: 'quote' }

export const attachmentsQuery = (tenderId: string) => queryOptions({
  queryKey: keys.attachments(tenderId),
  queryFn: async ({ signal }) => (await api.get<{ items: Attachment[] }>(`/tenders/${tenderId}/attachments`, { signal })).items,
})

/** Those of them that are attached here; all of a tender's belong to the tender. */
export function filesAt(all: readonly Attachment[], place: Place): Attachment[] {
  return place.kind === 'tender' ? [...all] : all.filter((one) => one.kind === place.kind && one.holderId === place.holderId)
}

/** The files attached to something, to be saved, and the way to attach more: by a button or by dropping them here. */
export function Attachments({ tenderId, place, empty, title }: { tenderId: string; place: Place; empty: string; title?: ReactNode }) {
  const client = useQueryClient()
  const edits = useMay('edit')
  const all = useQuery(attachmentsQuery(tenderId))
  const [busy, setBusy] = useState<string | null>(null)
  const [over, setOver] = useState(false)

  const attach = async (files: File[]) => {
    try {
      for (const file of files) {
        setBusy(file.name)
        const form = new FormData()
        form.append('file', file)
        const query = place.kind === 'tender' ? {} : { kind: place.kind, holderId: place.holderId, estimateId: place.estimateId }
        const { items } = await api.post<{ items: Attachment[] }>(`/tenders/${tenderId}/attachments`, form, { query })
        client.setQueryData(attachmentsQuery(tenderId).queryKey, items)
      }
    } catch (error) {
      toast.refused('The file was not attached', error)
    } finally {
      setBusy(null)
    }
  }
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    if (edits && busy === null) void attach([...event.dataTransfer.files])
  }
  const files = all.data && filesAt(all.data, place)
  return (
    <div className={cx('rounded-md', over && 'outline-2 outline-acc')} onDragOver={(event) => { event.preventDefault(); setOver(edits) }} onDragLeave={() => setOver(false)} onDrop={onDrop}>
      <div className="flex min-h-7 items-center gap-2">
        <div className="min-w-0 flex-1">{title}</div>
        {edits && <FileButton label="Files to attach" accept={ACCEPT} multiple icon="plus" disabled={busy !== null} onFiles={(chosen) => void attach(chosen)}>Attach files…</FileButton>}
      </div>
      {busy !== null && <p role="status" className="mt-1 truncate text-xs text-ink2">Attaching {busy}…</p>}
      {all.isError ? <ProblemPanel error={all.error} retry={() => void all.refetch()} /> : !files ? <Skeleton className="mt-2 h-8" />
        : files.length === 0 ? <p className="mt-1 text-ink2">{empty}</p>
          : <ul aria-label="Attached files" className="mt-1 divide-y divide-line2">{files.map((file) => <One key={file.id} tenderId={tenderId} file={file} where={place.kind === 'tender'} />)}</ul>}
    </div>
  )
}

function One({ tenderId, file, where }: { tenderId: string; file: Attachment; where: boolean }) {
  const client = useQueryClient()
  const { data: session } = useSuspenseQuery(sessionQuery)
  const [asking, setAsking] = useState(false)
  const mayRemove = may(session.user.role, file.by.id === session.user.id ? 'edit' : 'decide')
  const at = `/tenders/${tenderId}/attachments/${file.id}`
  const save = async () => {
    try {
      await saveFile(await api.raw('GET', at))
    } catch (error) {
      toast.refused(`${file.name} could not be saved`, error)
    }
  }
  const remove = async () => {
    await api.delete(at)
    void client.invalidateQueries({ queryKey: keys.attachments(tenderId) })
  }
  return (
    <li className="flex min-h-9 items-center gap-2 py-1">
      <Icon name="file" size={14} className="shrink-0 text-ink3" />
      <div className="min-w-0 flex-1">
        <div className="flex items-center gap-2">
          <button type="button" className="min-w-0 truncate text-left text-acc hover:underline" title={`Save ${file.name}`} onClick={() => void save()}>{file.name}</button>
          {where && file.kind !== 'tender' && <Chip>{KIND_WORDS[file.kind]}</Chip>}
        </div>
        <p className="truncate text-xs text-ink2">{formatBytes(file.bytes)} · {file.by.name}, <time dateTime={file.at} title={formatFull(file.at)}>{formatRelative(file.at)}</time></p>
      </div>
      {mayRemove && <IconButton icon="trash" label={`Remove ${file.name}`} onClick={() => setAsking(true)} />}
      {asking && <Confirm open danger onOpenChange={setAsking} title={`Remove ${file.name}?`} action="Remove file" onConfirm={remove}>Nobody finds it here any more. That it was attached stays in the audit trail.</Confirm>}
    </li>
  )
}
