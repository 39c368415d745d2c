import { type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react'
import { isProblem } from '~/api/client'
import { isOnItsWay } from '~/api/queries'
import type { CommercialRule, Commercials, Violation, WithinInput } from '~/api/types'
import { useEstimateSession } from '~/features/estimate/model/context'
import { Chip, Spinner } from '~/ui/bits'
import { Button, IconButton } from '~/ui/button'
import { Combobox } from '~/ui/combobox'
import { cx } from '~/ui/cx'
import { formatMoney } from '~/ui/decimal'
import { Flashing } from '~/ui/flashing'
import { Checkbox, Field, Select, TextInput } from '~/ui/form'
import { problemText } from '~/ui/problem'
import { RESOURCE_TYPES, TYPE_NAMES } from '~/ui/words'
import { type Chain, placeOfNew } from './chain'
import { Rule } from './margin-panel'
import { type DraftRisk, type RuleDraft, draftNeeds, draftOf, emptyRisk, fieldsOf, newDraft } from './model/draft'
import { difference, numbered } from './model/scenario'
import { KIND_HELP, KIND_NAMES, type KindName, scopeWords } from './model/words'
import { rowWords, useIndirects, usePackageNames, usePreview, useRowNames, useRowSearch } from './queries'

export interface RuleEditorProps {
  chain: Chain
  /** The rule to change, or the kind of a new one. */
  target: CommercialRule | KindName
  onClose: () => void
}

type Change = (part: Partial<RuleDraft>) => void
interface Refusal { violations: Pick<Violation, 'rule' | 'message' | 'field'>[]; stale: boolean }

/** The field of the form that a refusal is about; the kind's own figure where the server names the kind. */
function fieldOf(field: string | null | undefined, kind: KindName, message: string): string {
  if (field !== 'kind') return (field ?? '').startsWith('scope') ? 'scope' : (field ?? '')
  if (/floor/.test(message)) return 'floor'
  const own: Record<KindName, string> = {
    'spread-indirect': 'items', 'percent-markup': 'percent', 'percent-margin': 'percent', 'lump-sum': 'amount', index: /weight/.test(message) ? 'weight' : 'start',
    'risk-register': 'risks', 'target-total': 'total', 'round-total': 'multiple',
  }
  return own[kind]
}

/** One rule with all its fields, and what it would make of the price while it is typed. */
export function RuleEditor({ chain, target, onClose }: RuleEditorProps) {
  const session = useEstimateSession()
  const rule = typeof target === 'string' ? null : target
  const spread = typeof target === 'string' ? target === 'spread-indirect' : target.set.kind?.type === 'spread-indirect'
  const indirects = useIndirects(session.estimateId, spread)
  // A new spread rule starts with every item ticked, so it waits for them.
  if (!rule && spread && indirects.isPending) return <div className="grid place-items-center p-8"><Spinner label="Reading the indirect items" /></div>
  const pool = indirects.data ?? []
  const spreadAlready = new Set(chain.rules.flatMap((one) => (one.set.kind?.type === 'spread-indirect' && one.set.active !== false ? one.set.kind.items : [])))
  const start = typeof target === 'string'
    ? newDraft(target, { taken: chain.rules.map((one) => one.set.name ?? ''), pool: pool.filter((item) => !spreadAlready.has(item.id)).map((item) => item.id) })
    : draftOf(target.set)
  return <Form chain={chain} rule={rule} start={start} pool={pool} poolBusy={indirects.isPending} onClose={onClose} />
}

function Form({ chain, rule, start, pool, poolBusy, onClose }: { chain: Chain; rule: CommercialRule | null; start: RuleDraft; pool: { id: string; code: string; description: string; cost: string }[]; poolBusy: boolean; onClose: () => void }) {
  const session = useEstimateSession()
  const titleId = useId()
  // The version on which the typing is based; a newer one of others is refused at saving, not mixed in.
  const [base] = useState(rule)
  const [draft, setDraft] = useState(start)
  const [dirty, setDirty] = useState(rule === null)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const form = useRef<HTMLFormElement>(null)
  const change: Change = (part) => { setDraft((now) => ({ ...now, ...part })); setDirty(true); setRefusal(null) }
  const needs = draftNeeds(draft)
  const fields = useMemo(() => fieldsOf(draft), [draft])

  const tried = useMemo(() => {
    if (needs.length > 0) return null
    const all = chain.rules.map(({ id, set }) => ({ id, set }))
    if (base) return numbered(all.map((one) => (one.id === base.id ? { id: one.id, set: { ...one.set, ...fields } } : one)))
    const at = placeOfNew(chain.rules, fields)
    return numbered([...all.slice(0, at), { id: NEW_ID, set: fields }, ...all.slice(at)])
  }, [chain.rules, base, fields, needs.length])
  const preview = usePreview(session.estimateId, tried)
  const ownId = base?.id ?? NEW_ID

  useEffect(() => { form.current?.querySelector<HTMLElement>('[data-first]')?.focus() }, [])
  useEffect(() => { if (refusal) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus() }, [refusal])

  const save = async () => {
    setBusy(true)
    try {
      await (base ? chain.update(base, fields) : chain.add(fields))
      onClose()
    } catch (error) {
      const violations = isProblem(error) ? error.violations : []
      setRefusal({
        violations: violations.length ? violations : [{ rule: '', message: problemText(error), field: null }], stale: isProblem(error) && error.code === 'stale-version',
      })
      setBusy(false)
    }
  }
  const wrong = (field: string): string | undefined => refusal?.violations.filter((one) => fieldOf(one.field, draft.kind, one.message) === field).map((one) => one.message).join(' ') || undefined
  const kindChoices = Object.entries(KIND_NAMES) as [KindName, string][]
  const earlier = base ? chain.rules.slice(0, chain.rules.findIndex((one) => one.id === base.id)) : chain.rules.slice(0, placeOfNew(chain.rules, fields))

  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Esc closes the editor from any of its fields
    <form
      ref={form} noValidate aria-labelledby={titleId} className="flex min-h-0 flex-1 flex-col"
      onSubmit={(event) => { event.preventDefault(); if (needs.length === 0 && !busy) void save() }}
      onKeyDown={(event) => { if (event.key === 'Escape' && !event.defaultPrevented) { event.preventDefault(); onClose() } }}
    >
      <div className="flex items-center gap-2 border-b border-line px-4 py-2">
        <h2 id={titleId} className="min-w-0 flex-1 truncate font-semibold">{base ? `Change ${base.set.name}` : 'New rule'}</h2>
        <IconButton icon="close" label="Close the editor" onClick={onClose} />
      </div>
      <div className="grid min-h-0 flex-1 content-start gap-3 overflow-y-auto px-4 py-3">
        {refusal && (
          <div role="alert" className="-mx-4 -mt-3 bg-bad2 px-4 py-2 text-bad">
            {refusal.violations.map((one, at) => <p key={at}>{one.rule && <><Rule id={one.rule} /> </>}{one.message}</p>)}
            {refusal.stale && <p>Somebody else changed this rule meanwhile. Close the editor and open it again to see it as it is.</p>}
          </div>
        )}
        <Field label="Name" error={wrong('name')}><TextInput data-first="" value={draft.name} onChange={(event) => change({ name: event.target.value })} /></Field>
        <Field label="Kind" hint={KIND_HELP[draft.kind]}>
          <Select value={draft.kind} onChange={(event) => { const kind = event.target.value as KindName; change({ kind, ...(kind === 'risk-register' && draft.risks.length === 0 ? { risks: [emptyRisk()] } : {}) }) }}>
            {kindChoices.map(([kind, name]) => <option key={kind} value={kind}>{name}</option>)}
          </Select>
        </Field>
        <KindFields draft={draft} change={change} wrong={wrong} pool={pool} poolBusy={poolBusy} />
        <Field label="Worked on" error={wrong('base')}>
          <Select value={draft.base} onChange={(event) => change({ base: event.target.value as RuleDraft['base'] })}>
            <option value="running">Running value of the items</option><option value="direct">Direct cost</option><option value="types">Cost of some types</option><option value="rules">Amounts of earlier rules</option>
          </Select>
        </Field>
        {draft.base === 'types' && (
          <Ticks legend="Cost types of the base" all={RESOURCE_TYPES.map((type) => [type, TYPE_NAMES[type]])} ticked={draft.baseTypes} onChange={(baseTypes) => change({ baseTypes })} />
        )}
        {draft.base === 'rules' && (
          earlier.length === 0 ? <p className="text-ink3">No rule comes before this one.</p>
            : <Ticks legend="Earlier rules of the base" all={earlier.map((one) => [one.id, one.set.name ?? ''])} ticked={draft.baseRules} onChange={(baseRules) => change({ baseRules })} />
        )}
        <ScopeFields draft={draft} change={change} wrong={wrong('scope')} />
        <fieldset>
          <legend className="mb-1 text-xs font-medium text-ink2">In the margin report</legend>
          {draft.kind === 'spread-indirect' ? <p className="text-ink2">Cost: it is indirect cost, spread.</p> : (
            <div className="flex gap-5">
              {(['cost', 'margin'] as const).map((nature) => (
                <label key={nature} className="inline-flex min-h-6 items-center gap-2">
                  <input type="radio" name={`${titleId}-nature`} className="size-4 accent-[var(--acc)]" checked={draft.nature === nature} onChange={() => change({ nature })} />{nature === 'cost' ? 'Cost' : 'Margin'}
                </label>
              ))}
            </div>
          )}
          {wrong('nature') && <p className="text-xs text-bad">{wrong('nature')}</p>}
        </fieldset>
        <Checkbox label="Takes part in the price" checked={draft.active} onChange={(event) => change({ active: event.target.checked })} />
      </div>
      <div className="border-t border-line px-4 py-2">
        {!refusal && <Result needs={needs} now={chain} preview={preview.data} error={preview.error} busy={preview.busy} id={ownId} />}
        <div className="mt-2 flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy} disabled={!dirty || needs.length > 0}>{base ? 'Save rule' : 'Add rule'}</Button>
        </div>
      </div>
    </form>
  )
}

