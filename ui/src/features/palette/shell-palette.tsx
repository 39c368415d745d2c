import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Suspense, lazy, useDeferredValue, useEffect, useState } from 'react'
import { api } from '~/api/client'
import { isOnItsWay, keys } from '~/api/queries'
import type { Page, SearchHit, Tender } from '~/api/types'
import { useLastEstimate } from '~/app/last-estimate'
import { useMay } from '~/app/rights'
import { formatMoney } from '~/ui/decimal'
import { type Choice, PaletteDialog, fits } from '~/ui/palette'
import { isPlainPage } from '~/features/library/step'
import { PLACES, isPaletteClaimed } from './places'

const ShellShortcuts = lazy(() => import('./shell-shortcuts'))

const HITS = 8

/** Ctrl+K on every screen without a palette of its own: tenders, rows of the last estimate, and screens. */
export function ShellPalette() {
  const navigate = useNavigate()
  const estimateId = useLastEstimate()
  const edits = useMay('edit')
  const decides = useMay('decide')
  const [open, setOpen] = useState(false)
  const [shortcuts, setShortcuts] = useState(false)
  const [text, setText] = useState('')
  const wanted = useDeferredValue(text.trim())

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.key === '?' || event.key === 'F1') && !event.defaultPrevented && !isPaletteClaimed() && isPlainPage(event.target)) {
        event.preventDefault()
        setShortcuts(true)
        return
      }
      if (event.defaultPrevented || event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || isPaletteClaimed()) return
      event.preventDefault()
      setText('')
      setOpen(true)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])

  const asks = open && wanted !== ''
  const tenders = useQuery({
    queryKey: [...keys.tenders, 'palette', wanted], enabled: asks, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.get<Page<Tender>>('/tenders', { query: { q: wanted, limit: HITS }, signal }),
  })
  const rows = useQuery({
    queryKey: ['estimate', estimateId, 'search', wanted, HITS], enabled: asks && Boolean(estimateId), placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.get<Page<SearchHit>>(`/estimates/${estimateId}/search`, { query: { q: wanted, limit: HITS }, signal }),
  })

  const close = () => setOpen(false)
  const choices: Choice[] = []
  if (wanted !== '') {
    for (const tender of tenders.data?.items ?? []) {
      choices.push({ key: tender.id, group: 'Tenders', icon: 'tenders', label: `${tender.number} ${tender.name}`, help: tender.clientName, run: () => { close(); void navigate({ to: '/tenders/$tenderId', params: { tenderId: tender.id } }) } })
    }
    for (const hit of (estimateId && rows.data?.items) || []) {
      choices.push({
        key: hit.row.id, group: 'Rows of the last estimate', icon: hit.row.kind === 'heading' ? 'estimate' : 'tenders', label: `${hit.row.code} ${hit.row.description}`.trim(),
        help: [hit.path.join(' › '), formatMoney(hit.row.cost)].filter(Boolean).join(' · '),
        run: () => { close(); void navigate({ to: '/estimates/$estimateId', params: { estimateId: estimateId ?? '' }, search: { node: hit.row.id } }) },
      })
    }
  }
  if (estimateId) {
    const screens = [['Estimate', '/estimates/$estimateId'], ['Commercials', '/estimates/$estimateId/commercials'], ['Offer text', '/estimates/$estimateId/content'], ['Import a schedule', '/estimates/$estimateId/import']] as const
    for (const [label, to] of screens) {
      if (to.endsWith('/import') && !edits) continue
      if (fits(label, wanted)) choices.push({ key: to, group: 'Go to', icon: 'estimate', label, help: 'the last estimate', run: () => { close(); void navigate({ to, params: { estimateId } }) } })
    }
  }
  for (const place of PLACES) {
    if (place.to === '/audit' && !decides) continue
    if (fits(place.label, wanted)) choices.push({ key: place.to, group: 'Go to', icon: place.icon, label: place.label, run: () => { close(); void navigate({ to: place.to } as Parameters<typeof navigate>[0]) } })
  }

  return (
    <>
    {shortcuts && <Suspense fallback={null}><ShellShortcuts onClose={() => setShortcuts(false)} /></Suspense>}
    <PaletteDialog
      open={open} title="Find or go to" prompt="Find a tender or a row, or go to a screen" text={text} choices={choices}
      pending={text.trim() !== wanted || (asks && (isOnItsWay(tenders) || isOnItsWay(rows)))}
      onText={setText} onClose={close}
    />
    </>
  )
}
