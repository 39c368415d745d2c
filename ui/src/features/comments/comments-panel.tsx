import { useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useId, useRef, useState } from 'react'
import { api } from '~/api/client'
import { commentsQuery, keys, peopleQuery, sessionQuery } from '~/api/queries'
import type { Comment, Comments, Row } from '~/api/types'
import { may, useMay } from '~/app/rights'
import { useWorkspace } from '~/features/estimate/model/workspace-context'
import { Avatar, Skeleton } from '~/ui/bits'
import { Button, IconButton } from '~/ui/button'
import { cx } from '~/ui/cx'
import { formatFull, formatRelative } from '~/ui/dates'
import { Field, TextArea } from '~/ui/form'
import { ProblemPanel } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { useSubmit } from '~/ui/use-submit'
import { complete, mentionAt, mentioned, pieces, suggest } from './mentions'

const SUGGESTIONS_MAX = 6

/** What was said about the row the keyboard is on. */
export default function CommentsPanel() {
  const workspace = useWorkspace()
  const row = workspace.activeRow
  if (!row) return <p className="px-6 py-12 text-center text-ink2">Choose a row to see what was said about it.</p>
  return <RowComments key={row.id} row={row} estimateId={workspace.session.estimateId} />
}

function RowComments({ row, estimateId }: { row: Row; estimateId: string }) {
  const comments = useQuery(commentsQuery(estimateId))
  const edits = useMay('edit')
  const here = comments.data?.items.filter((comment) => comment.itemId === row.id)
  return (
    <section aria-label="Comments on the row" className="flex min-h-0 flex-1 flex-col">
      <h2 className="shrink-0 truncate border-b border-line px-4 py-3 font-semibold">{row.code} {row.description}</h2>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {comments.isError ? <ProblemPanel error={comments.error} retry={() => void comments.refetch()} /> : !here ? <div className="grid gap-2 p-4"><Skeleton className="h-10" /></div>
          : here.length === 0 ? <p className="px-6 py-10 text-center text-ink2">Nothing has been said about this row. Name somebody with @ and they find it in their inbox.</p>
            : <ol>{here.map((comment) => <One key={comment.id} comment={comment} estimateId={estimateId} />)}</ol>}
      </div>
      {edits && <Say row={row} estimateId={estimateId} />}
    </section>
  )
}

function One({ comment, estimateId }: { comment: Comment; estimateId: string }) {
  const client = useQueryClient()
  const { data: session } = useSuspenseQuery(sessionQuery)
  const mayDelete = may(session.user.role, comment.by.id === session.user.id ? 'edit' : 'decide')
  const remove = async () => {
    try {
      await api.delete(`/estimates/${estimateId}/comments/${comment.id}`)
    } catch (error) {
      toast.refused('The comment was not deleted', error)
    }
    void client.invalidateQueries({ queryKey: keys.comments(estimateId) })
  }
  return (
    <li className="flex gap-2.5 border-b border-line2 px-4 py-2.5">
      <Avatar id={comment.by.id} name={comment.by.name} size={24} />
      <div className="min-w-0 flex-1">
        <p className="flex items-baseline gap-2">
          <span className="font-medium">{comment.by.name}</span>
          <time dateTime={comment.at} title={formatFull(comment.at)} className="text-xs text-ink3">{formatRelative(comment.at)}</time>
        </p>
        <p className="wrap-anywhere whitespace-pre-wrap">{pieces(comment.text, comment.mentions).map((piece, at) => (piece.mention ? <b key={at} className="font-medium text-acc">{piece.text}</b> : piece.text))}</p>
      </div>
      {mayDelete && <IconButton icon="trash" label={`Delete the comment of ${comment.by.name}`} onClick={() => void remove()} />}
    </li>
  )
}

function Say({ row, estimateId }: { row: Row; estimateId: string }) {
  const client = useQueryClient()
  const listId = useId()
  const field = useRef<HTMLTextAreaElement>(null)
  const { data: people } = useQuery(peopleQuery)
  const [text, setText] = useState('')
  const [caret, setCaret] = useState(0)
  const [at, setAt] = useState(0)
  const { busy, refusal, clear, run } = useSubmit()
  const all = people?.items ?? []
  const typed = mentionAt(text.slice(0, caret))
  const found = typed === null ? [] : suggest(all, typed).slice(0, SUGGESTIONS_MAX).filter(({ name }) => name !== typed.trimEnd())
  const chosen = Math.min(at, found.length - 1)

  const pick = (name: string) => {
    const before = complete(text.slice(0, caret), name)
    setText(before + text.slice(caret))
    setCaret(before.length)
    requestAnimationFrame(() => { field.current?.focus(); field.current?.setSelectionRange(before.length, before.length) })
  }
  const send = async () => {
    if (text.trim() === '') return
    await api.post<Comments>(`/estimates/${estimateId}/comments`, { itemId: row.id, text, mentions: mentioned(all, text).map(({ id }) => id) })
    setText('')
    await client.invalidateQueries({ queryKey: keys.comments(estimateId) })
  }
  const onKey = (event: KeyboardEvent) => {
    event.stopPropagation()
    const name = found[chosen]?.name
    if (name && (event.key === 'Enter' || event.key === 'Tab')) { event.preventDefault(); pick(name) }
    else if (name && event.key === 'ArrowDown') { event.preventDefault(); setAt((chosen + 1) % found.length) }
    else if (name && event.key === 'ArrowUp') { event.preventDefault(); setAt((chosen + found.length - 1) % found.length) }
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(send) }
  }
  return (
    <form onSubmit={(event) => run(send, event)} className="relative shrink-0 border-t border-line p-3">
      {found.length > 0 && (
        <ul id={listId} role="listbox" aria-label="People" className="pop absolute bottom-full left-3 z-10 w-64 rounded-lg border border-line bg-raise p-1 shadow-pop">
          {found.map(({ id, name }, index) => (
            <li
              key={id} id={`${listId}-${index}`} role="option" aria-selected={index === chosen}
              className={cx('flex items-center gap-2 rounded px-2 py-1', index === chosen && 'bg-acc2')}
              onPointerDown={(event) => { event.preventDefault(); pick(name) }}
            >
              <Avatar id={id} name={name} size={20} />{name}
            </li>
          ))}
        </ul>
      )}
      <Field label="Comment" hideLabel error={refusal}>
        <TextArea
          ref={field} value={text} placeholder="Say something, @ names somebody" rows={2} maxLength={4000}
          {...(found.length > 0 ? { 'aria-controls': listId, 'aria-activedescendant': `${listId}-${chosen}` } : {})}
          onChange={(event) => { setText(event.target.value); setCaret(event.target.selectionStart); setAt(0); clear() }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)} onKeyDown={onKey}
        />
      </Field>
      <div className="mt-2 flex items-center justify-between"><span className="text-xs text-ink3">Ctrl+Enter sends</span><Button look="primary" type="submit" busy={busy} disabled={text.trim() === ''}>Comment</Button></div>
    </form>
  )
}
