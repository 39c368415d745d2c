import { queryOptions } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Content, ContentBlock, Edit } from '~/api/types'
import { useEstimateSession } from '~/features/estimate/model/context'
import { Button, IconButton } from '~/ui/button'
import { TextArea } from '~/ui/form'
import { toast } from '~/ui/toast'

export const contentQuery = (id: string) => queryOptions({
  queryKey: keys.content(id), queryFn: ({ signal }) => api.get<Content>(`/estimates/${id}/content`, { signal }),
})

/** Runs an edit of texts; says why it was refused. */
export function useTextEdits(): (edit: Edit, refused: string) => Promise<boolean> {
  const session = useEstimateSession()
  return async (edit, refused) => {
    try {
      await session.submit([edit])
      await session.client.invalidateQueries({ queryKey: keys.content(session.estimateId) })
      return true
    } catch (error) {
      toast.refused(refused, error)
      return false
    }
  }
}

/** The texts of a kind as its letter says them: those of the whole estimate, then those of each item. */
export function inOrder(blocks: ContentBlock[]): ContentBlock[] {
  const items = [...new Set(blocks.flatMap((block) => block.item?.id ?? []))]
  return [...blocks.filter((block) => !block.item), ...items.flatMap((id) => blocks.filter((block) => block.item?.id === id))]
}

/** The texts of one kind, written, ordered and deleted: clauses of the offer. */
export function Blocks({ kind, title, blocks, readOnly, closed }: { kind: string; title: string; blocks: ContentBlock[]; readOnly: boolean; closed: boolean }) {
  const [adding, setAdding] = useState(false)
  const run = useTextEdits()
  return (
    <>
      <BlockList title={title} blocks={blocks} readOnly={readOnly} />
      {adding && (
        <BlockEditor
          label={`New clause of ${title}`} text="" onCancel={() => setAdding(false)}
          onSave={async (text) => { if (await run({ op: 'add-content', kind, place: 'last', text }, 'The clause was not added')) setAdding(false) }}
        />
      )}
      {!readOnly && !adding && !closed && <Button icon="plus" look="plain" className="mt-1 -ml-2.5" aria-label={`Add to ${title}`} onClick={() => setAdding(true)}>Add</Button>}
      {readOnly && blocks.length === 0 && <p className="py-1 text-ink3">None.</p>}
    </>
  )
}

/** Texts of one kind; `bare` where they all belong to the item on screen. */
export function BlockList({ title, blocks, readOnly, bare = false }: { title: string; blocks: ContentBlock[]; readOnly: boolean; bare?: boolean }) {
  const run = useTextEdits()
  const listed = inOrder(blocks)
  /** The neighbour a text changes places with: one of the same item. */
  const beside = (block: ContentBlock, step: number) => {
    const own = listed.filter((one) => one.item?.id === block.item?.id)
    return own[own.indexOf(block) + step]
  }
  return (
    <ol className="list-none">
      {listed.map((block, at) => (
        <Block
          key={block.id} block={block} number={at + 1} title={title} readOnly={readOnly} bare={bare}
          before={beside(block, -1)} after={beside(block, 1)} run={run}
        />
      ))}
    </ol>
  )
}

interface BlockProps {
  block: ContentBlock
  number: number
  title: string
  readOnly: boolean
  bare: boolean
  before: ContentBlock | undefined
  after: ContentBlock | undefined
  run: (edit: Edit, refused: string) => Promise<boolean>
}

function Block({ block, number, title, readOnly, bare, before, after, run }: BlockProps) {
  const { estimateId } = useEstimateSession()
  const [editing, setEditing] = useState(false)
  const name = `${title} ${number}`
  if (editing) {
    return (
      <li>
        <BlockEditor
          label={name} text={block.text} onCancel={() => setEditing(false)}
          onSave={async (text) => {
            if (text === block.text || await run({ op: 'update-content', id: block.id, version: block.version, text }, 'The clause stays as it was')) setEditing(false)
          }}
        />
      </li>
    )
  }
  return (
    <li className="group flex items-start gap-2 border-b border-line2 py-1">
      <span className="w-6 shrink-0 pt-0.5 text-right text-ink3 tabular-nums">{number}.</span>
      <div className="min-w-0 flex-1 py-0.5">
        <p className="break-words whitespace-pre-wrap">{block.text}</p>
        {block.item && !bare && (
          <Link to="/estimates/$estimateId" params={{ estimateId }} search={{ node: block.item.id }} className="block truncate text-xs text-ink3 hover:text-acc hover:underline">
            {[block.item.code, block.item.description].filter(Boolean).join(' · ') || 'An item'}
          </Link>
        )}
      </div>
      {!readOnly && (
        <div className="flex shrink-0">
          <Button look="plain" aria-label={`Edit ${name}`} onClick={() => setEditing(true)}>Edit</Button>
          <IconButton icon="chevronUp" label={`Move ${name} up`} disabled={!before} onClick={() => void (before && run({ op: 'move-content', id: block.id, place: { before: before.id } }, 'The clause stays where it is'))} />
          <IconButton icon="chevronDown" label={`Move ${name} down`} disabled={!after} onClick={() => void (after && run({ op: 'move-content', id: block.id, place: { after: after.id } }, 'The clause stays where it is'))} />
          <IconButton icon="trash" label={`Delete ${name}`} onClick={() => void run({ op: 'delete-content', ids: [block.id] }, 'The clause stays')} />
        </div>
      )}
    </li>
  )
}

/** Ctrl+Enter keeps, Esc leaves it as it was. */
export function BlockEditor({ label, text, onSave, onCancel }: { label: string; text: string; onSave: (text: string) => Promise<void>; onCancel: () => void }) {
  const [value, setValue] = useState(text)
  const blank = value.trim() === ''
  return (
    <div className="flex flex-col gap-2 py-2">
      <TextArea
        aria-label={label} autoFocus rows={Math.min(12, Math.max(3, value.split('\n').length + 1))} value={value} onChange={(event) => setValue(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') { event.preventDefault(); event.stopPropagation(); onCancel() }
          if (event.key === 'Enter' && event.ctrlKey && !blank) { event.preventDefault(); event.stopPropagation(); void onSave(value.trim()) }
        }}
      />
      <div className="flex gap-2">
        <Button look="primary" disabled={blank} onClick={() => void onSave(value.trim())}>Save</Button>
        <Button onClick={onCancel}>Cancel</Button>
        <span className="self-center text-xs text-ink3">Ctrl+Enter saves, Esc cancels</span>
      </div>
    </div>
  )
}
