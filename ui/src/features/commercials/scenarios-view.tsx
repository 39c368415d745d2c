import { useQueries } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { newKey } from '~/api/client'
import type { CommercialRule, Commercials } from '~/api/types'
import { useEstimateSession } from '~/features/estimate/model/context'
import { Chip, EmptyState } from '~/ui/bits'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { formatMoney, formatPercent } from '~/ui/decimal'
import { TextInput } from '~/ui/form'
import { toast } from '~/ui/toast'
import { ChainTable, backToChain } from './chain-table'
import { doneWithUndo } from '~/features/estimate/step-back'
import { liveChain, scenarioChain } from './chain'
import { AddRule } from './add-rule'
import { Rule } from './margin-panel'
import { FIGURES, SCENARIOS_MAX, type Scenario, difference, editsTo, keepScenarios, readScenarios, ruleRows, scenarioOf } from './model/scenario'
import { type KindName, type NameOf, valueWords } from './model/words'
import { previewQuery } from './queries'
import { RuleEditor } from './rule-editor'

/** The scenarios of an estimate, kept in this browser while it is open. */
export function useScenarios(estimateId: string) {
  const [scenarios, setScenarios] = useState(() => readScenarios(estimateId))
  useEffect(() => { keepScenarios(estimateId, scenarios) }, [estimateId, scenarios])
  return {
    scenarios,
    put: (scenario: Scenario) => setScenarios((all) => all.map((one) => (one.id === scenario.id ? scenario : one))),
    drop: (id: string) => setScenarios((all) => all.filter((one) => one.id !== id)),
    restore: (scenario: Scenario) => setScenarios((all) => (all.length < SCENARIOS_MAX ? [...all, scenario] : all)),
    /** A copy of the chain as it is; its id, or null when there are enough. */
    start: (commercials: Commercials): string | null => {
      if (scenarios.length >= SCENARIOS_MAX) return null
      const names = scenarios.map((one) => one.name)
      let number = 1
      while (names.includes(`Scenario ${number}`)) number += 1
      const scenario = scenarioOf(newKey(), `Scenario ${number}`, commercials)
      setScenarios((all) => [...all, scenario])
      return scenario.id
    },
  }
}

export interface ScenariosViewProps {
  commercials: Commercials
  readOnly: boolean
  rowName: NameOf
  balancingName: string | undefined
  store: ReturnType<typeof useScenarios>
  onApplied: () => void
}

