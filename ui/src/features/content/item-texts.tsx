import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ContentKindInfo, Row } from '~/api/types'
import { Chip } from '~/ui/bits'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { Field, Select } from '~/ui/form'
import { Icon } from '~/ui/icons'
import { ProblemPanel } from '~/ui/problem'
import { BlockEditor, BlockList, contentQuery, useTextEdits } from './blocks'

const TASKS = 'task-breakdown'

/** The texts attached to an item's worksheet: how the work is done, what may go wrong, what the client is told of it. */
export function ItemTexts({ estimateId, row, frozen }: { estimateId: string; row: Row; frozen: boolean }) {
  const content = useQuery(contentQuery(estimateId))
  const run = useTextEdits()
  const [opened, setOpened] = useState<boolean | null>(null)
  const [adding, setAdding] = useState(false)
  const [kind, setKind] = useState(TASKS)
  const blocks = content.data?.blocks.filter((block) => block.item?.id === row.id) ?? []
  const open = opened ?? blocks.length > 0
  const kinds = content.data?.kinds ?? []
  const writable = kinds.filter((one) => !one.archived)
  return (
    <section aria-label="Texts" className="border-b border-line">
      <div className="flex h-8 items-center gap-1 pr-2 pl-3">
        <button type="button" aria-expanded={open} onClick={() => setOpened(!open)} className="flex flex-1 items-center gap-1.5 text-2xs font-medium text-ink3 hover:text-ink">
          <Icon name="chevronRight" size={10} strokeWidth={2} className={cx('transition-transform', open && 'rotate-90')} />
          Texts{blocks.length > 0 && ` · ${blocks.length}`}
        </button>
        {!frozen && <Button look="plain" className="h-6! px-1.5! text-2xs" disabled={adding || !content.data} onClick={() => { setOpened(true); setAdding(true) }}>+ Text</Button>}
      </div>
      {open && (
        <div className="px-4 pb-2">
          {content.isError && <ProblemPanel error={content.error} retry={() => void content.refetch()} />}
          {content.data && blocks.length === 0 && !adding && <p className="text-xs text-ink3">None yet. Say how the work is done or what may go wrong, or what this item includes and leaves out: that is printed in the tender letter.</p>}
          {kinds.map((one) => {
            const own = blocks.filter((block) => block.kind === one.kind)
            return own.length > 0 && (
              <div key={one.kind} role="group" aria-label={one.title}>
                <h3 className="flex items-baseline gap-2 pt-1 text-xs font-medium">{one.title}<Seen kind={one} /></h3>
                <BlockList bare title={one.title} blocks={own} readOnly={frozen} />
              </div>
            )
          })}
          {adding && (
            <div className="pt-1">
              <Field label="Kind" hideLabel>
                <Select value={kind} onChange={(event) => setKind(event.target.value)}>
                  {writable.map((one) => <option key={one.kind} value={one.kind}>{one.title}{one.clientFacing ? ' (in client documents)' : ' (internal)'}</option>)}
                </Select>
              </Field>
              <BlockEditor
                label="New text" text="" onCancel={() => setAdding(false)}
                onSave={async (text) => { if (await run({ op: 'add-content', kind, itemId: row.id, place: 'last', text }, 'The text was not added')) setAdding(false) }}
              />
            </div>
          )}
        </div>
      )}
    </section>
  )
}

const Seen = ({ kind }: { kind: ContentKindInfo }) => <Chip look={kind.clientFacing ? 'accent' : 'plain'}>{kind.clientFacing ? 'in client documents' : 'internal'}</Chip>
