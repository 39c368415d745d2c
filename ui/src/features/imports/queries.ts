import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Estimate, Page, Plan, PlanRow, Row, SheetWindow } from '~/api/types'
import type { planRequest } from './model/mapping'

/** Rows of a sheet shown while its heading row is looked for. */
export const SHEET_ROWS = 60
/** Rows shown under the mapping of columns. */
export const SAMPLE_ROWS = 14
const VALUES_MAX = 500
const PLAN_PAGE = 1_000
/** Rows of a plan read for the preview; a longer plan is committed all the same. */
export const PLAN_ROWS_MAX = 20_000

export const sheetQuery = (importId: string, sheet: number, headerRow: number | null, offset: number, limit: number) => queryOptions({
  queryKey: ['import', importId, 'sheet', sheet, headerRow, offset, limit], staleTime: Infinity, placeholderData: keepPreviousData,
  queryFn: ({ signal }) => api.get<SheetWindow>(`/imports/${importId}/sheets/${sheet}`, { query: { headerRow, offset, limit }, signal }),
})

export const valuesQuery = (importId: string, sheet: number, headerRow: number, column: number) => queryOptions({
  queryKey: ['import', importId, 'values', sheet, headerRow, column], staleTime: Infinity,
  queryFn: ({ signal }) => api.get<{ items: { value: string; count: number }[] }>(`/imports/${importId}/sheets/${sheet}/values`, { query: { headerRow, column, limit: VALUES_MAX }, signal }),
})

const planning = new Map<string, Promise<unknown>>()

/**
 * The server keeps the newest few plans of an upload, so requests go one after the other and those
 * given up before their turn are never made: they would push out a plan that another tab shows.
 */
async function makePlan(importId: string, request: ReturnType<typeof planRequest>, signal: AbortSignal): Promise<Plan> {
  const before = planning.get(importId)
  const made = (async () => {
    await before
    signal.throwIfAborted()
    return api.post<Plan>(`/imports/${importId}/plan`, request, { idempotencyKey: null })
  })()
  planning.set(importId, made.catch(() => null))
  return made
}

/** Nothing is kept here beyond its use: see `makePlan`. */
export const planQuery = (importId: string, request: ReturnType<typeof planRequest>) => queryOptions({
  queryKey: ['import', importId, 'plan', request], enabled: request !== null, staleTime: Infinity, gcTime: 0, retry: false,
  queryFn: ({ signal }) => makePlan(importId, request, signal),
})

/** Every row of a plan: its first rows came with it. */
export const planRowsQuery = (importId: string, plan: Plan) => queryOptions({
  queryKey: ['import', importId, 'plan-rows', plan.planId], staleTime: Infinity, gcTime: 0,
  queryFn: async ({ signal }) => {
    const rows: PlanRow[] = []
    let total: number
    do {
      const page = await api.get<{ rows: PlanRow[]; total: number }>(`/imports/${importId}/plan/rows`, { query: { planId: plan.planId, offset: rows.length, limit: PLAN_PAGE }, signal })
      rows.push(...page.rows)
      total = page.total
      if (page.rows.length === 0) break
    } while (rows.length < total && rows.length < PLAN_ROWS_MAX)
    return { rows, total }
  },
})

export const estimateQuery = (estimateId: string) => queryOptions({
  queryKey: keys.estimate(estimateId), queryFn: ({ signal }) => api.get<Estimate>(`/estimates/${estimateId}`, { signal }),
})

/** The headings at the top of an estimate, to import under. */
export const topHeadingsQuery = (estimateId: string) => queryOptions({
  queryKey: ['estimate', estimateId, 'top-headings'],
  queryFn: async ({ signal }) => {
    const page = await api.get<Page<Row>>(`/estimates/${estimateId}/rows/root/children`, { query: { limit: VALUES_MAX }, signal })
    return page.items.filter((row) => row.kind === 'heading')
  },
})
