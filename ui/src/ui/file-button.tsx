import { type ReactNode, type Ref, useId } from 'react'
import { cx } from './cx'
import { Icon, type IconName } from './icons'

export interface FileButtonProps {
  /** The accessible name of the file it takes. */
  label: string
  /** Endings it takes, as in `.xlsx,.csv`; any where left out. */
  accept?: string
  multiple?: boolean
  icon?: IconName
  disabled?: boolean
  onFiles: (files: File[]) => void
  ref?: Ref<HTMLInputElement>
  children: ReactNode
}

/** A button that asks for a file: the platform's own input under the look of the others. */
export function FileButton({ label, accept, multiple, icon, disabled, onFiles, ref, children }: FileButtonProps) {
  const id = useId()
  return (
    <span className="inline-flex">
      <input
        ref={ref} id={id} type="file" aria-label={label} accept={accept} multiple={multiple} disabled={disabled} className="peer sr-only"
        onChange={(event) => {
          const files = [...(event.target.files ?? [])]
          // The same file may be chosen again after it was put right.
          event.target.value = ''
          if (files.length > 0) onFiles(files)
        }}
      />
      <label
        htmlFor={id}
        className={cx('inline-flex h-7 items-center gap-1.5 rounded-md border border-edge/60 bg-pane px-2.5 whitespace-nowrap transition-colors peer-focus-visible:outline-2 peer-focus-visible:outline-offset-1 peer-focus-visible:outline-acc',
          disabled ? 'opacity-50' : 'cursor-pointer hover:bg-line2')}
      >
        {icon && <Icon name={icon} size={14} />}
        {children}
      </label>
    </span>
  )
}