/** Stands for a rule that has no identity yet, in previews only. */
const NEW_ID = '00000000-0000-4000-8000-000000000001'

function Result({ needs, now, preview, error, busy, id }: { needs: string[]; now: Chain; preview: Commercials | undefined; error: unknown; busy: boolean; id: string }) {
  if (needs.length > 0) return <p className="text-ink3">It still needs {needs.join(', ')}.</p>
  if (error) {
    const violation = isProblem(error) ? error.violations[0] : undefined
    return <p className="text-bad">{violation && <><Rule id={violation.rule} /> </>}{problemText(error)}</p>
  }
  if (!preview) return <p className="text-ink3">Working it out…</p>
  if (!preview.price) return <>{preview.violations.map((violation, at) => <p key={at} className="text-bad"><Rule id={violation.rule} /> {violation.message}</p>)}</>
  const rule = preview.rules.find((one) => one.id === id)
  const change = difference(now.price?.totalEx, preview.price.totalEx)
  return (
    <dl aria-label="What it comes to" aria-busy={busy} className={cx('grid grid-cols-[minmax(0,1fr)_auto] gap-x-3', busy && 'opacity-60')}>
      <dt className="text-ink2">Adds</dt><dd className="text-right font-medium">{rule?.amount == null ? 'nothing, it is off' : <Flashing value={rule.amount}>{formatMoney(rule.amount)}</Flashing>}</dd>
      <dt className="text-ink2">Tender sum, excl. GST</dt>
      <dd className="text-right font-medium"><Flashing value={preview.price.totalEx}>{formatMoney(preview.price.totalEx)}</Flashing></dd>
      {change && <><dt className="text-ink3">against now</dt><dd className="text-right text-ink2">{change.startsWith('-') ? '' : '+'}{formatMoney(change)}</dd></>}
    </dl>
  )
}

