import { MutationCache, QueryCache, QueryClient, queryOptions } from '@tanstack/react-query'
import { api, isProblem } from './client'
import type { Comments, Estimate, Inbox, Organisation, PriceBook, Session, SignInWays, Tender, Units, User } from './types'

const RETRY_MAX = 2

/** Query keys in one place: live deltas and mutations find what they touch by them. */
export const keys = {
  session: ['session'] as const,
  units: ['units'] as const,
  tenders: ['tenders'] as const,
  tender: (id: string) => ['tenders', id] as const,
  estimate: (id: string) => ['estimate', id] as const,
  rows: (id: string) => ['estimate', id, 'rows'] as const,
  row: (id: string, nodeId: string) => ['estimate', id, 'row', nodeId] as const,
  worksheet: (id: string, itemId: string) => ['estimate', id, 'worksheet', itemId] as const,
  checks: (id: string) => ['estimate', id, 'checks'] as const,
  undo: (id: string) => ['estimate', id, 'undo'] as const,
  /** Rules and price, and under it what follows from them. */
  commercials: (id: string) => ['estimate', id, 'commercials'] as const,
  content: (id: string) => ['estimate', id, 'content'] as const,
  /** What rows sell for. */
  prices: (id: string) => ['estimate', id, 'prices'] as const,
  /** Packages put to the market, and under it each with its quotes. */
  packages: (id: string) => ['estimate', id, 'packages'] as const,
  history: (entity: string, id: string) => ['history', entity, id] as const,
  resources: ['resources'] as const,
  priceBooks: ['price-books'] as const,
  recipes: ['recipes'] as const,
  companies: ['companies'] as const,
  catalogue: ['catalogue'] as const,
  rules: ['rules'] as const,
  jobs: ['jobs'] as const,
  people: ['people'] as const,
  users: ['users'] as const,
  sessions: ['sessions'] as const,
  tokens: ['tokens'] as const,
  settings: ['settings'] as const,
  organisations: ['organisations'] as const,
  branding: ['branding'] as const,
  thresholds: ['thresholds'] as const,
  categorisations: ['categorisations'] as const,
  contentKinds: ['content-kinds'] as const,
  vault: ['vault'] as const,
  audit: ['audit'] as const,
  comments: (id: string) => ['estimate', id, 'comments'] as const,
  inbox: ['inbox'] as const,
  /** The files of a tender and of what is in it. */
  attachments: (tenderId: string) => ['tenders', tenderId, 'attachments'] as const,
  /** What the person signed in can undo outside estimates. */
  libraryUndo: ['library', 'undo'] as const,
  seal: ['audit-seal'] as const,
  /** Cost and price by categorisation. */
  categories: (id: string) => ['estimate', id, 'categories'] as const,
  everyLabel: ['labels'] as const,
  labels: (id: string) => ['labels', id] as const,
}

export function makeQueryClient(onSignedOut: () => void): QueryClient {
  const signedOut = (error: unknown) => {
    if (isProblem(error) && (error.code === 'not-signed-in' || error.code === 'user-deactivated')) onSignedOut()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError: signedOut }),
    mutationCache: new MutationCache({ onError: signedOut }),
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        retry: (count, error) => count < RETRY_MAX && isProblem(error) && (error.offline || error.status >= 503),
      },
      mutations: { retry: false },
    },
  })
}

/** Whether what a query shows is not yet the answer to what it was asked last. */
export const isOnItsWay = (query: { isPlaceholderData: boolean; isLoading: boolean }): boolean => query.isPlaceholderData || query.isLoading

export const sessionQuery = queryOptions({
  queryKey: keys.session,
  queryFn: ({ signal }) => api.get<Session>('/session', { signal }),
  staleTime: 5 * 60_000,
})

export const signInUsersQuery = queryOptions({
  queryKey: ['session', 'users'],
  queryFn: ({ signal }) => api.get<{ items: User[] }>('/session/users', { signal }),
})

export const signInWaysQuery = queryOptions({
  queryKey: ['session', 'providers'],
  queryFn: ({ signal }) => api.get<SignInWays>('/session/providers', { signal }),
})

/** Where the person may go on. */
export const organisationsQuery = queryOptions({
  queryKey: keys.organisations,
  queryFn: ({ signal }) => api.get<{ items: Organisation[] }>('/organisations', { signal }),
  staleTime: 5 * 60_000,
})

export const peopleQuery = queryOptions({
  queryKey: keys.people,
  queryFn: ({ signal }) => api.get<{ items: User[] }>('/people', { signal }),
  staleTime: 5 * 60_000,
})

/** Everything said about the rows of an estimate. */
export const commentsQuery = (id: string) => queryOptions({
  queryKey: keys.comments(id), staleTime: Infinity,
  queryFn: ({ signal }) => api.get<Comments>(`/estimates/${id}/comments`, { signal }),
})

/** Comments that mention the person signed in; told of over the live connection. */
export const inboxQuery = queryOptions({ queryKey: keys.inbox, queryFn: ({ signal }) => api.get<Inbox>('/notifications', { signal }), staleTime: Infinity })

export const priceBooksQuery = queryOptions({
  queryKey: keys.priceBooks,
  queryFn: ({ signal }) => api.get<{ items: PriceBook[] }>('/price-books', { signal }),
})

export const unitsQuery = queryOptions({
  queryKey: keys.units,
  queryFn: ({ signal }) => api.get<Units>('/units', { signal }),
  staleTime: 5 * 60_000,
})

export const tenderQuery = (id: string) => queryOptions({ queryKey: keys.tender(id), queryFn: ({ signal }) => api.get<Tender>(`/tenders/${id}`, { signal }) })

/** What is known of an estimate as of a commit: it never changes. */
export const pastKey = (id: string, asOf: number) => ['past', id, asOf] as const

export const estimateQuery = (id: string, asOf?: number) => queryOptions({
  queryKey: asOf === undefined ? keys.estimate(id) : pastKey(id, asOf), staleTime: Infinity,
  queryFn: ({ signal }) => api.get<Estimate>(`/estimates/${id}`, { query: { asOf }, signal }),
})
