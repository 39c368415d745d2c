import { IconButton } from '~/ui/button'
import { toast } from '~/ui/toast'

/** A command of the server's console, to be copied. */
export function Command({ text }: { text: string }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      toast.done('The command is copied')
    } catch (error) {
      toast.refused('The browser does not let it be copied', error)
    }
  }
  return (
    <span className="inline-flex max-w-full items-center gap-1 align-middle">
      <code className="min-w-0 rounded bg-line2 px-1.5 py-0.5 break-all">{text}</code>
      <IconButton icon="copy" label={`Copy ${text}`} onClick={() => void copy()} />
    </span>
  )
}