function KindFields({ draft, change, wrong, pool, poolBusy }: { draft: RuleDraft; change: Change; wrong: (field: string) => string | undefined; pool: { id: string; code: string; description: string; cost: string }[]; poolBusy: boolean }) {
  const input = (field: 'percent' | 'floor' | 'cap' | 'amount' | 'weight' | 'start' | 'end' | 'total' | 'multiple', label: ReactNode, hint?: string) => (
    <Field label={label} error={wrong(field)} hint={hint}>
      <TextInput inputMode="decimal" className="text-right" value={draft[field]} onChange={(event) => change({ [field]: event.target.value })} />
    </Field>
  )
  switch (draft.kind) {
    case 'percent-markup':
    case 'percent-margin': return (
      <div className="grid grid-cols-3 gap-2">{input('percent', 'Percent')}{input('floor', 'At least')}{input('cap', 'At most')}</div>
    )
    case 'lump-sum': return input('amount', 'Amount', 'Negative takes money off.')
    case 'index': return <div className="grid grid-cols-3 gap-2">{input('weight', 'Weight, %')}{input('start', 'From index')}{input('end', 'To index')}</div>
    case 'target-total': return input('total', 'Tender sum, excl. GST')
    case 'round-total': return input('multiple', 'Up to a multiple of')
    case 'spread-indirect': {
      const known = new Set(pool.map((item) => item.id))
      const strange = draft.pool.filter((id) => !known.has(id))
      if (poolBusy) return <Spinner label="Reading the indirect items" />
      return (
        <div>
          <Ticks
            legend="Indirect and risk items to spread" ticked={draft.pool} onChange={(next) => change({ pool: next })}
            all={[...pool.map((item): [string, ReactNode] => [item.id, <span key={item.id} className="flex w-full gap-2"><span className="min-w-0 flex-1 truncate">{rowWords(item)}</span><span className="text-ink2">{formatMoney(item.cost)}</span></span>]), ...strange.map((id): [string, ReactNode] => [id, 'An item that is not indirect any more'])]}
          />
          {pool.length === 0 && <p className="text-ink3">No item is marked indirect. Mark it in the estimate, in the details of the item.</p>}
          {wrong('items') && <p className="text-xs text-bad">{wrong('items')}</p>}
        </div>
      )
    }
    case 'risk-register': {
      // The server names the risk in its sentence; where it does not, every row of that column may be the one.
      const whole = wrong('risks') ?? ''
      const faulty = (risk: DraftRisk, field: 'name' | 'probability' | 'impact') => Boolean(wrong(field)) || (whole !== '' && (!/probability/.test(whole) || (field === 'probability' && whole.includes(risk.name.trim()))))
      return (
      <fieldset>
        <legend className="mb-1 text-xs font-medium text-ink2">Risks</legend>
        <div className="grid grid-cols-[minmax(0,1fr)_3.75rem_5.5rem_1.75rem] gap-x-1.5 gap-y-1 text-2xs text-ink3">
          <span>Name</span><span className="text-right">Prob., %</span><span className="text-right">Impact</span><span />
          {draft.risks.map((risk, at) => {
            const cell = (field: 'name' | 'probability' | 'impact', label: string) => (
              <input type="text" autoComplete="off" aria-label={`Risk ${at + 1}: ${label}`} aria-invalid={faulty(risk, field) || undefined} className={cx('field text-sm', field !== 'name' && 'text-right')} value={risk[field]} onChange={(event) => change({ risks: draft.risks.map((one) => (one.key === risk.key ? { ...one, [field]: event.target.value } : one)) })} />
            )
            return <div key={risk.key} className="contents">{cell('name', 'name')}{cell('probability', 'probability in percent')}{cell('impact', 'impact')}<IconButton icon="trash" label={`Delete risk ${at + 1}`} onClick={() => change({ risks: draft.risks.filter((one) => one.key !== risk.key) })} /></div>
          })}
        </div>
        {(wrong('risks') ?? wrong('probability') ?? wrong('impact')) && <p className="text-xs text-bad">{wrong('risks') ?? wrong('probability') ?? wrong('impact')}</p>}
        <Button look="plain" icon="plus" className="mt-1 -ml-2.5" onClick={() => change({ risks: [...draft.risks, emptyRisk()] })}>Add a risk</Button>
      </fieldset>
      )
    }
  }
}

