import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Dialog as Radix } from 'radix-ui'
import { useDeferredValue, useEffect, useRef, useState } from 'react'
import { api } from '~/api/client'
import type { Page, SearchHit } from '~/api/types'
import { Kbd } from '~/ui/bits'
import { cx } from '~/ui/cx'
import { formatMoney } from '~/ui/decimal'
import { Icon, type IconName } from '~/ui/icons'
import { COMMANDS, showChord } from './commands'
import { useEstimateSession } from './model/context'
import { useWorkspace } from './model/workspace-context'
import { runCommand } from './run-command'

interface Choice {
  key: string
  group: string
  icon: IconName
  label: string
  help?: string
  keys?: string
  run: () => void
}

const HITS = 12

/** Ctrl+K: find a row or run a command, by typing. */
export function Palette() {
  const session = useEstimateSession()
  const workspace = useWorkspace()
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const [active, setActive] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const wanted = useDeferredValue(text.trim())
  const open = workspace.dialog?.kind === 'palette'
  const hits = useQuery({
    queryKey: ['estimate', session.estimateId, 'search', wanted, HITS],
    queryFn: ({ signal }) => api.get<Page<SearchHit>>(`/estimates/${session.estimateId}/search`, { query: { q: wanted, limit: HITS }, signal }),
    enabled: open && wanted !== '', placeholderData: keepPreviousData, staleTime: 0,
  })
  const close = () => workspace.set({ dialog: null })

  const lower = wanted.toLowerCase()
  const commands = COMMANDS.filter((command) => command.id !== 'palette' && !(workspace.frozen && command.edits) && words(command.label.toLowerCase(), lower))
    .map((command): Choice => ({
      key: command.id, group: 'Commands', icon: 'keyboard', label: command.label, ...(command.keys[0] ? { keys: showChord(command.keys[0]) } : {}),
      run: () => { close(); workspace.focusGrid(); setTimeout(() => runCommand(workspace, command.id)) },
    }))
  const rows = wanted === '' ? [] : (hits.data?.items ?? []).map((hit): Choice => ({
    key: hit.row.id, group: 'Rows', icon: hit.row.kind === 'heading' ? 'estimate' : 'tenders', label: `${hit.row.code} ${hit.row.description}`.trim(),
    help: [hit.path.join(' › '), formatMoney(hit.row.cost)].filter(Boolean).join(' · '),
    run: () => { close(); void workspace.goTo(hit.row.id) },
  }))
  const places = ([['/tenders', 'Tenders', 'tenders'], ['/resources', 'Resources', 'resources'], ['/recipes', 'Recipes', 'recipes'], ['/jobs', 'Jobs', 'jobs'], ['/rules', 'Rules', 'rules']] as const)
    .filter(([, label]) => words(label.toLowerCase(), lower))
    .map(([to, label, icon]): Choice => ({ key: to, group: 'Go to', icon, label, run: () => { close(); void navigate({ to }) } }))
  if (words('commercials', lower)) {
    places.unshift({ key: 'commercials', group: 'Go to', icon: 'rules', label: 'Commercials', run: () => { close(); void navigate({ to: '/estimates/$estimateId/commercials', params: { estimateId: session.estimateId } }) } })
  }
  const choices = [...rows, ...commands, ...places]

  useEffect(() => { setActive(0) }, [wanted])
  useEffect(() => { if (open) setText('') }, [open])
  useEffect(() => { list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }) }, [active])

  return (
    <Radix.Root open={open} onOpenChange={(next) => { if (!next) close() }}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 bg-[#00000055]" />
        <Radix.Content
          aria-describedby={undefined} onCloseAutoFocus={(event) => { event.preventDefault(); workspace.focusGrid() }}
          className="pop fixed top-[10vh] left-1/2 z-50 flex max-h-[70vh] w-[min(40rem,calc(100vw-2rem))] -translate-x-1/2 flex-col overflow-hidden rounded-lg border border-line bg-raise shadow-pop"
        >
          <Radix.Title className="sr-only">Find or run</Radix.Title>
          <div className="flex items-center gap-2 border-b border-line px-3">
            <Icon name="search" className="text-ink3" />
            <input
              role="combobox" aria-expanded="true" aria-controls="palette-list" aria-label="Find a row or run a command" aria-activedescendant={choices.length ? `palette-${active}` : undefined}
              placeholder="Find a row or run a command" className="h-11 flex-1 bg-transparent text-base outline-none!" value={text} autoFocus
              onChange={(event) => setText(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
                  event.preventDefault()
                  if (choices.length) setActive((at) => (at + (event.key === 'ArrowDown' ? 1 : -1) + choices.length) % choices.length)
                }
                if (event.key === 'Enter') { event.preventDefault(); choices[active]?.run() }
              }}
            />
            <Kbd>Esc</Kbd>
          </div>
          <div ref={list} id="palette-list" role="listbox" aria-label="Results" className="min-h-0 overflow-y-auto p-1.5">
            {choices.map((choice, index) => (
              <div key={choice.key}>
                {choices[index - 1]?.group !== choice.group && <div role="presentation" className="px-2 pt-2 pb-1 text-2xs text-ink3">{choice.group}</div>}
                <div
                  id={`palette-${index}`} role="option" tabIndex={-1} aria-selected={index === active} onMouseMove={() => setActive(index)} onClick={choice.run}
                  onKeyDown={(event) => { if (event.key === 'Enter') choice.run() }}
                  className={cx('flex h-8 items-center gap-2 rounded-md px-2', index === active && 'bg-acc2')}
                >
                  <Icon name={choice.icon} size={14} className="shrink-0 text-ink3" />
                  <span className="min-w-0 truncate">{choice.label}</span>
                  <span className="min-w-0 flex-1 truncate text-right text-xs text-ink3">{choice.help}</span>
                  {choice.keys && <Kbd>{choice.keys}</Kbd>}
                </div>
              </div>
            ))}
            {choices.length === 0 && <p className="px-2 py-6 text-center text-ink3">{hits.isFetching ? 'Looking…' : 'Nothing fits. Try fewer letters.'}</p>}
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** Every typed word occurs in the text. */
function words(text: string, wanted: string): boolean {
  return wanted.split(/\s+/).every((word) => text.includes(word))
}
