import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api } from '~/api/client'
import { inboxQuery, keys } from '~/api/queries'
import type { AppNotification } from '~/api/types'
import { Avatar } from '~/ui/bits'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { formatFull, formatRelative } from '~/ui/dates'
import { Drawer } from '~/ui/drawer'
import { pieces } from './mentions'

/** Comments that mention this person, with the way to each. */
export default function InboxDrawer({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const { data: inbox } = useQuery(inboxQuery)
  const read = async (commentIds: string[]) => {
    // Unread is shown again when it could not be noted.
    await api.post('/notifications/read', { commentIds }).catch(() => undefined)
    void client.invalidateQueries({ queryKey: keys.inbox })
  }
  const open = ({ estimateId, comment, readAt }: AppNotification) => {
    if (!readAt) void read([comment.id])
    onClose()
    void navigate({ to: '/estimates/$estimateId', params: { estimateId }, search: { node: comment.itemId } })
  }
  return (
    <Drawer onClose={onClose} title="Inbox">
      {inbox && inbox.items.length === 0 ? <p className="px-6 py-12 text-center text-ink2">Nobody has mentioned you in a comment yet.</p> : (
        <>
          {(inbox?.unread ?? 0) > 0 && <div className="flex justify-end border-b border-line px-4 py-1.5"><Button look="plain" icon="check" onClick={() => void read([])}>All read</Button></div>}
          <ul>
            {inbox?.items.map((one) => (
              <li key={one.comment.id} className="border-b border-line2">
                <button type="button" onClick={() => open(one)} className="flex w-full gap-2.5 px-4 py-2.5 text-left hover:bg-line2/60">
                  <Avatar id={one.comment.by.id} name={one.comment.by.name} size={24} />
                  <span className="min-w-0 flex-1">
                    <span className="flex items-baseline gap-2">
                      <span className={one.readAt ? '' : 'font-semibold'}>{one.comment.by.name}</span>
                      <time dateTime={one.comment.at} title={formatFull(one.comment.at)} className="text-xs text-ink3">{formatRelative(one.comment.at)}</time>
                      {!one.readAt && <span role="img" aria-label="Not read yet" className="ml-auto size-2 self-center rounded-full bg-acc" />}
                    </span>
                    <span className={cx('line-clamp-3 wrap-anywhere', one.readAt && 'text-ink2')}>{pieces(one.comment.text, one.comment.mentions).map((piece, at) => (piece.mention ? <b key={at} className="font-medium text-acc">{piece.text}</b> : piece.text))}</span>
                    <span className="text-xs text-ink3">{one.estimateName}</span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Drawer>
  )
}
