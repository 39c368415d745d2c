import { type QueryKey, keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { api } from './client'
import type { Page } from './types'

export interface Pages<T> {
  /** Undefined until the first page is here. */
  items: T[] | undefined
  total: number
  error: unknown
  /** Pages of an earlier question are shown while the new ones are on their way. */
  stale: boolean
  hasMore: boolean
  loadingMore: boolean
  more: () => void
  retry: () => void
}

/** A list that the server hands out page by page. `query` is part of the key. */
export function usePages<T>(key: QueryKey, path: string, query: Record<string, string | number | undefined>, enabled = true): Pages<T> {
  const pages = useInfiniteQuery({
    queryKey: [...key, 'list', query], initialPageParam: undefined as string | undefined, placeholderData: keepPreviousData, enabled,
    queryFn: ({ signal, pageParam }) => api.get<Page<T>>(path, { query: { ...query, cursor: pageParam }, signal }),
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  })
  const items = pages.data?.pages.flatMap((page) => page.items)
  return {
    items, total: pages.data?.pages[0]?.total ?? items?.length ?? 0,
    error: pages.data ? null : pages.error, stale: pages.isPlaceholderData,
    hasMore: pages.hasNextPage, loadingMore: pages.isFetchingNextPage,
    more: () => void pages.fetchNextPage(), retry: () => void pages.refetch(),
  }
}
