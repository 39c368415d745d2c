import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '~/api/client'
import { isOnItsWay, keys } from '~/api/queries'
import type { Page, Row, SearchHit } from '~/api/types'
import { Chip } from '~/ui/bits'
import { Combobox } from '~/ui/combobox'
import { Icon } from '~/ui/icons'
import { useEstimateSession } from '../model/context'

/** Chooses items of the estimate by code or words. */
export function RowPicker({ label, value, onChange, many }: { label: string; value: string[]; onChange: (ids: string[]) => void; many?: boolean }) {
  const session = useEstimateSession()
  const [text, setText] = useState('')
  const wanted = text.trim()
  const hits = useQuery({
    queryKey: ['estimate', session.estimateId, 'search', wanted, 8], enabled: wanted !== '', placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.get<Page<SearchHit>>(`/estimates/${session.estimateId}/search`, { query: { q: wanted, limit: 8 }, signal }),
  })
  const chosen = useQueries({
    queries: value.map((id) => ({ queryKey: keys.row(session.estimateId, id), queryFn: () => api.get<Row>(`/estimates/${session.estimateId}/rows/${id}`) })),
  })
  const offers = (hits.data?.items ?? []).map((hit) => hit.row).filter((row) => row.kind === 'item' && !value.includes(row.id))
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <span className="text-xs font-medium text-ink2" aria-hidden="true">{label}</span>
      {(many || value.length === 0) && (
        <Combobox<Row>
          label={label} placeholder="Code or words" text={wanted === '' && text === '' ? '' : text} onText={setText} options={wanted ? offers : []} optionKey={(row) => row.id} empty={isOnItsWay(hits) ? 'Looking…' : 'No item fits'} pending={isOnItsWay(hits)}
          renderOption={(row) => <><b className="min-w-12 font-medium">{row.code}</b><span className="min-w-0 truncate">{row.description}</span></>}
          onPick={(row) => { setText(''); onChange(many ? [...value, row.id] : [row.id]) }}
        />
      )}
      <div className="flex flex-wrap gap-1">
        {value.map((id, at) => (
          <Chip key={id}>
            {chosen[at]?.data ? `${chosen[at].data.code} ${chosen[at].data.description}`.slice(0, 32) : '…'}
            <button type="button" aria-label={`Remove ${chosen[at]?.data?.code ?? 'item'}`} onClick={() => onChange(value.filter((other) => other !== id))}><Icon name="close" size={10} /></button>
          </Chip>
        ))}
      </div>
    </div>
  )
}