/** Other chains beside the one in force, to see what they would make of the price. */
export function ScenariosView({ commercials, readOnly, rowName, balancingName, store, onApplied }: ScenariosViewProps) {
  const session = useEstimateSession()
  const { scenarios } = store
  const [chosen, setChosen] = useState<string | null>(null)
  const [target, setTarget] = useState<CommercialRule | KindName | null>(null)
  const previews = useQueries({ queries: scenarios.map((scenario) => previewQuery(session.estimateId, JSON.stringify({ rules: scenario.rules }))) })
  const priced = previews.map((preview) => (preview.error ? undefined : preview.data))
  const current = scenarios.find((scenario) => scenario.id === chosen) ?? scenarios.at(-1)
  const start = () => { const id = store.start(commercials); if (id) { setChosen(id); setTarget(null) } }
  if (!current) {
    return (
      <EmptyState icon="copy" title="Nothing is being tried" actions={<Button look="primary" icon="plus" onClick={start}>Try a change</Button>}>
        A scenario is a copy of the chain. Change it freely: the estimate keeps its price until the scenario is applied. Up to {SCENARIOS_MAX} stand side by side, in this browser only.
      </EmptyState>
    )
  }
  const apply = async (scenario: Scenario) => {
    const edits = editsTo(commercials.rules, scenario.rules)
    if (edits.length === 0) { toast.info(`${scenario.name} is the same as the estimate.`); return }
    try {
      const result = await session.submit(edits, { label: `Apply ${scenario.name}` })
      store.drop(scenario.id)
      setTarget(null)
      doneWithUndo(session, `${scenario.name} applied`, result)
      onApplied()
    } catch (error) {
      toast.refused(`${scenario.name} was not applied`, error)
    }
  }
  const discard = (scenario: Scenario) => {
    store.drop(scenario.id)
    setTarget(null)
    toast.info(`${scenario.name} discarded`, { key: 'scenario', action: { label: 'Bring it back', run: () => store.restore(scenario) } })
  }
  const chains = [liveChain(session, commercials, true), ...scenarios.map((scenario, at) => scenarioChain(scenario, priced[at], store.put))]
  const rows = ruleRows(chains.map((chain) => chain.rules))
  const at = scenarios.indexOf(current)
  const chain = scenarioChain(current, priced[at], store.put)
  const fresh = target !== null && typeof target !== 'string' ? (chain.rules.find((rule) => rule.id === target.id) ?? null) : target
  return (
    <div className="relative grid min-h-0 flex-1 overflow-auto xl:grid-cols-[minmax(0,1fr)_auto] xl:overflow-hidden">
      <div className="min-w-0 bg-pane xl:overflow-auto">
        <div className="overflow-x-auto">
          <table className="table w-auto! min-w-[44rem]" aria-label="Scenarios compared">
            <thead>
              <tr>
                <th className="w-56">Rule</th>
                <th className="num w-48">As it is</th>
                {scenarios.map((scenario) => (
                  <th key={scenario.id} className={cx('num h-auto! w-64 py-1.5!', scenario === current && 'bg-acc2!')}>
                    <span className="flex flex-col items-end gap-1">
                      <TextInput aria-label={`Name of ${scenario.name}`} className="h-6! w-36! text-right font-semibold" value={scenario.name} maxLength={60} onChange={(event) => store.put({ ...scenario, name: event.target.value })} />
                      <span className="flex gap-1">
                        <Button className="h-6! px-1.5! text-xs" aria-pressed={scenario === current} aria-label={`Change ${scenario.name}`} onClick={() => { setChosen(scenario.id); setTarget(null) }}>Change</Button>
                        <Button className="h-6! px-1.5! text-xs" aria-label={`Discard ${scenario.name}`} onClick={() => discard(scenario)}>Discard</Button>
                        {!readOnly && <Button look="primary" className="h-6! px-1.5! text-xs" aria-label={`Apply ${scenario.name}`} onClick={() => void apply(scenario)}>Apply</Button>}
                      </span>
                      {scenario.from !== commercials.version && <Chip look="warn" title="The rules of the estimate changed after this copy was taken">Rules changed since</Chip>}
                    </span>
                  </th>
                ))}
                {scenarios.length < SCENARIOS_MAX && <th className="w-32"><Button icon="plus" className="font-normal" onClick={start}>Try another</Button></th>}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.id}>
                  <th scope="row" className="static! h-8! max-w-56 truncate border-b-line2! text-sm! font-normal! text-ink!">{row.name}</th>
                  {row.cells.map((cell, column) => (
                    <td key={column} data-differs={cell.differs || undefined} className={cx('num', cell.differs && 'bg-warn2')}>
                      {cell.rule ? <><span className="mr-2 text-xs text-ink3">{cell.rule.active === false ? 'off' : cell.rule.kind && valueWords(cell.rule.kind)}</span> {formatMoney(cell.value)}</> : <span className="text-ink3">none</span>}
                      {cell.differs && <span className="sr-only"> differs</span>}
                    </td>
                  ))}
                  {scenarios.length < SCENARIOS_MAX && <td />}
                </tr>
              ))}
              {FIGURES.map((figure) => (
                <tr key={figure.key} className={cx(figure.strong && 'font-semibold')}>
                  <th scope="row" className={cx('static! h-8! border-b-line2! text-sm! text-ink!', figure.strong ? 'font-semibold!' : 'font-normal!')}>{figure.label}</th>
                  {chains.map((one, column) => {
                    const value = one.price?.[figure.key]
                    const change = column === 0 ? null : difference(commercials.price?.[figure.key], value)
                    return (
                      <td key={column} data-differs={change !== null || undefined} className={cx('num', change && 'bg-warn2')}>
                        {change && <span className="mr-2 text-xs font-normal text-ink2">{change.startsWith('-') ? '' : '+'}{figure.percent ? formatPercent(change) : formatMoney(change)}</span>}{' '}
                        {value == null ? <span className="font-normal text-ink3">no price</span> : figure.percent ? formatPercent(value) : formatMoney(value)}
                      </td>
                    )
                  })}
                  {scenarios.length < SCENARIOS_MAX && <td />}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <div className="mt-4 flex items-center gap-3 border-t border-line px-4 py-2">
          <h2 className="flex-1 font-semibold">{current.name}</h2>
          <AddRule rules={chain.rules} onPick={setTarget} />
        </div>
        {previews[at]?.error != null && <p role="alert" className="bg-bad2 px-4 py-2 text-bad">{previews[at].error instanceof Error ? previews[at].error.message : 'This scenario cannot be priced.'}</p>}
        {chain.violations.length > 0 && <ul className="px-4 pb-2 text-bad">{chain.violations.map((violation, index) => <li key={index}><Rule id={violation.rule} /> {violation.message}</li>)}</ul>}
        <ChainTable chain={chain} label={`Rules of ${current.name}`} editing={fresh !== null && typeof fresh !== 'string' ? fresh.id : null} onEdit={setTarget} rowName={rowName} balancingName={balancingName} />
      </div>
      {fresh !== null && (
        <aside aria-label="Rule editor" className="flex w-[21rem] flex-col border-l border-line bg-pane max-xl:fixed max-xl:inset-y-0 max-xl:right-0 max-xl:z-40 max-xl:shadow-pop xl:min-h-0">
          <RuleEditor key={`${current.id} ${typeof fresh === 'string' ? fresh : fresh.id}`} chain={chain} target={fresh} onClose={() => { setTarget(null); backToChain(target) }} />
        </aside>
      )}
    </div>
  )
}
