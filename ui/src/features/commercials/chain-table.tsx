import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react'
import type { CommercialRule, RuleKindInput } from '~/api/types'
import { IconButton } from '~/ui/button'
import { cx } from '~/ui/cx'
import { isFocusFree } from '~/ui/focus'
import { editableDecimal, formatMoney, formatPercent, isZeroDecimal, subtractDecimal } from '~/ui/decimal'
import { Flashing } from '~/ui/flashing'
import { Icon } from '~/ui/icons'
import { Menu } from '~/ui/menu'
import { toast } from '~/ui/toast'
import type { Chain } from './chain'
import { figure } from './model/draft'
import { moved } from './model/scenario'
import { KIND_NAMES, type KindName, NATURE_NAMES, type NameOf, baseWords, ruleSentence, scopeWords, valueWords } from './model/words'

/** How long the order just made is shown before that of the server counts, whatever it is, ms. */
const SHOWN_AHEAD_MS = 1_500

export interface ChainTableProps {
  chain: Chain
  label: string
  /** The rule in the editor. */
  editing: string | null
  onEdit: (rule: CommercialRule) => void
  rowName: NameOf
  balancingName: string | undefined
}

/** Gives the keyboard back to the rule whose editor was closed, or to the button that opened it. */
export function backToChain(target: CommercialRule | KindName | null): void {
  const at = typeof target === 'string' || !target ? '[data-add-rule]' : `[data-rule="${target.id}"] [data-edit]`
  requestAnimationFrame(() => document.querySelector<HTMLElement>(at)?.focus())
}

