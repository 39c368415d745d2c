import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { estimateQuery, sessionQuery, tenderQuery } from '~/api/queries'
import type { CommercialRule, Commercials, Estimate } from '~/api/types'
import { rememberEstimate } from '~/app/last-estimate'
import { Page } from '~/app/page'
import { EstimateTabs } from '~/features/estimate/estimate-tabs'
import { EstimateSessionProvider, useEstimateSession } from '~/features/estimate/model/context'
import { EstimateChips, estimateCrumbs } from '~/features/estimate/page-parts'
import { StepBackButtons, useStepBackKeys } from '~/features/estimate/step-back'
import { EmptyState, Spinner } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatMoney, isZeroDecimal } from '~/ui/decimal'
import { ProblemPanel } from '~/ui/problem'
import { isReadOnly, may, readOnlyWords } from '~/app/rights'
import { AddRule } from './add-rule'
import { liveChain } from './chain'
import { ChainTable, backToChain } from './chain-table'
import { ItemPrices } from './item-prices'
import { MarginPanel } from './margin-panel'
import { type KindName, namedRows } from './model/words'
import { commercialsQuery, useScopeNames } from './queries'
import { RuleEditor } from './rule-editor'
import { ScenariosView, useScenarios } from './scenarios-view'
import { TermsPanel } from './terms-panel'
import { Waterfall } from './waterfall'

export type CommercialsTab = 'rules' | 'items' | 'scenarios'

export function CommercialsScreen(props: { estimateId: string; view: CommercialsTab }) {
  return <EstimateSessionProvider key={props.estimateId} estimateId={props.estimateId}><Screen {...props} /></EstimateSessionProvider>
}

function Screen({ estimateId, view }: { estimateId: string; view: CommercialsTab }) {
  const session = useEstimateSession()
  const { data: estimate } = useSuspenseQuery(estimateQuery(estimateId))
  const { data: me } = useSuspenseQuery(sessionQuery)
  const tender = useQuery(tenderQuery(estimate.tenderId))
  const commercials = useQuery(commercialsQuery(estimateId))
  const lsn = commercials.data?.lsn
  const frozen = isReadOnly(estimate.state, me.user.role)
  const estimator = !may(me.user.role, 'decide')
  const readOnly = frozen || estimator

  useEffect(() => { rememberEstimate(estimateId) }, [estimateId])
  useEffect(() => { if (lsn !== undefined) session.saw(lsn) }, [session, lsn])
  useStepBackKeys(session, readOnly)
  useEffect(() => {
    const onLeave = (event: BeforeUnloadEvent) => { if (session.queue.size > 0) event.preventDefault() }
    window.addEventListener('beforeunload', onLeave)
    return () => window.removeEventListener('beforeunload', onLeave)
  }, [session])

  return (
    <Page
      fixed title="Commercials"
      crumbs={estimateCrumbs(tender.data, estimate)}
      chips={<EstimateChips estimate={estimate} />}
      actions={
        <StepBackButtons session={session} readOnly={readOnly} />
      }
      bar={<Bar estimateId={estimateId} view={view} />}
    >
      {estimator && <p className="border-b border-line bg-acc2 px-4 py-1.5 text-acc">You can read the commercials. A Lead estimator changes the price.</p>}
      {!estimator && frozen && <p className="border-b border-line bg-warn2 px-4 py-1.5 text-warn">{readOnlyWords(me.user.role, 'its price')}</p>}
      {commercials.data ? <Views estimate={estimate} commercials={commercials.data} view={view} readOnly={readOnly} />
        : commercials.error ? <ProblemPanel error={commercials.error} retry={() => void commercials.refetch()} />
          : <div className="grid flex-1 place-items-center"><Spinner /></div>}
    </Page>
  )
}

const VIEWS: readonly [CommercialsTab, string][] = [['rules', 'Rules'], ['items', 'Item prices'], ['scenarios', 'Scenarios']]

function Bar({ estimateId, view }: { estimateId: string; view: CommercialsTab }) {
  return (
    <div className="flex h-9 shrink-0 items-stretch gap-5 border-b border-line bg-pane px-4">
      <EstimateTabs estimateId={estimateId} here="commercials" />
      <div className="flex-1" />
      <nav aria-label="Commercials" className="flex items-center gap-1">
        {VIEWS.map(([name, label]) => (
          <Link
            key={name} to="/estimates/$estimateId/commercials" params={{ estimateId }} search={name === 'rules' ? {} : { view: name }} activeOptions={{ exact: true }} aria-current={view === name ? 'page' : undefined}
            className="flex h-6 items-center rounded-md px-2 text-ink2 hover:bg-line2 hover:text-ink aria-[current=page]:bg-acc2 aria-[current=page]:font-medium aria-[current=page]:text-acc"
          >{label}</Link>
        ))}
      </nav>
    </div>
  )
}

