import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '~/api/client'
import { isOnItsWay, keys } from '~/api/queries'
import type { CatalogueEntry } from '~/api/types'
import { Chip, TypeDot } from '~/ui/bits'
import { Combobox } from '~/ui/combobox'
import { formatRate } from '~/ui/decimal'
import { Icon } from '~/ui/icons'
import { unitText } from '~/ui/words'

const OFFERS_MAX = 12

/** Type a few letters of a resource or recipe; Enter takes the best match. */
export function CataloguePicker({ onPick }: { onPick: (entry: CatalogueEntry) => void }) {
  const [text, setText] = useState('')
  const wanted = text.trim()
  const catalogue = useQuery({
    queryKey: [...keys.catalogue, wanted], enabled: wanted !== '', placeholderData: keepPreviousData, staleTime: 30_000,
    queryFn: ({ signal }) => api.get<{ items: CatalogueEntry[] }>('/catalogue', { query: { q: wanted, limit: OFFERS_MAX }, signal }),
  })
  return (
    <Combobox<CatalogueEntry>
      label="Add a line: resource or recipe" placeholder="Add a resource or recipe…" text={text} onText={setText} options={wanted === '' ? [] : (catalogue.data?.items ?? [])}
      optionKey={(entry) => `${entry.kind}-${entry.id}`} onPick={(entry) => { setText(''); onPick(entry) }} onCancel={() => setText('')} busy={catalogue.isFetching} pending={isOnItsWay(catalogue)}
      empty={catalogue.data && !catalogue.isFetching ? 'Nothing found' : null}
      renderOption={(entry) => (
        <>
          {entry.type ? <TypeDot type={entry.type} /> : <Icon name="recipes" size={12} className="text-acc" />}
          <b className="min-w-20 font-medium">{entry.code}</b>
          <span className="min-w-0 flex-1 truncate text-ink2">{entry.description}</span>
          {entry.kind === 'recipe' && <Chip look="accent">recipe</Chip>}
          <span className="text-xs text-ink3">{entry.rate != null && `${formatRate(entry.rate)} / `}{unitText(entry.unit)}</span>
        </>
      )}
    />
  )
}
