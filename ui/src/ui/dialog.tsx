import { Dialog as Radix } from 'radix-ui'
import { type FormEvent, type ReactNode, useId } from 'react'
import { Button } from './button'
import { cx } from './cx'
import { Icon } from './icons'
import { useSubmit } from './use-submit'

export interface DialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  /** One sentence under the title. */
  description?: ReactNode
  children?: ReactNode
  /** The buttons, right-aligned, the main one last. */
  footer?: ReactNode
  width?: 'narrow' | 'normal' | 'wide'
  /** There is only text in it: Tab goes to the text itself, so that the keyboard can scroll it. */
  reading?: boolean
}

const WIDTHS = { narrow: 'max-w-sm', normal: 'max-w-lg', wide: 'max-w-3xl' }

export function Dialog({ open, onOpenChange, title, description, children, footer, width = 'normal', reading = false }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 bg-[#00000066]" />
        <Radix.Content
          {...(description ? {} : { 'aria-describedby': undefined })}
          onOpenAutoFocus={(event) => {
            // The first field rather than the close button, unless something asked for the focus already.
            const content = event.currentTarget as HTMLElement | null
            if (!content || content.contains(document.activeElement)) return
            event.preventDefault()
            ;(content.querySelector<HTMLElement>('input, select, textarea') ?? content).focus()
          }}
          className={cx(
            'pop fixed top-[12vh] outline-none! left-1/2 z-50 flex max-h-[80vh] w-[calc(100vw-2rem)] -translate-x-1/2 flex-col rounded-lg border border-line bg-raise shadow-pop',
            WIDTHS[width],
          )}
        >
          <div className="flex items-start gap-3 px-4 pt-3.5 pb-2">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
              {description && <Radix.Description className="mt-0.5 text-ink2">{description}</Radix.Description>}
            </div>
            <Radix.Close aria-label="Close" className="grid size-7 shrink-0 place-items-center rounded-md text-ink2 hover:bg-line2 hover:text-ink">
              <Icon name="close" />
            </Radix.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-4 pb-4 focus-visible:-outline-offset-2" {...(reading ? { tabIndex: 0 } : {})}>{children}</div>
          {footer && <div className="flex justify-end gap-2 border-t border-line px-4 py-3">{footer}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

export interface FormDialogProps extends Pick<DialogProps, 'title' | 'description' | 'width' | 'children'> {
  onClose: () => void
  onSubmit: (event: FormEvent) => void
  /** The verb on the main button. */
  action: ReactNode
  busy?: boolean
  /** There is nothing to send yet. */
  disabled?: boolean
  /** How the form lays its fields out. */
  className?: string
  noValidate?: boolean
}

/** A dialog that is one form: Cancel, and the one button that sends it. */
export function FormDialog({ onClose, onSubmit, action, busy, disabled, className, noValidate, children, ...dialog }: FormDialogProps) {
  const id = useId()
  return (
    <Dialog
      {...dialog} open onOpenChange={(open) => { if (!open) onClose() }}
      footer={<><Button onClick={onClose}>Cancel</Button><Button look="primary" type="submit" form={id} busy={busy} disabled={disabled}>{action}</Button></>}
    >
      <form id={id} className={className} noValidate={noValidate} onSubmit={onSubmit}>{children}</form>
    </Dialog>
  )
}

export interface ConfirmProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  children?: ReactNode
  /** The verb on the button: "Delete 3 items", never "OK". */
  action: string
  danger?: boolean
  onConfirm: () => unknown
}

/** Asks before something that cannot simply be undone; stays open with the reason when it is refused. */
export function Confirm({ open, onOpenChange, title, children, action, danger, onConfirm }: ConfirmProps) {
  const { busy, refusal, run } = useSubmit()
  const confirm = async () => {
    await onConfirm()
    onOpenChange(false)
  }
  return (
    <Dialog
      open={open} onOpenChange={onOpenChange} title={title} width="narrow"
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button look={danger ? 'danger' : 'primary'} busy={busy} autoFocus onClick={() => run(confirm)}>{action}</Button>
        </>
      }
    >
      <div className="text-ink2">{children}</div>
      {refusal && <p role="alert" className="mt-2 text-bad">{refusal}</p>}
    </Dialog>
  )
}