function Views({ estimate, commercials, view, readOnly }: { estimate: Estimate; commercials: Commercials; view: CommercialsTab; readOnly: boolean }) {
  const navigate = useNavigate()
  const store = useScenarios(estimate.id)
  const rules = [...commercials.rules, ...store.scenarios.flatMap((scenario) => scenario.rules)]
  const named = namedRows(rules)
  const balancing = commercials.balancingItemId ?? null
  const rowName = useScopeNames(estimate.id, balancing && !named.includes(balancing) ? [...named, balancing] : named, rules)
  const balancingName = balancing ? rowName(balancing)?.split(' ')[0] : undefined
  const go = (to: CommercialsTab) => void navigate({ to: '/estimates/$estimateId/commercials', params: { estimateId: estimate.id }, search: to === 'rules' ? {} : { view: to } })
  if (view === 'items') return <ItemPrices commercials={commercials} readOnly={readOnly} />
  if (view === 'scenarios') return <ScenariosView commercials={commercials} readOnly={readOnly} rowName={rowName} balancingName={balancingName} store={store} onApplied={() => go('rules')} />
  return <RulesView estimateId={estimate.id} commercials={commercials} readOnly={readOnly} rowName={rowName} balancingName={balancingName} onTry={() => { store.start(commercials); go('scenarios') }} />
}

function RulesView({ estimateId, commercials, readOnly, rowName, balancingName, onTry }: { estimateId: string; commercials: Commercials; readOnly: boolean; rowName: (id: string) => string | undefined; balancingName: string | undefined; onTry: () => void }) {
  const session = useEstimateSession()
  const [target, setTarget] = useState<CommercialRule | KindName | null>(null)
  const chain = liveChain(session, commercials, readOnly)
  const { price, rules } = commercials
  const fresh = target !== null && typeof target !== 'string' ? (rules.find((rule) => rule.id === target.id) ?? null) : target
  return (
    <div className="relative min-h-0 flex-1 overflow-auto xl:grid xl:grid-cols-[minmax(0,1fr)_19rem] xl:overflow-hidden">
      <div className="min-w-0 bg-pane xl:overflow-auto">
        {rules.length > 0 && (
          <div className="flex items-center gap-2 px-4 py-2">
            <h2 className="flex-1 font-semibold">Rules in the order they run</h2>
            <Button icon="copy" onClick={onTry}>Try a change</Button>
            {!readOnly && <AddRule rules={rules} onPick={setTarget} />}
          </div>
        )}
        {rules.length === 0 ? (
          <EmptyState
            icon="rules" title="There are no rules yet"
            actions={!readOnly && (
              <>
                {price && !isZeroDecimal(price.unspread) && <Button look="primary" icon="plus" onClick={() => setTarget('spread-indirect')}>Add site indirects</Button>}
                <Button icon="plus" onClick={() => setTarget('percent-markup')}>Add overhead</Button>
                <Button icon="plus" onClick={() => setTarget('percent-margin')}>Add profit</Button>
              </>
            )}
          >
            The price equals the direct cost{price && <> of {formatMoney(price.directCost)}</>}. Rules add site indirects, contingency, overhead and profit to it, one after the other.
          </EmptyState>
        ) : <ChainTable chain={chain} label="Rules" editing={fresh !== null && typeof fresh !== 'string' ? fresh.id : null} onEdit={setTarget} rowName={rowName} balancingName={balancingName} />}
        {price && rules.length > 0 && <div className="mt-4"><Waterfall price={price} rules={rules} /></div>}
      </div>
      <aside aria-label={fresh === null ? 'Margin and rounding' : 'Rule editor'} className={fresh === null ? 'border-l border-line bg-pane max-xl:grid max-xl:grid-cols-2 max-xl:border-t max-xl:border-l-0 xl:overflow-auto' : 'flex flex-col border-l border-line bg-pane max-xl:fixed max-xl:inset-y-0 max-xl:right-0 max-xl:z-40 max-xl:w-[21rem] max-xl:shadow-pop xl:min-h-0'}>
        {fresh === null ? (
          <>
            <MarginPanel estimateId={estimateId} commercials={commercials} />
            <TermsPanel commercials={commercials} readOnly={readOnly} />
          </>
        ) : <RuleEditor key={typeof fresh === 'string' ? fresh : fresh.id} chain={chain} target={fresh} onClose={() => { setTarget(null); backToChain(target) }} />}
      </aside>
    </div>
  )
}
