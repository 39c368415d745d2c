import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'
import { estimateQuery, sessionQuery, tenderQuery } from '~/api/queries'
import type { Estimate } from '~/api/types'
import { rememberEstimate } from '~/app/last-estimate'
import { type Crumb, Page } from '~/app/page'
import { EstimateTabs } from '~/features/estimate/estimate-tabs'
import { useEstimateSession } from '~/features/estimate/model/context'
import { ReadOnlyNote } from '~/features/estimate/page-parts'
import { StepBackButtons, useStepBackKeys } from '~/features/estimate/step-back'
import { Chip } from '~/ui/bits'
import { type Deed, WHO_MAY, isReadOnly, may } from '~/app/rights'
import { ESTIMATE_STATE_NAMES } from '~/ui/words'

export interface Rights {
  estimate: Estimate
  /** Nothing in the estimate changes. */
  frozen: boolean
  /** Why they may not award, transfer or reopen; nothing when they may. */
  whyNotAward: string | undefined
  /** How the person signs e-mails. */
  me: string
  zone: string
}

const DECIDE: Deed = 'decide'

export function useRights(estimateId: string): Rights {
  const { data: estimate } = useSuspenseQuery(estimateQuery(estimateId))
  const { data: session } = useSuspenseQuery(sessionQuery)
  return {
    estimate, frozen: isReadOnly(estimate.state, session.user.role), whyNotAward: may(session.user.role, DECIDE) ? undefined : WHO_MAY[DECIDE],
    me: `${session.user.name}, ${session.organisation.name}`, zone: session.organisation.timeZone,
  }
}

/** The frame of the screens of packages: undo and redo of the estimate, its tabs, what is frozen. */
export function PackagesFrame({ estimateId, title, crumb, actions, tools, children }: { estimateId: string; title: string; crumb?: Crumb; actions?: ReactNode; tools?: ReactNode; children: ReactNode }) {
  const session = useEstimateSession()
  const { estimate, frozen } = useRights(estimateId)
  const tender = useQuery(tenderQuery(estimate.tenderId))
  useEffect(() => { rememberEstimate(estimateId) }, [estimateId])
  useStepBackKeys(session, frozen)
  return (
    <Page
      fixed title={title}
      crumbs={[
        tender.data ? { label: tender.data.number, to: '/tenders/$tenderId', params: { tenderId: tender.data.id } } : { label: 'Tenders', to: '/tenders' },
        { label: estimate.name, to: '/estimates/$estimateId', params: { estimateId } },
        ...(crumb ? [crumb] : []),
      ]}
      chips={<Chip look={frozen ? 'warn' : 'accent'}>{ESTIMATE_STATE_NAMES[estimate.state]}</Chip>}
      actions={
        <>
          <StepBackButtons session={session} readOnly={frozen} />
          {actions}
        </>
      }
      bar={<div className="flex h-9 shrink-0 items-stretch gap-5 border-b border-line bg-pane px-4"><EstimateTabs estimateId={estimateId} here="packages" /><div className="flex-1" />{tools}</div>}
    >
      <ReadOnlyNote estimate={estimate} what="its packages" />
      {children}
    </Page>
  )
}
