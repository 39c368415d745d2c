import { queryOptions, useQuery } from '@tanstack/react-query'
import { useLocation } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Rule } from '~/api/types'
import { Page } from '~/app/page'
import { Chip, EmptyState, Skeleton } from '~/ui/bits'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { Field, SearchInput, Select } from '~/ui/form'
import { ProblemPanel } from '~/ui/problem'
import { type RuleFilter, byModule, fitsRule } from './rules'

const rulesQuery = queryOptions({ queryKey: keys.rules, queryFn: ({ signal }) => api.get<{ items: Rule[] }>('/rules', { signal }), staleTime: Infinity })

const KINDS: Record<Rule['kind'], { label: string; look: 'bad' | 'warn' | 'plain'; says: string }> = {
  block: { label: 'Blocks', look: 'bad', says: 'The change is refused.' },
  acknowledge: { label: 'Acknowledge', look: 'warn', says: 'Refused until a Lead Estimator accepts it with a reason.' },
  invariant: { label: 'Invariant', look: 'plain', says: 'Never to be broken: the change is rolled back and an alarm raised.' },
}

/** Every business rule, what it asks and whether it is enforced in this version. */
export function RulesScreen() {
  const rules = useQuery(rulesQuery)
  const wanted = useLocation({ select: (location) => location.hash })
  const [filter, setFilter] = useState<RuleFilter>({ text: '', kind: '', enforced: '' })
  const all = rules.data?.items ?? []
  const found = all.filter((rule) => fitsRule(rule, filter))
  const enforced = all.filter((rule) => rule.enforced).length

  useEffect(() => {
    if (!wanted || !rules.data) return
    const rule = document.getElementById(wanted)
    rule?.scrollIntoView({ block: 'center' })
    rule?.focus()
  }, [wanted, rules.data])

  return (
    <Page title="Rules" fixed>
      <div role="search" className="flex flex-wrap items-center gap-2 border-b border-line bg-pane px-4 py-2">
        <SearchInput label="Find by number, words or code" className="w-80" value={filter.text} onChange={(event) => setFilter({ ...filter, text: event.target.value })} />
        <Field label="Kind" hideLabel>
          <Select value={filter.kind} onChange={(event) => setFilter({ ...filter, kind: event.target.value as RuleFilter['kind'] })}>
            <option value="">Every kind</option>{Object.entries(KINDS).map(([kind, { label }]) => <option key={kind} value={kind}>{label}</option>)}
          </Select>
        </Field>
        <Field label="Enforced" hideLabel>
          <Select value={filter.enforced} onChange={(event) => setFilter({ ...filter, enforced: event.target.value as RuleFilter['enforced'] })}>
            <option value="">Enforced or not yet</option><option value="yes">Enforced now</option><option value="no">Not yet</option>
          </Select>
        </Field>
        <span role="status" className="ml-auto text-xs text-ink2">{found.length === all.length ? `${all.length} rules, ${enforced} enforced in this version` : `${found.length} of ${all.length} rules`}</span>
      </div>
      <div className="min-h-0 flex-1 overflow-auto">
        {rules.isError ? <ProblemPanel error={rules.error} retry={() => void rules.refetch()} /> : !rules.data ? (
          <div className="grid gap-3 p-4">{Array.from({ length: 8 }, (_, row) => <Skeleton key={row} className="h-10" />)}</div>
        ) : found.length === 0 ? (
          <EmptyState icon="search" title="No rule fits" actions={<Button onClick={() => setFilter({ text: '', kind: '', enforced: '' })}>Show every rule</Button>} />
        ) : byModule(found).map(({ module, rules: group }) => (
          <section key={module} aria-label={module}>
            <h2 className="sticky top-0 z-10 flex items-baseline gap-2 border-b border-line bg-bg px-4 py-1.5 font-semibold">{module} <span className="text-xs font-normal text-ink3">{group.length}</span></h2>
            <ul>
              {group.map((rule) => (
                <li key={rule.id} id={rule.id} tabIndex={-1} className={cx('grid grid-cols-[5rem_minmax(0,1fr)_auto] items-start gap-x-4 border-b border-line2 bg-pane px-4 py-2.5 -outline-offset-2!', wanted === rule.id && 'bg-acc2')}>
                  <a href={`#${rule.id}`} className="font-mono text-xs leading-5 text-acc hover:underline">{rule.id}</a>
                  <div className="min-w-0">
                    <h3 className="font-medium">{rule.title}</h3>
                    {rule.explanation && rule.explanation !== rule.title && <p className="mt-0.5 max-w-3xl text-ink2">{rule.explanation}</p>}
                    <p className="mt-0.5 text-xs text-ink3">Checked on: {rule.trigger}. Code: <code className="font-mono">{rule.code}</code></p>
                  </div>
                  <span className="flex gap-1.5">
                    <Chip look={KINDS[rule.kind].look} title={KINDS[rule.kind].says}>{KINDS[rule.kind].label}</Chip>
                    {rule.enforced ? <Chip look="good">Enforced</Chip> : <Chip>Not yet</Chip>}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Page>
  )
}
