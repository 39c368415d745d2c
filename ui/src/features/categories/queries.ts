import { queryOptions } from '@tanstack/react-query'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Categorisation, RowLabels } from '~/api/types'

export const categorisationsQuery = queryOptions({
  queryKey: keys.categorisations,
  queryFn: async ({ signal }) => (await api.get<{ items: Categorisation[] }>('/categorisations', { signal })).items,
  staleTime: 60_000,
})

/** What one row carries. */
export const labelsQuery = (id: string) => queryOptions({
  queryKey: keys.labels(id),
  queryFn: async ({ signal }) => (await api.get<{ items: RowLabels[] }>('/labels', { query: { ids: id }, signal })).items[0]?.options ?? [],
})