/** The rules in the order they run, each with what it is worked on and what it comes to. */
export function ChainTable({ chain, label, editing, onEdit, rowName, balancingName }: ChainTableProps) {
  const { price, readOnly } = chain
  const { rules, show, forget } = useShownOrder(chain.rules)
  const body = useRef<HTMLTableSectionElement>(null)
  const [drag, setDrag] = useState<{ id: string; to: number } | null>(null)
  const [said, setSaid] = useState('')
  const refocus = useRef<string | null>(null)
  const ruleName: NameOf = (id) => rules.find((rule) => rule.id === id)?.set.name ?? undefined
  const order = rules.map((rule) => rule.id).join()

  // A row that moved in the document has lost the keyboard: it gets it back.
  useEffect(() => {
    const id = refocus.current
    refocus.current = null
    if (id) body.current?.querySelector<HTMLElement>(`[data-rule="${id}"] [data-handle]`)?.focus()
  }, [order])

  const move = async (rule: CommercialRule, to: number) => {
    if (to < 0 || to >= rules.length || to === rules.indexOf(rule)) return
    const ids = moved(rules, rule.id, to).map((one) => one.id)
    refocus.current = rule.id
    show(ids)
    try {
      await chain.move(rule, ids)
      setSaid(`${rule.set.name} is now number ${to + 1} of ${rules.length}.`)
      setTimeout(() => forget(ids), SHOWN_AHEAD_MS)
    } catch (error) {
      forget(ids)
      toast.refused(`${rule.set.name} stays where it is`, error)
    }
  }
  const onKey = (event: KeyboardEvent, rule: CommercialRule) => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') || readOnly) return
    event.preventDefault()
    void move(rule, rules.indexOf(rule) + (event.key === 'ArrowUp' ? -1 : 1))
  }
  const toggle = (rule: CommercialRule) => {
    chain.update(rule, { active: rule.set.active === false }).catch((error: unknown) => toast.refused(`${rule.set.name} stays as it is`, error))
  }
  const remove = (rule: CommercialRule) => {
    chain.remove(rule).catch((error: unknown) => toast.refused(`${rule.set.name} stays`, error))
  }
  const place = (y: number) => {
    const rows = [...(body.current?.querySelectorAll<HTMLElement>('[data-rule]') ?? [])]
    const at = rows.findIndex((row) => { const box = row.getBoundingClientRect(); return y < box.top + box.height / 2 })
    return at < 0 ? rows.length : at
  }
  const onDown = (event: PointerEvent<HTMLElement>, rule: CommercialRule) => {
    if (event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    setDrag({ id: rule.id, to: rules.indexOf(rule) })
  }
  const onUp = (rule: CommercialRule) => {
    if (!drag) return
    const from = rules.indexOf(rule)
    setDrag(null)
    // The gap it was dropped into, counted without itself.
    void move(rule, drag.to > from ? drag.to - 1 : drag.to)
  }

  return (
    <div className="overflow-x-auto">
      <span role="status" className="sr-only">{said}</span>
      <table className="table min-w-[56rem] table-fixed [&_td]:px-1.5! [&_th]:px-1.5!" aria-label={label}>
        <thead>
          <tr>
            <th className="w-6"><span className="sr-only">Move</span></th><th className="num w-8">No.</th><th>Name</th><th className="w-30">Kind</th><th className="num w-20">Value</th>
            <th className="w-28">Base</th><th className="w-28">Scope</th><th className="w-16">Nature</th><th className="num w-26 max-xl:hidden">Base total</th><th className="num w-24">Amount</th><th className="num w-26">Running</th>
            <th className="w-8">On</th><th className="w-8"><span className="sr-only">Actions</span></th>
          </tr>
        </thead>
        <tbody ref={body}>
          <tr>
            <td /><td /><td className="font-semibold" colSpan={6}>Direct cost</td><td className="max-xl:hidden" /><td /><td className="num font-semibold">{price && <Flashing value={price.directCost}>{formatMoney(price.directCost)}</Flashing>}</td><td /><td />
          </tr>
          {rules.map((rule, index) => {
            const { set } = rule
            const off = set.active === false
            const sentence = ruleSentence(rule, ruleName, rowName)
            const broken = chain.violations.find((violation) => violation.objects.includes(rule.id))
            return (
              <tr
                key={rule.id} data-rule={rule.id} data-on={editing === rule.id || undefined} onKeyDown={(event) => onKey(event, rule)}
                className={cx(off && 'text-ink3', drag?.id === rule.id && 'opacity-50', editing === rule.id && '[&>td]:bg-acc2!',
                  drag && drag.to === index && '[&>td]:shadow-[inset_0_2px_var(--acc)]', drag && drag.to === rules.length && index === rules.length - 1 && '[&>td]:shadow-[inset_0_-2px_var(--acc)]')}
              >
                <td>
                  {!readOnly && (
                    <button
                      type="button" data-handle aria-label={`Move ${set.name}`} title="Drag, or Alt+↑ and Alt+↓" className="grid size-6 cursor-grab! touch-none place-items-center rounded text-ink3 hover:bg-line2 hover:text-ink"
                      onPointerDown={(event) => onDown(event, rule)} onPointerMove={(event) => { if (drag) setDrag({ id: rule.id, to: place(event.clientY) }) }} onPointerUp={() => onUp(rule)} onPointerCancel={() => setDrag(null)}
                    >
                      <Icon name="drag" size={14} />
                    </button>
                  )}
                </td>
                <td className="num text-ink3">{set.sequence}</td>
                <td>
                  <span className="flex min-w-0 items-center gap-1">
                    {readOnly ? <span className="truncate" title={sentence}>{set.name}</span> : (
                      <button type="button" data-edit title={sentence} aria-label={`Edit ${set.name}`} className="min-w-0 truncate text-left font-medium underline-offset-2 hover:underline" onClick={() => onEdit(rule)}>{set.name}</button>
                    )}
                    {broken && <Icon name="warning" size={13} className="shrink-0 text-bad" />}
                  </span>
                </td>
                <td className="truncate text-ink2" title={set.kind ? KIND_NAMES[set.kind.type] : ''}>{set.kind && KIND_NAMES[set.kind.type]}</td>
                <td className="num truncate"><ValueCell rule={rule} chain={chain} onEdit={() => onEdit(rule)} /></td>
                <td className="truncate text-ink2" title={baseWords(set.base, ruleName)}>{baseWords(set.base, ruleName)}</td>
                <td className="truncate text-ink2" title={scopeWords(set.scope, rowName)}>{scopeWords(set.scope, rowName)}</td>
                <td><span className={cx('flex items-center gap-1.5', !off && 'text-ink2')}><i className={cx('size-2 shrink-0 rounded-xs', set.nature === 'margin' ? 'bg-acc' : 'bg-pla', off && 'opacity-40')} />{set.nature && NATURE_NAMES[set.nature]}</span></td>
                <td className="num text-ink2 max-xl:hidden">{formatMoney(rule.baseTotal)}</td>
                <td className="num font-medium">{off ? <span className="font-normal">off</span> : rule.amount != null && <Flashing value={rule.amount}>{formatMoney(rule.amount)}</Flashing>}</td>
                <td className="num">{rule.runningTotal != null && <Flashing value={rule.runningTotal}>{formatMoney(rule.runningTotal)}</Flashing>}</td>
                <td><input type="checkbox" aria-label={`${set.name} takes part`} className="block size-4 accent-[var(--acc)]" checked={!off} disabled={readOnly} onChange={() => toggle(rule)} /></td>
                <td>
                  {!readOnly && (
                    <Menu
                      trigger={<IconButton icon="more" label={`Actions for ${set.name}`} className="size-6!" />}
                      items={[
                        { label: 'Edit…', onSelect: () => onEdit(rule) },
                        { label: 'Move up', keys: 'Alt+↑', disabled: index === 0, onSelect: () => void move(rule, index - 1) },
                        { label: 'Move down', keys: 'Alt+↓', disabled: index === rules.length - 1, onSelect: () => void move(rule, index + 1) },
                        'separator', { label: 'Delete', icon: 'trash', danger: true, onSelect: () => remove(rule) },
                      ]}
                    />
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
        {price && (
          <tfoot>
            <Foot label="Target of the schedule" value={price.targetTotal} />
            <Foot
              label="Misclose of rounded rates" value={price.misclose} quiet
              note={balancingName ? `taken by the balancing item ${balancingName}` : `goes to margin; the limit is ${formatMoney(price.miscloseLimit)}`}
            />
            {!isZeroDecimal(price.clientSums) && <Foot label="Client sums" note="provisional and prime-cost sums" value={price.clientSums} quiet />}
            {!isZeroDecimal(price.percentageItems) && <Foot label="Percentage items" value={price.percentageItems} quiet />}
            {!(isZeroDecimal(price.dayworkCost) && isZeroDecimal(price.dayworkMargin)) && <Foot label="Daywork" value={subtractDecimal(price.dayworkCost, subtractDecimal('0', price.dayworkMargin))} quiet />}
            <Foot label="Tender sum, excl. GST" value={price.totalEx} strong />
            <Foot label={`GST ${formatPercent(price.gstPct)}`} value={price.gst} quiet />
            <Foot label="Total incl. GST" value={price.totalInc} strong />
          </tfoot>
        )}
      </table>
    </div>
  )
}

/** The rules in the order just made, until the server tells the same: a second key press goes on from the first. */
function useShownOrder(told: readonly CommercialRule[]) {
  const [ahead, setAhead] = useState<readonly string[] | null>(null)
  const text = told.map((rule) => rule.id).join()
  useEffect(() => { setAhead((ids) => (ids?.join() === text ? null : ids)) }, [text])
  const same = ahead?.length === told.length && told.every((rule) => ahead.includes(rule.id))
  const rules = ahead && same ? [...told].sort((a, b) => ahead.indexOf(a.id) - ahead.indexOf(b.id)) : told
  return { rules, show: setAhead, forget: (ids: readonly string[]) => setAhead((now) => (now === ids ? null : now)) }
}

function Foot({ label, note, value, strong, quiet }: { label: string; note?: string; value: string; strong?: boolean; quiet?: boolean }) {
  return (
    <tr className={cx(strong && 'font-semibold', quiet && 'text-ink2')}>
      <td /><td /><th scope="row" colSpan={6} className={cx('static! h-8! border-b-line2! text-sm! text-inherit!', strong ? 'font-semibold!' : 'font-normal!')}>{label}{note && <span className="font-normal text-ink3"> · {note}</span>}</th>
      <td className="max-xl:hidden" /><td /><td className="num"><Flashing value={value}>{formatMoney(value)}</Flashing></td><td /><td />
    </tr>
  )
}

/** The one figure of a kind that can be typed over in place. */
function mainFigure(kind: RuleKindInput): { text: string; put: (text: string) => RuleKindInput } | null {
  switch (kind.type) {
    case 'percent-markup':
    case 'percent-margin': return { text: kind.percent, put: (percent) => ({ ...kind, percent }) }
    case 'lump-sum': return { text: kind.amount, put: (amount) => ({ ...kind, amount }) }
    case 'target-total': return { text: kind.total, put: (total) => ({ ...kind, total }) }
    case 'round-total': return { text: kind.multiple, put: (multiple) => ({ ...kind, multiple }) }
    case 'spread-indirect':
    case 'index':
    case 'risk-register': return null
  }
}

function ValueCell({ rule, chain, onEdit }: { rule: CommercialRule; chain: Chain; onEdit: () => void }) {
  const [text, setText] = useState<string | null>(null)
  const [refused, setRefused] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const back = useRef(false)
  const { kind } = rule.set
  useEffect(() => {
    if (text === null && back.current) { back.current = false; if (isFocusFree()) button.current?.focus({ preventScroll: true }) }
  }, [text])
  if (!kind) return null
  const main = mainFigure(kind)
  const words = valueWords(kind)
  if (chain.readOnly) return <span title={words}>{words}</span>
  const send = async (focus: boolean) => {
    if (text === null || !main) return
    const value = figure(text)
    back.current = focus
    if (value === editableDecimal(main.text) || text.trim() === '') { setText(null); return }
    try {
      await chain.update(rule, { kind: main.put(value) })
      setText(null)
    } catch (error) {
      setRefused(true)
      toast.refused(`${rule.set.name} stays at ${words}`, error)
    }
  }
  if (text === null || !main) {
    return (
      <button
        ref={button} type="button" title={main ? `${words}: click to change` : words} aria-label={`${rule.set.name}: ${words}`} className="max-w-full truncate rounded px-1 hover:bg-acc2"
        onClick={() => { if (main) { setRefused(false); setText(editableDecimal(main.text)) } else onEdit() }}
      >{words}</button>
    )
  }
  return (
    <input
      type="text" inputMode="decimal" autoFocus autoComplete="off" aria-label={`Value of ${rule.set.name}`} aria-invalid={refused || undefined} value={text}
      className="field h-6! px-1! text-right" onFocus={(event) => event.target.select()}
      onChange={(event) => { setRefused(false); setText(event.target.value) }}
      onBlur={() => { if (refused) setText(null); else void send(false) }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') { event.preventDefault(); void send(true) }
        if (event.key === 'Escape') { event.stopPropagation(); back.current = true; setText(null) }
      }}
    />
  )
}
