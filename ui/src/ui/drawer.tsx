import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { Icon } from './icons'

export interface DrawerProps {
  onClose: () => void
  title: ReactNode
  description?: ReactNode
  children: ReactNode
}

/** A sheet at the right edge for what belongs to one row of a list. */
export function Drawer({ onClose, title, description, children }: DrawerProps) {
  return (
    <Radix.Root open onOpenChange={(open) => { if (!open) onClose() }}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 bg-[#00000040]" />
        <Radix.Content {...(description ? {} : { 'aria-describedby': undefined })} className="pop fixed inset-y-0 right-0 z-50 flex w-[min(34rem,calc(100vw-3rem))] flex-col border-l border-line bg-raise shadow-pop outline-none!">
          <div className="flex items-start gap-3 border-b border-line px-4 py-3">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
              {description && <Radix.Description className="mt-0.5 text-ink2">{description}</Radix.Description>}
            </div>
            <Radix.Close aria-label="Close" className="grid size-7 shrink-0 place-items-center rounded-md text-ink2 hover:bg-line2 hover:text-ink"><Icon name="close" /></Radix.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
