import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useDeferredValue, useEffect, useState } from 'react'
import { api } from '~/api/client'
import { isOnItsWay } from '~/api/queries'
import type { Page, SearchHit } from '~/api/types'
import { formatMoney } from '~/ui/decimal'
import { type Choice, PaletteDialog, fits } from '~/ui/palette'
import { PLACES, claimPalette } from '../palette/places'
import { COMMANDS, showChord } from './commands'
import { useEstimateSession } from './model/context'
import { useWorkspace } from './model/workspace-context'
import { runCommand } from './run-command'

const HITS = 12

/** Ctrl+K: find a row or run a command, by typing. */
export function Palette() {
  const session = useEstimateSession()
  const workspace = useWorkspace()
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const wanted = useDeferredValue(text.trim())
  const open = workspace.dialog?.kind === 'palette'
  const hits = useQuery({
    queryKey: ['estimate', session.estimateId, 'search', wanted, HITS],
    queryFn: ({ signal }) => api.get<Page<SearchHit>>(`/estimates/${session.estimateId}/search`, { query: { q: wanted, limit: HITS }, signal }),
    enabled: open && wanted !== '', placeholderData: keepPreviousData, staleTime: 0,
  })
  const close = () => workspace.set({ dialog: null })

  const commands = COMMANDS.filter((command) => command.id !== 'palette' && !(workspace.frozen && command.edits) && fits(command.label, wanted))
    .map((command): Choice => ({
      key: command.id, group: 'Commands', icon: 'keyboard', label: command.label, ...(command.keys[0] ? { keys: showChord(command.keys[0]) } : {}),
      run: () => { close(); workspace.focusGrid(); setTimeout(() => runCommand(workspace, command.id)) },
    }))
  const rows = wanted === '' ? [] : (hits.data?.items ?? []).map((hit): Choice => ({
    key: hit.row.id, group: 'Rows', icon: hit.row.kind === 'heading' ? 'estimate' : 'tenders', label: `${hit.row.code} ${hit.row.description}`.trim(),
    help: [hit.path.join(' › '), formatMoney(hit.row.cost)].filter(Boolean).join(' · '),
    run: () => { close(); void workspace.goTo(hit.row.id) },
  }))
  const places = PLACES.filter((place) => fits(place.label, wanted) && (place.to !== '/audit' || workspace.locksRates))
    .map((place): Choice => ({ key: place.to, group: 'Go to', icon: place.icon, label: place.label, run: () => { close(); void navigate({ to: place.to } as Parameters<typeof navigate>[0]) } }))
  const screens = ([['Packages and quotes', '/estimates/$estimateId/packages'], ['Offer text', '/estimates/$estimateId/content'], ['Commercials', '/estimates/$estimateId/commercials']] as const).filter(([label]) => fits(label, wanted))
  for (const [label, to] of screens) {
    places.unshift({ key: to, group: 'Go to', icon: 'estimate', label, run: () => { close(); void navigate({ to, params: { estimateId: session.estimateId } }) } })
  }
  const choices = [...rows, ...commands, ...places]

  useEffect(() => { if (open) setText('') }, [open])
  useEffect(claimPalette, [])

  return (
    <PaletteDialog
      open={open} title="Find or run" prompt="Find a row or run a command" text={text} choices={choices} pending={text.trim() !== wanted || (wanted !== '' && isOnItsWay(hits))}
      onText={setText} onClose={close} onClosed={() => workspace.focusGrid()}
    />
  )
}
