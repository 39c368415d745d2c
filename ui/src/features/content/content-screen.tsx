import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { estimateQuery, tenderQuery } from '~/api/queries'
import type { Content, ContentKindInfo } from '~/api/types'
import { rememberEstimate } from '~/app/last-estimate'
import { Page } from '~/app/page'
import { EstimateTabs } from '~/features/estimate/estimate-tabs'
import { EstimateSessionProvider, useEstimateSession } from '~/features/estimate/model/context'
import { EstimateChips, ReadOnlyNote, estimateCrumbs } from '~/features/estimate/page-parts'
import { StepBackButtons, useStepBackKeys } from '~/features/estimate/step-back'
import { Chip, Spinner } from '~/ui/bits'
import { ProblemPanel } from '~/ui/problem'
import { isReadOnly, useRole } from '~/app/rights'
import { Blocks, contentQuery } from './blocks'

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
  const readOnly = isReadOnly(estimate.state, useRole())

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
      <ReadOnlyNote estimate={estimate} what="its text" />
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
