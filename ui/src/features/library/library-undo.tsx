import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { UndoState } from '~/api/types'
import { useMay } from '~/app/rights'
import { IconButton } from '~/ui/button'
import { toast } from '~/ui/toast'
import { isPlainPage, stepOf } from './step'

/** What undo of the library may change, wherever it is asked for. */
const CHANGED = [keys.tenders, keys.resources, keys.priceBooks, keys.recipes, keys.companies, keys.units, keys.catalogue, keys.categorisations, keys.contentKinds, keys.branding, keys.thresholds, keys.everyLabel]

/**
 * Undo and redo of what the person signed in last changed of tenders, resources, recipes, companies and whatever else
 * belongs to no estimate: two buttons, and Ctrl+Z and Ctrl+Y where nobody is typing.
 */
export function LibraryUndo() {
  const client = useQueryClient()
  const edits = useMay('edit')
  const { data } = useQuery({ queryKey: keys.libraryUndo, enabled: edits, queryFn: ({ signal }) => api.get<UndoState>('/library/undo', { signal }), staleTime: 0 })
  const run = useCallback(async (action: 'undo' | 'redo') => {
    try {
      const done = await api.post<{ label: string; undo: UndoState }>(`/library/${action}`, {})
      client.setQueryData(keys.libraryUndo, done.undo)
      for (const queryKey of CHANGED) void client.invalidateQueries({ queryKey })
      toast.done(`${action === 'undo' ? 'Undone' : 'Redone'}: ${done.label}`)
    } catch (error) {
      toast.refused(action === 'undo' ? 'This could not be undone' : 'This could not be redone', error)
      void client.invalidateQueries({ queryKey: keys.libraryUndo })
    }
  }, [client])
  useEffect(() => {
    if (!edits) return
    const onKey = (event: KeyboardEvent) => {
      const action = stepOf(event)
      if (!action || event.defaultPrevented || event.repeat || !isPlainPage(event.target)) return
      event.preventDefault()
      if (data?.[action]) void run(action)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [edits, data, run])
  const step = (action: 'undo' | 'redo') => {
    const label = data?.[action]?.label
    const word = action === 'undo' ? 'Undo' : 'Redo'
    return <IconButton icon={action} label={label ? `${word}: ${label}` : `Nothing to ${action}`} disabled={!label} onClick={() => void run(action)} />
  }
  return edits && <>{step('undo')}{step('redo')}</>
}
