import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Page } from '~/app/page'
import { useMay } from '~/app/rights'
import { LibraryUndo } from '~/features/library/library-undo'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { ResourceDialog } from './resource-dialog'
import { ResourceList } from './resource-list'
import { PriceBooks } from './price-books'
import { UnitsPanel } from './units-panel'

/** The price book: resources with their rates, and the units everything is measured in. */
export function ResourcesScreen() {
  const { tab, book } = useSearch({ from: '/shell/resources' })
  const navigate = useNavigate({ from: '/resources' })
  const [adding, setAdding] = useState(false)
  const edits = useMay('edit')
  const units = tab === 'units'
  const books = tab === 'books'
  const tabs = [{ id: undefined, label: 'Resources' }, { id: 'books' as const, label: 'Price books' }, { id: 'units' as const, label: 'Units' }]
  return (
    <Page
      title="Resources" fixed actions={<><LibraryUndo />{edits && !units && !books && <Button look="primary" icon="plus" onClick={() => setAdding(true)}>New resource</Button>}</>}
      bar={
        <nav aria-label="Parts of the price book" className="flex h-9 shrink-0 items-stretch gap-5 border-b border-line bg-pane px-4">
          {tabs.map((one) => (
            <button
              key={one.label} type="button" aria-current={tab === one.id ? 'page' : undefined} onClick={() => void navigate({ search: (now) => ({ ...now, tab: one.id }) })}
              className={cx('-outline-offset-2!', tab === one.id ? 'font-medium shadow-[inset_0_-2px_var(--acc)]' : 'text-ink2 hover:text-ink')}
            >
              {one.label}
            </button>
          ))}
        </nav>
      }
    >
      {units ? <UnitsPanel /> : books ? <PriceBooks /> : <ResourceList onNew={() => setAdding(true)} />}
      {adding && <ResourceDialog book={book} onClose={() => setAdding(false)} />}
    </Page>
  )
}
