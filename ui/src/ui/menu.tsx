import { ContextMenu, DropdownMenu } from 'radix-ui'
import type { ReactElement, ReactNode } from 'react'
import { cx } from './cx'
import { Icon, type IconName } from './icons'
import { Kbd } from './bits'

export type MenuEntry =
  | 'separator'
  | {
      label: ReactNode
      icon?: IconName
      /** The shortcut shown at the right. */
      keys?: string
      danger?: boolean
      disabled?: boolean
      /** Why it cannot be chosen, shown with it; that alone disables it. */
      why?: string | undefined
      /** Shows a tick: the entry is a toggle. */
      checked?: boolean
      onSelect: () => void
    }
  | { label: ReactNode; icon?: IconName; children: MenuEntry[] }
  | { heading: ReactNode }

/** A menu as it is written: what does not apply is false. */
export type MenuEntries = readonly (MenuEntry | false)[]

/** Without what does not apply, and without separators that then part nothing. */
export function tidied(list: MenuEntries): MenuEntry[] {
  const there = list.filter((entry) => entry !== false)
  return there.filter((entry, at) => entry !== 'separator' || (at > 0 && there[at - 1] !== 'separator' && there.slice(at).some((one) => one !== 'separator')))
}

type Kit = typeof DropdownMenu | typeof ContextMenu

function entries(kit: Kit, list: MenuEntry[]): ReactNode {
  const Radix = kit as typeof DropdownMenu
  return list.map((entry, index) => {
    if (entry === 'separator') return <Radix.Separator key={index} className="menu-sep" />
    if ('heading' in entry) {
      return <Radix.Label key={index} className="px-2 pt-1.5 pb-1 text-2xs text-ink3">{entry.heading}</Radix.Label>
    }
    if ('children' in entry) {
      return (
        <Radix.Sub key={index}>
          <Radix.SubTrigger className="menu-item">
            <span className="w-4 text-ink3">{entry.icon && <Icon name={entry.icon} size={14} />}</span>
            <span className="flex-1">{entry.label}</span>
            <Icon name="chevronRight" size={12} />
          </Radix.SubTrigger>
          <Radix.Portal>
            <Radix.SubContent className="menu pop" sideOffset={4} collisionPadding={8}>{entries(kit, entry.children)}</Radix.SubContent>
          </Radix.Portal>
        </Radix.Sub>
      )
    }
    const body = (
      <>
        <span className="w-4 text-ink3">
          {entry.checked ? <Icon name="check" size={14} /> : entry.icon && <Icon name={entry.icon} size={14} />}
        </span>
        <span className="flex-1">{entry.label}</span>
        {entry.why ? <span className="text-2xs">{entry.why}</span> : entry.keys && <Kbd>{entry.keys}</Kbd>}
      </>
    )
    const shared = { className: cx('menu-item', entry.danger && 'danger'), ...(entry.disabled || entry.why ? { disabled: true } : {}) }
    return entry.checked === undefined ? (
      <Radix.Item key={index} {...shared} onSelect={entry.onSelect}>{body}</Radix.Item>
    ) : (
      <Radix.CheckboxItem key={index} {...shared} checked={entry.checked} onSelect={(event) => { event.preventDefault(); entry.onSelect() }}>
        {body}
      </Radix.CheckboxItem>
    )
  })
}

export interface MenuProps {
  /** The button that opens it. */
  trigger: ReactElement
  items: MenuEntries
  align?: 'start' | 'center' | 'end'
  side?: 'top' | 'right' | 'bottom' | 'left'
}

export function Menu({ trigger, items, align = 'end', side = 'bottom' }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu pop" align={align} side={side} sideOffset={4} collisionPadding={8}>
          {entries(DropdownMenu, tidied(items))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

export interface ContextMenuAreaProps {
  children: ReactElement
  /** Asked for when the menu opens, so that it fits what is under the pointer. */
  items: () => MenuEntries
  onClosed?: () => void
}

export function ContextMenuArea({ children, items, onClosed }: ContextMenuAreaProps) {
  return (
    <ContextMenu.Root modal={false}>
      <ContextMenu.Trigger asChild>{children}</ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Content
          className="menu pop" collisionPadding={8}
          onCloseAutoFocus={(event) => { if (onClosed) { event.preventDefault(); onClosed() } }}
        >
          <ContextEntries items={items} />
        </ContextMenu.Content>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  )
}

function ContextEntries({ items }: { items: () => MenuEntries }) {
  return <>{entries(ContextMenu, tidied(items()))}</>
}
