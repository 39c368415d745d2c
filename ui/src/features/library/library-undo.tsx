import { useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '~/api/client'
import type { UndoState } from '~/api/types'
import { useMay } from '~/app/rights'
import { IconButton } from '~/ui/button'
import { toast } from '~/ui/toast'

const KEY = ['library', 'undo'] as const

/** Undo and redo of what the person signed in last changed in the library. `refresh` names what to read again. */
export function LibraryUndo({ refresh }: { refresh: readonly (readonly unknown[])[] }) {
  const client = useQueryClient()
  const edits = useMay('edit')
  const { data } = useQuery({ queryKey: KEY, enabled: edits, queryFn: ({ signal }) => api.get<UndoState>('/library/undo', { signal }), staleTime: 0 })
  const run = async (action: 'undo' | 'redo') => {
    try {
      const done = await api.post<{ label: string; undo: UndoState }>(`/library/${action}`, {})
      client.setQueryData(KEY, done.undo)
      for (const queryKey of refresh) void client.invalidateQueries({ queryKey })
      toast.done(`${action === 'undo' ? 'Undone' : 'Redone'}: ${done.label}`)
    } catch (error) {
      toast.refused(action === 'undo' ? 'This could not be undone' : 'This could not be redone', error)
      void client.invalidateQueries({ queryKey: KEY })
    }
  }
  const step = (action: 'undo' | 'redo') => {
    const label = data?.[action]?.label
    const word = action === 'undo' ? 'Undo' : 'Redo'
    return <IconButton icon={action} label={label ? `${word}: ${label}` : `Nothing to ${action}`} disabled={!label} onClick={() => void run(action)} />
  }
  return edits && <>{step('undo')}{step('redo')}</>
}

/** To be read again after any change of the library. */
export const libraryUndoKey = KEY