function Ticks<T extends string>({ legend, all, ticked, onChange }: { legend: string; all: readonly (readonly [T, ReactNode])[]; ticked: readonly T[]; onChange: (ticked: T[]) => void }) {
  return (
    <fieldset>
      <legend className="mb-1 text-xs font-medium text-ink2">{legend}</legend>
      <div className="grid">
        {all.map(([value, label]) => (
          <Checkbox key={value} className="[&>span]:min-w-0 [&>span]:flex-1" label={label} checked={ticked.includes(value)} onChange={(event) => onChange(event.target.checked ? [...ticked, value] : ticked.filter((one) => one !== value))} />
        ))}
      </div>
    </fieldset>
  )
}

type WithinName = WithinInput['type']

function ScopeFields({ draft, change, wrong }: { draft: RuleDraft; change: Change; wrong: string | undefined }) {
  const session = useEstimateSession()
  const { within, except } = draft
  const named = [within, ...except].flatMap((one) => (one.type === 'heading' ? (one.id ? [one.id] : []) : one.type === 'items' ? one.items : []))
  const rowName = useRowNames(session.estimateId, [...new Set(named)])
  const packages = usePackageNames(session.estimateId, true)
  const nameOf = (id: string) => rowName(id) ?? packages?.find((one) => one.id === id)?.words
  const set = (type: WithinName) => {
    if (type === within.type) return
    const next: Record<WithinName, WithinInput> = { all: { type: 'all' }, heading: { type: 'heading', id: '' }, 'cost-type': { type: 'cost-type', costType: 'labour' }, package: { type: 'package', id: packages?.[0]?.id ?? '' }, items: { type: 'items', items: [] } }
    change({ within: next[type] })
  }
  return (
    <fieldset className="grid gap-2">
      <Field label="Acts on" error={wrong}>
        <Select value={within.type} onChange={(event) => set(event.target.value as WithinName)}>
          <option value="all">All items</option><option value="heading">Items under a heading</option><option value="cost-type">Items with cost of a type</option><option value="items">Some items</option>
          {(within.type === 'package' || Boolean(packages?.length)) && <option value="package">Items of a package</option>}
        </Select>
      </Field>
      {within.type === 'heading' && (within.id
        ? <Picked label={nameOf(within.id) ?? '…'} onDrop={() => change({ within: { type: 'heading', id: '' } })} />
        : <RowSearch label="Heading" kind="heading" onPick={(id) => change({ within: { type: 'heading', id } })} />)}
      {within.type === 'cost-type' && (
        <Field label="Cost type"><Select value={within.costType} onChange={(event) => change({ within: { type: 'cost-type', costType: event.target.value as (typeof RESOURCE_TYPES)[number] } })}>{RESOURCE_TYPES.map((type) => <option key={type} value={type}>{TYPE_NAMES[type]}</option>)}</Select></Field>
      )}
      {within.type === 'package' && (
        <Field label="Package">
          <Select value={within.id} onChange={(event) => change({ within: { type: 'package', id: event.target.value } })}>
            {packages?.every((one) => one.id !== within.id) && <option value={within.id}>A package that is gone</option>}
            {packages?.map((one) => <option key={one.id} value={one.id}>{one.words}</option>)}
          </Select>
        </Field>
      )}
      {within.type === 'items' && (
        <>
          {within.items.map((id) => <Picked key={id} label={nameOf(id) ?? '…'} onDrop={() => change({ within: { type: 'items', items: within.items.filter((one) => one !== id) } })} />)}
          <RowSearch label="Item" kind="item" onPick={(id) => { if (!within.items.includes(id)) change({ within: { type: 'items', items: [...within.items, id] } }) }} />
        </>
      )}
      {except.length > 0 && <span className="text-xs font-medium text-ink2">Except</span>}
      {except.map((one, at) => <Picked key={at} label={scopeWords({ within: one }, nameOf)} onDrop={() => change({ except: except.filter((_, index) => index !== at) })} />)}
      <RowSearch label="Leave out" kind="any" onPick={(id, kind) => change({ except: [...except, kind === 'heading' ? { type: 'heading', id } : { type: 'items', items: [id] }] })} />
    </fieldset>
  )
}

