import { keepPreviousData, queryOptions, useQueries, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { CommercialRuleFields, Commercials, Page, Row, RowsWindow, SearchHit } from '~/api/types'
import { packagesQuery } from '~/features/packages/queries'
import type { NameOf } from './model/words'

const OUTLINE_WINDOW = 1_000
/** Rows gone through for the indirect items; enough for the largest schedules by far. */
const OUTLINE_ROWS_MAX = 50_000
const EVERYTHING_OPEN = 99
const PREVIEW_DELAY_MS = 200
const LUMP_SUMS_MAX = 500

export const commercialsQuery = (id: string) => queryOptions({
  queryKey: keys.commercials(id), queryFn: ({ signal }) => api.get<Commercials>(`/estimates/${id}/commercials`, { signal }),
})

export type Entry = Pick<Row, 'id' | 'code' | 'description' | 'cost'>

export function rowWords(row: Pick<Row, 'code' | 'description'>): string {
  return `${row.code} ${row.description}`.trim()
}

/** Indirect and risk items: what spread rules share out. They are found by going through the rows, so only where they are needed. */
export function useIndirects(estimateId: string, enabled: boolean) {
  return useQuery({
    queryKey: [...keys.estimate(estimateId), 'indirects'], enabled, staleTime: 10_000,
    queryFn: async ({ signal }) => {
      const found: Entry[] = []
      for (let offset = 0; offset < OUTLINE_ROWS_MAX; offset += OUTLINE_WINDOW) {
        const window = await api.get<RowsWindow>(`/estimates/${estimateId}/rows`, { query: { offset, limit: OUTLINE_WINDOW, expandLevel: EVERYTHING_OPEN }, signal })
        for (const row of window.rows) {
          if (row.kind === 'item' && !row.inactive && (row.indirectFlag || row.type === 'risk')) found.push({ id: row.id, code: row.code, description: row.description, cost: row.cost })
        }
        if (offset + window.rows.length >= window.total || window.rows.length === 0) break
      }
      return found
    },
  })
}

/** Lump-sum lines of the schedule: any of them may take the misclose. */
export function useLumpSums(estimateId: string, enabled: boolean) {
  return useQuery({
    queryKey: [...keys.commercials(estimateId), 'lump-sums'], enabled,
    queryFn: async ({ signal }) => {
      const { items } = await api.get<Page<SearchHit>>(`/estimates/${estimateId}/search`, { query: { unit: 'LS', type: 'schedule', limit: LUMP_SUMS_MAX }, signal })
      return items.map((hit) => hit.row).filter((row) => !row.inactive)
    },
  })
}

/** Names of rows by id. */
export function useRowNames(estimateId: string, ids: readonly string[]): NameOf {
  const rows = useQueries({
    queries: ids.map((id) => ({ queryKey: keys.row(estimateId, id), staleTime: 60_000, queryFn: ({ signal }: { signal: AbortSignal }) => api.get<Row>(`/estimates/${estimateId}/rows/${id}`, { signal }) })),
  })
  const names = rows.map((row) => (row.data ? rowWords(row.data) : ''))
  const text = JSON.stringify([ids, names])
  return useMemo(() => {
    const [keysOf, words] = JSON.parse(text) as [string[], string[]]
    const known = new Map(keysOf.map((id, at) => [id, words[at] || undefined]))
    return (id) => known.get(id)
  }, [text])
}

/** Packages a rule may act on, by name, asked for where one is wanted. */
export function usePackageNames(estimateId: string, wanted: boolean): { id: string; words: string }[] | undefined {
  const list = useQuery({ ...packagesQuery(estimateId), enabled: wanted })
  return useMemo(() => list.data?.items.map((one) => ({ id: one.id, words: `Package ${[one.code, one.name].filter(Boolean).join(' ')}` })), [list.data])
}

/** Names of the rows and packages that the scopes of rules name. */
export function useScopeNames(estimateId: string, rows: readonly string[], rules: readonly { set: CommercialRuleFields }[]): NameOf {
  const rowName = useRowNames(estimateId, rows)
  const wanted = rules.some(({ set }) => [set.scope?.within, ...(set.scope?.except ?? [])].some((one) => one?.type === 'package'))
  const packages = usePackageNames(estimateId, wanted)
  return useMemo(() => (id) => rowName(id) ?? packages?.find((one) => one.id === id)?.words, [rowName, packages])
}

/** Rows of the schedule that match, for pickers. */
export function useRowSearch(estimateId: string, text: string) {
  const wanted = text.trim()
  return useQuery({
    queryKey: ['estimate', estimateId, 'search', wanted, 'picker'], enabled: wanted !== '', placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.get<Page<SearchHit>>(`/estimates/${estimateId}/search`, { query: { q: wanted, limit: 20 }, signal }),
  })
}

export interface Preview {
  data: Commercials | undefined
  error: unknown
  busy: boolean
}

export interface PreviewRule { id: string; set: CommercialRuleFields }

/** What a chain would come to, worked out by the server a moment after the last key; null asks nothing. */
export function usePreview(estimateId: string, rules: readonly PreviewRule[] | null): Preview {
  const body = rules === null ? null : JSON.stringify({ rules })
  const [settled, setSettled] = useState(body)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(body), PREVIEW_DELAY_MS)
    return () => clearTimeout(timer)
  }, [body])
  const { data, error, isFetching } = useQuery(previewQuery(estimateId, settled))
  return { data: body === null || error ? undefined : data, error: body === null ? null : error, busy: body !== null && (isFetching || settled !== body) }
}

/** A chain priced by the server; part of the commercials, so that it follows what others change in the costs. */
export function previewQuery(estimateId: string, body: string | null) {
  return {
    queryKey: [...keys.commercials(estimateId), 'preview', body], enabled: body !== null, retry: false, gcTime: 60_000, placeholderData: keepPreviousData<Commercials>,
    queryFn: ({ signal }: { signal: AbortSignal }) => api.post<Commercials>(`/estimates/${estimateId}/commercials/preview`, JSON.parse(body ?? 'null') as unknown, { signal, idempotencyKey: null }),
  }
}
