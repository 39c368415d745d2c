import { useCallback, useState } from 'react'
import { COLUMNS, type Column, type ColumnId } from './columns'

const KEY = 'oxflow.columns'

interface Stored {
  hidden: ColumnId[]
  shown: ColumnId[]
  widths: Record<string, number>
}

function read(): Stored {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<Stored> | null
    return { hidden: stored?.hidden ?? [], shown: stored?.shown ?? [], widths: stored?.widths ?? {} }
  } catch {
    return { hidden: [], shown: [], widths: {} }
  }
}

function write(stored: Stored): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(stored))
  } catch {
    // Storage may be full or blocked; the choice lasts until the page is left.
  }
}

/** Which columns show and how wide they are: this person's choice, remembered in the browser. */
export function useColumns() {
  const [stored, setStored] = useState(read)
  const update = useCallback((change: (now: Stored) => Stored) => {
    setStored((now) => {
      const next = change(now)
      write(next)
      return next
    })
  }, [])

  const shows = (column: Column) => (column.shown ? !stored.hidden.includes(column.id) : stored.shown.includes(column.id))
  const toggle = (column: Column) =>
    update((now) => {
      const list = column.shown ? 'hidden' : 'shown'
      const has = now[list].includes(column.id)
      return { ...now, [list]: has ? now[list].filter((id) => id !== column.id) : [...now[list], column.id] }
    })
  const setWidth = useCallback((id: string, width: number) => {
    update((now) => {
      const widths = { ...now.widths }
      if (width > 0) widths[id] = width
      else delete widths[id]
      return { ...now, widths }
    })
  }, [update])
  const reset = () => update(() => ({ hidden: [], shown: [], widths: {} }))
  return { columns: COLUMNS.filter(shows), shows, toggle, widths: stored.widths, setWidth, reset }
}
