import { queryOptions, useQuery } from '@tanstack/react-query'
import { useLocation } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Rule } from '~/api/types'
import { Page } from '~/app/page'
import { LibraryUndo } from '~/features/library/library-undo'
import { Chip, EmptyState, Skeleton } from '~/ui/bits'
import { Button, IconButton } from '~/ui/button'
import { cx } from '~/ui/cx'
import { Field, SearchInput, Select } from '~/ui/form'
import { ProblemPanel } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { ThresholdsDialog } from './thresholds-dialog'
import { EVERY_RULE, type RuleFilter, byModule, fitsRule } from './rules'

const rulesQuery = queryOptions({ queryKey: keys.rules, queryFn: ({ signal }) => api.get<{ items: Rule[] }>('/rules', { signal }), staleTime: Infinity })

const KINDS: Record<Rule['kind'], { label: string; look: 'bad' | 'warn' | 'plain'; says: string }> = {
  block: { label: 'Blocks', look: 'bad', says: 'The change is refused.' },
  acknowledge: { label: 'Acknowledge', look: 'warn', says: 'Refused until a Lead Estimator accepts it with a reason.' },
  invariant: { label: 'Invariant', look: 'plain', says: 'Never to be broken: the change is taken back and an alarm raised.' },
}

/** Every business rule: what it asks and why, where it is checked, and what breaking it leads to. */
export function RulesScreen() {
  const rules = useQuery(rulesQuery)
  const wanted = useLocation({ select: (location) => location.hash })
  const [filter, setFilter] = useState<RuleFilter>(EVERY_RULE)
  const [figures, setFigures] = useState(false)
  const all = rules.data?.items ?? []
  // The rule of the address is shown whatever is filtered: a link must lead somewhere.
  const found = all.filter((rule) => fitsRule(rule, filter) || rule.id === wanted)
  const enforced = all.filter((rule) => rule.enforced).length

  useEffect(() => {
    if (!wanted || !rules.data) return
    const rule = document.getElementById(wanted)
    rule?.scrollIntoView({ block: 'center' })
    rule?.focus()
  }, [wanted, rules.data])

  return (
    <Page title="Rules" fixed actions={<><LibraryUndo /><Button icon="settings" onClick={() => setFigures(true)}>Figures</Button></>}>
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
      {rules.isError ? <ProblemPanel error={rules.error} retry={() => void rules.refetch()} /> : !rules.data ? (
        <div className="grid gap-3 p-4">{Array.from({ length: 8 }, (_, row) => <Skeleton key={row} className="h-10" />)}</div>
      ) : found.length === 0 ? (
        <EmptyState icon="search" title="No rule fits" actions={<Button onClick={() => setFilter(EVERY_RULE)}>Show every rule</Button>} />
      ) : (
        <Catalogue groups={byModule(found)} wanted={wanted} />
      )}
      {figures && <ThresholdsDialog onClose={() => setFigures(false)} />}
    </Page>
  )
}

function Catalogue({ groups, wanted }: { groups: ReturnType<typeof byModule>; wanted: string }) {
  return (
    <div className="flex min-h-0 flex-1">
      <nav aria-label="Areas" className="w-52 shrink-0 overflow-y-auto border-r border-line bg-pane py-2 max-lg:hidden">
        <ul>
          {groups.map(({ module, rules }) => (
            <li key={module}>
              <button
                type="button" className="flex w-full items-baseline justify-between gap-2 px-4 py-1 text-left text-ink2 -outline-offset-2! hover:bg-line2 hover:text-ink"
                onClick={() => document.getElementById(anchorOf(module))?.scrollIntoView({ block: 'start' })}
              >
                <span className="min-w-0">{module}</span><span className="text-2xs text-ink3 tabular-nums">{rules.length}</span>
              </button>
            </li>
          ))}
        </ul>
      </nav>
      <div className="min-h-0 min-w-0 flex-1 overflow-auto">
        {groups.map(({ module, rules }) => (
          <section key={module} id={anchorOf(module)} aria-label={module}>
            <h2 className="sticky top-0 z-10 flex items-baseline gap-2 border-b border-line bg-bg px-4 py-1.5 font-semibold">
              {module} <span className="text-xs font-normal text-ink3">{rules[0]?.id}{rules.length > 1 && ` to ${rules.at(-1)?.id}`}</span>
            </h2>
            <ul>{rules.map((rule) => <RuleRow key={rule.id} rule={rule} here={wanted === rule.id} />)}</ul>
          </section>
        ))}
      </div>
    </div>
  )
}

function anchorOf(module: string): string {
  return `area-${module.toLowerCase().replaceAll(/\W+/g, '-')}`
}

function RuleRow({ rule, here }: { rule: Rule; here: boolean }) {
  const kind = KINDS[rule.kind]
  return (
    <li
      id={rule.id} tabIndex={-1} aria-current={here || undefined}
      className={cx('grid scroll-mt-10 grid-cols-[4.5rem_minmax(0,1fr)_auto] items-start gap-x-4 border-b border-line2 px-4 py-3 -outline-offset-2!', here ? 'bg-acc2' : 'bg-pane')}
    >
      <span className="flex items-center">
        <a href={`#${rule.id}`} className="font-mono text-xs leading-5 text-acc hover:underline">{rule.id}</a>
      </span>
      <div className="min-w-0 max-w-3xl">
        <h3 className="font-medium">{rule.title}</h3>
        <p className="mt-0.5">{rule.statement}</p>
        <p className="mt-0.5 text-ink2">{rule.explanation}</p>
        <dl className="mt-1.5 flex flex-wrap gap-x-5 gap-y-0.5 text-xs text-ink2">
          <Fact name="When">{rule.trigger}</Fact>
          <Fact name="Where">{rule.checkedIn}</Fact>
          <Fact name="Code"><code className="font-mono">{rule.code}</code></Fact>
          {rule.awaits && <Fact name="Comes with">{rule.awaits}</Fact>}
        </dl>
      </div>
      <span className="flex items-center gap-1.5">
        <Chip look={kind.look} title={kind.says}>{kind.label}</Chip>
        {rule.enforced ? <Chip look="good">Enforced</Chip> : <Chip>Not yet</Chip>}
        <IconButton icon="link" label={`Copy the link to ${rule.id}`} onClick={() => void copyLink(rule)} />
      </span>
    </li>
  )
}

async function copyLink(rule: Rule) {
  const link = new URL(`/rules#${rule.id}`, location.href).href
  try {
    await navigator.clipboard.writeText(link)
    toast.done(`Link to ${rule.id} copied`)
  } catch (error) {
    toast.refused(`The link to ${rule.id} could not be copied`, error)
  }
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return <div className="flex gap-1.5"><dt className="text-ink3">{name}</dt><dd>{children}</dd></div>
}
