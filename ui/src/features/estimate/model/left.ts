import { keys } from '~/api/queries'
import type { Estimate } from '~/api/types'
import type { EstimateSession } from './session'

/** How far a person had seen an estimate when they last left it in this browser. */
export interface Left {
  lsn: number
  at: string
}

const keyOf = (session: EstimateSession) => `oxflow.left.${session.userId ?? ''}.${session.estimateId}`

export function leftAt(session: EstimateSession): Left | null {
  try {
    const left = JSON.parse(localStorage.getItem(keyOf(session)) ?? 'null') as Left | null
    return left && typeof left.lsn === 'number' && typeof left.at === 'string' ? left : null
  } catch {
    return null
  }
}

/** Remembers, whenever the estimate is left or hidden, what had been seen of it by then. */
export function noteLeaving(session: EstimateSession): () => void {
  const note = () => {
    const lsn = session.client.getQueryData<Estimate>(keys.estimate(session.estimateId))?.lsn
    if (lsn === undefined) return
    try {
      localStorage.setItem(keyOf(session), JSON.stringify({ lsn, at: new Date().toISOString() } satisfies Left))
    } catch {
      // Storage may be full or blocked; then there is no summary next time.
    }
  }
  const onHide = () => { if (document.visibilityState === 'hidden') note() }
  window.addEventListener('pagehide', note)
  document.addEventListener('visibilitychange', onHide)
  return () => {
    note()
    window.removeEventListener('pagehide', note)
    document.removeEventListener('visibilitychange', onHide)
  }
}
