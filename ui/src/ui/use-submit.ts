import { type FormEvent, useRef, useState } from 'react'
import { problemText } from './problem'

export interface Submit {
  /** The work is under way. */
  busy: boolean
  /** Why the last try was refused, in one sentence. */
  refusal: string | null
  /** Takes the refusal away: what it speaks of is being typed again. */
  clear: () => void
  /** Does the work; where a form asks for it, its event keeps the browser from sending the form itself. */
  run: (work: () => Promise<unknown>, event?: FormEvent) => void
}

/**
 * What a dialog or panel sends, one thing at a time: asked again meanwhile, it does nothing. Work that is refused throws,
 * and its words stay until the next try; work that closes the dialog does so itself, as its last step.
 */
export function useSubmit(): Submit {
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string | null>(null)
  // Two clicks may come before the first is drawn as busy.
  const underWay = useRef(false)
  const run = async (work: () => Promise<unknown>, event?: FormEvent) => {
    event?.preventDefault()
    if (underWay.current) return
    underWay.current = true
    setBusy(true)
    setRefusal(null)
    try {
      await work()
    } catch (error) {
      setRefusal(problemText(error))
    } finally {
      underWay.current = false
      setBusy(false)
    }
  }
  return { busy, refusal, clear: () => setRefusal(null), run }
}
