import { useSyncExternalStore } from 'react'

/** The estimate last opened in this tab: the navigation offers the way back to it. */
let lastId: string | null = null
const KEY = 'oxflow.lastEstimate'
const listeners = new Set<() => void>()

function read(): string | null {
  if (lastId === null) {
    try {
      lastId = sessionStorage.getItem(KEY)
    } catch {
      return null
    }
  }
  return lastId
}

export function rememberEstimate(id: string | null): void {
  lastId = id
  try {
    if (id) sessionStorage.setItem(KEY, id)
    else sessionStorage.removeItem(KEY)
  } catch {
    // Storage may be blocked; the way back lasts until the page is left.
  }
  for (const listener of listeners) listener()
}

export function useLastEstimate(): string | null {
  return useSyncExternalStore((listener) => { listeners.add(listener); return () => listeners.delete(listener) }, read)
}
