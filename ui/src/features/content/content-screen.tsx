import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api } from '~/api/client'
import { estimateQuery, keys, tenderQuery } from '~/api/queries'
import type { Content, ContentBlock, ContentKindInfo, Edit } from '~/api/types'
import { rememberEstimate } from '~/app/last-estimate'
import { Page } from '~/app/page'
import { EstimateTabs } from '~/features/estimate/estimate-tabs'
import { EstimateSessionProvider, useEstimateSession } from '~/features/estimate/model/context'
import { EstimateChips, estimateCrumbs } from '~/features/estimate/page-parts'
import { StepBackButtons, useStepBackKeys } from '~/features/estimate/step-back'
import { Chip, Spinner } from '~/ui/bits'
import { Button, IconButton } from '~/ui/button'
import { TextArea } from '~/ui/form'
import { ProblemPanel } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { FROZEN_STATES } from '~/ui/words'

export const contentQuery = (id: string) => queryOptions({
  queryKey: keys.content(id), queryFn: ({ signal }) => api.get<Content>(`/estimates/${id}/content`, { signal }),
})

const HINTS: Partial<Record<string, string>> = {
  inclusions: 'What the price includes, one clause at a time.',
  exclusions: 'What the price leaves out: say it here, or it will be argued about later.',
  assumptions: 'What the price takes for granted: access, ground, dates, who provides what.',
  'task-breakdown': 'How the work is done. Stays in the house.',
  'risk-breakdown': 'What may go wrong and what it would cost. Stays in the house.',
}

/** What a kind is for: of the organisation's own, who sees it. */
function hintOf({ kind, clientFacing, archived }: ContentKindInfo): string {
  if (archived) return 'Archived: what is here stays, and nothing is added.'
  return HINTS[kind] ?? (clientFacing ? 'Printed in the tender letter.' : 'Stays in the house.')
}

/** The words an offer comes with. */
export function ContentScreen({ estimateId }: { estimateId: string }) {
  return <EstimateSessionProvider key={estimateId} estimateId={estimateId}><Screen estimateId={estimateId} /></EstimateSessionProvider>
}

function Screen({ estimateId }: { estimateId: string }) {
  const session = useEstimateSession()
  const { data: estimate } = useSuspenseQuery(estimateQuery(estimateId))
  const tender = useQuery(tenderQuery(estimate.tenderId))
  const content = useQuery(contentQuery(estimateId))
  const readOnly = FROZEN_STATES.includes(estimate.state)

  useEffect(() => { rememberEstimate(estimateId) }, [estimateId])
  useStepBackKeys(session, readOnly)

  return (
    <Page
      fixed title="Offer text"
      crumbs={estimateCrumbs(tender.data, estimate)}
      chips={<EstimateChips estimate={estimate} />}
      actions={
        <StepBackButtons session={session} readOnly={readOnly} />
      }
      bar={<div className="flex h-9 shrink-0 items-stretch gap-5 border-b border-line bg-pane px-4"><EstimateTabs estimateId={estimateId} here="content" /></div>}
    >
      {readOnly && <p className="border-b border-line bg-warn2 px-4 py-1.5 text-warn">This estimate is frozen. Make a new revision to change its text.</p>}
      {content.data ? <Kinds content={content.data} readOnly={readOnly} />
        : content.error ? <ProblemPanel error={content.error} retry={() => void content.refetch()} />
          : <div className="grid flex-1 place-items-center"><Spinner /></div>}
    </Page>
  )
}

function Kinds({ content, readOnly }: { content: Content; readOnly: boolean }) {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3" role="region" aria-label="Offer text">
      <div className="max-w-3xl">
        {content.kinds.map((kind) => (
          <section key={kind.kind} aria-label={kind.title} className="mb-6">
            <div className="flex items-baseline gap-2 border-b border-line pb-1">
              <h2 className="font-semibold">{kind.title}</h2>
              {kind.archived && <Chip>archived</Chip>}
              <Chip look={kind.clientFacing ? 'accent' : 'plain'}>{kind.clientFacing ? 'in client documents' : 'internal'}</Chip>
            </div>
            <p className="pt-1 text-xs text-ink3">{hintOf(kind)}</p>
            <Blocks kind={kind.kind} title={kind.title} blocks={content.blocks.filter((block) => block.kind === kind.kind)} readOnly={readOnly} closed={kind.archived} />
          </section>
        ))}
      </div>
    </div>
  )
}

function Blocks({ kind, title, blocks, readOnly, closed }: { kind: string; title: string; blocks: ContentBlock[]; readOnly: boolean; closed: boolean }) {
  const session = useEstimateSession()
  const [adding, setAdding] = useState(false)
  const run = async (edit: Edit, refused: string): Promise<boolean> => {
    try {
      await session.submit([edit])
      return true
    } catch (error) {
      toast.refused(refused, error)
      return false
    }
  }
  return (
    <>
      <ol className="list-none">
        {blocks.map((block, at) => (
          <Block
            key={block.id} block={block} number={at + 1} title={title} readOnly={readOnly}
            before={blocks[at - 1]} after={blocks[at + 1]} run={run}
          />
        ))}
      </ol>
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

interface BlockProps {
  block: ContentBlock
  number: number
  title: string
  readOnly: boolean
  before: ContentBlock | undefined
  after: ContentBlock | undefined
  run: (edit: Edit, refused: string) => Promise<boolean>
}

function Block({ block, number, title, readOnly, before, after, run }: BlockProps) {
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
      <p className="min-w-0 flex-1 py-0.5 break-words whitespace-pre-wrap">{block.text}</p>
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
function BlockEditor({ label, text, onSave, onCancel }: { label: string; text: string; onSave: (text: string) => Promise<void>; onCancel: () => void }) {
  const [value, setValue] = useState(text)
  const blank = value.trim() === ''
  return (
    <div className="flex flex-col gap-2 py-2">
      <TextArea
        aria-label={label} autoFocus rows={Math.min(12, Math.max(3, value.split('\n').length + 1))} value={value} onChange={(event) => setValue(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') { event.preventDefault(); onCancel() }
          if (event.key === 'Enter' && event.ctrlKey && !blank) { event.preventDefault(); void onSave(value.trim()) }
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
