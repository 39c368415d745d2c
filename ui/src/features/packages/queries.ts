import { queryOptions } from '@tanstack/react-query'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { AwardEffect, Edit, EditResult, PackageDetail, PackageEdit, PackageList } from '~/api/types'
import type { EstimateSession } from '~/features/estimate/model/session'

export const packagesQuery = (estimateId: string) => queryOptions({
  queryKey: keys.packages(estimateId), queryFn: ({ signal }) => api.get<PackageList>(`/estimates/${estimateId}/packages`, { signal }),
})

export const packageQuery = (estimateId: string, packageId: string, round?: number) => queryOptions({
  queryKey: [...keys.packages(estimateId), packageId, round ?? 0],
  queryFn: ({ signal }) => api.get<PackageDetail>(`/estimates/${estimateId}/packages/${packageId}`, { query: { round }, signal }),
})

/** What an award would do, worked out by the server. */
export const effectQuery = (estimateId: string, packageId: string, quoteId: string) => queryOptions({
  queryKey: [...keys.packages(estimateId), packageId, 'effect', quoteId], retry: false,
  queryFn: ({ signal }) => api.post<AwardEffect>(`/estimates/${estimateId}/packages/${packageId}/preview`, { quoteId }, { signal, idempotencyKey: null }),
})

/** Makes edits of packages in one commit; throws what was refused. */
export async function editPackages(session: EstimateSession, edits: readonly PackageEdit[]): Promise<EditResult> {
  const result = await session.submit(edits.map((edit): Edit => ({ op: 'package', edit })), {})
  return result
}
