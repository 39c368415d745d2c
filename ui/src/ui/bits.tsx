import type { ReactNode } from 'react'
import type { ByType, ItemStatus, ResourceType } from '~/api/types'
import { cx } from './cx'
import { formatMoney, shareOf, addDecimal } from './decimal'
import { Icon, type IconName } from './icons'
import { RESOURCE_TYPES, TYPE_NAMES } from './words'

const CHIPS = {
  plain: 'bg-line2 text-ink2', accent: 'bg-acc2 text-acc', warn: 'bg-warn2 text-warn', bad: 'bg-bad2 text-bad', good: 'bg-good2 text-good',
}

export function Chip({ look = 'plain', title, children, className }: { look?: keyof typeof CHIPS; title?: string; children: ReactNode; className?: string }) {
  return (
    <span title={title} className={cx('inline-flex items-center gap-1 rounded-full px-2 py-px text-2xs whitespace-nowrap', CHIPS[look], className)}>
      {children}
    </span>
  )
}

export function Kbd({ children }: { children: ReactNode }) {
  return <kbd className="rounded border border-line px-1 font-mono text-2xs text-ink3">{children}</kbd>
}

export const TYPE_BG: Record<ResourceType, string> = {
  labour: 'bg-lab', plant: 'bg-pla', material: 'bg-mat', subcontract: 'bg-sub', other: 'bg-oth',
}

/** A dot in the colour of a cost type, named for those who cannot tell the colour. */
export function TypeDot({ type }: { type: ResourceType }) {
  return <span role="img" aria-label={TYPE_NAMES[type]} title={TYPE_NAMES[type]} className={cx('inline-block size-2 shrink-0 rounded-full', TYPE_BG[type])} />
}

/** The five cost types of a figure as one thin bar. */
export function MixBar({ byType, className }: { byType: ByType; className?: string }) {
  const total = RESOURCE_TYPES.reduce((sum, type) => addDecimal(sum, byType[type]), '0')
  const parts = RESOURCE_TYPES.map((type) => ({ type, share: shareOf(byType[type], total) })).filter((part) => part.share > 0)
  if (!parts.length) return null
  const words = parts.map((part) => `${TYPE_NAMES[part.type]} ${formatMoney(byType[part.type])}`).join(', ')
  return (
    <span role="img" aria-label={words} title={words} className={cx('flex h-1.5 overflow-hidden rounded-full', className)}>
      {parts.map((part) => <span key={part.type} className={TYPE_BG[part.type]} style={{ width: `${part.share}%` }} />)}
    </span>
  )
}

const STATUS_WORDS: Record<ItemStatus, string> = { unpriced: 'Unpriced', plugged: 'Plugged', priced: 'Priced', reviewed: 'Reviewed' }
const STATUS_LOOKS: Record<ItemStatus, string> = {
  unpriced: 'border-2 border-dashed border-edge', plugged: 'border-2 border-warn', priced: 'bg-mat', reviewed: 'bg-acc',
}

/** Shape as well as colour tells the states apart: dashed ring, ring, dot, dot with a tick. */
export function StatusDot({ status, className }: { status: ItemStatus; className?: string }) {
  return (
    <span
      role="img" aria-label={STATUS_WORDS[status]} title={STATUS_WORDS[status]}
      className={cx('inline-grid size-2.5 place-items-center rounded-full', STATUS_LOOKS[status], status === 'reviewed' && 'size-3!', className)}
    >
      {status === 'reviewed' && <Icon name="check" size={9} className="text-acc-ink" strokeWidth={2.4} />}
    </span>
  )
}

export function Spinner({ label = 'Loading' }: { label?: string }) {
  return <span role="status" aria-label={label} className="inline-block size-4 animate-spin rounded-full border-2 border-line border-t-acc" />
}

export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden="true" className={cx('shimmer block rounded bg-line2', className)} />
}

/** What to do first when there is nothing yet. */
export function EmptyState({ icon, title, children, actions }: { icon?: IconName; title: ReactNode; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center gap-2 px-6 py-16 text-center">
      {icon && <span className="mb-1 grid size-10 place-items-center rounded-lg bg-acc2 text-acc"><Icon name={icon} size={20} /></span>}
      <h2 className="text-base font-semibold">{title}</h2>
      {children && <div className="text-ink2">{children}</div>}
      {actions && <div className="mt-2 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  )
}

const AVATARS = ['#0b6e6e', '#a8327f', '#3b5fa6', '#8a5a12', '#5b6470', '#6a4a9c', '#2f6b2f', '#a33b2e']

/** The colour others see a person's changes in: stable for a user id. */
export function colourOf(id: string): string {
  let hash = 0
  for (let index = 0; index < id.length; index += 1) hash = (hash * 31 + id.charCodeAt(index)) >>> 0
  return AVATARS[hash % AVATARS.length] ?? '#5b6470'
}

/** The first letters of a name, two at most. */
export function initialsOf(name: string): string {
  return name.split(/\s+/).map((word) => word[0] ?? '').slice(0, 2).join('').toUpperCase()
}

export function Avatar({ id, name, size = 26 }: { id: string; name: string; size?: number }) {
  return (
    <span
      role="img" aria-label={name} title={name} style={{ background: colourOf(id), width: size, height: size, fontSize: Math.min(10, size * 0.38) }}
      className="inline-grid shrink-0 place-items-center overflow-hidden rounded-full border-2 border-pane leading-none font-semibold text-white"
    >
      {initialsOf(name)}
    </span>
  )
}