function Picked({ label, onDrop }: { label: string; onDrop: () => void }) {
  return <span className="flex items-center gap-1"><Chip className="min-w-0"><span className="truncate">{label}</span></Chip><IconButton icon="close" label={`Remove ${label}`} className="size-6!" onClick={onDrop} /></span>
}

/** Finds a heading or an item by code or words. */
function RowSearch({ label, kind, onPick }: { label: string; kind: 'heading' | 'item' | 'any'; onPick: (id: string, kind: 'heading' | 'item') => void }) {
  const session = useEstimateSession()
  const [text, setText] = useState('')
  const hits = useRowSearch(session.estimateId, text)
  const rows = text.trim() === '' ? [] : (hits.data?.items ?? []).map((hit) => hit.row).filter((row) => kind === 'any' || row.kind === kind)
  return (
    <Combobox
      label={label} text={text} onText={setText} options={rows} optionKey={(row) => row.id} busy={hits.isFetching} pending={isOnItsWay(hits)}
      placeholder={kind === 'heading' ? 'Find a heading…' : kind === 'item' ? 'Find an item…' : 'Leave out a heading or item…'}
      renderOption={(row) => <span className="truncate">{rowWords(row)}</span>} empty={hits.isFetching ? 'Looking…' : 'Nothing fits.'}
      onPick={(row) => { setText(''); onPick(row.id, row.kind === 'heading' ? 'heading' : 'item') }}
      onCancel={() => setText('')}
    />
  )
}
