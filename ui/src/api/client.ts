import type { Problem, Violation } from './types'

export const API = '/api/v1'

/** Names this tab in live deltas, so that it recognises its own commits. */
export const clientId: string = newKey()

/** Longest wait for an answer before the request is given up, in milliseconds. */
const REQUEST_TIMEOUT_MS = 60_000

/** A refusal by the server (RFC 9457), or `offline` when it could not be reached at all. */
export class ApiProblem extends Error {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly violations: Violation[]
  readonly current: unknown
  /** The one field at fault of a refusal that names no rule. */
  readonly at: string | null

  constructor(problem: Problem) {
    super(problem.violations?.[0]?.message || problem.detail || problem.title)
    this.name = 'ApiProblem'
    this.status = problem.status
    this.code = problem.code
    this.title = problem.title
    this.violations = problem.violations ?? []
    this.current = problem.current
    this.at = problem.field ?? null
  }

  /** The server could not be reached: the request may be sent again. */
  get offline(): boolean {
    return this.code === 'offline'
  }

  /** The violations of one field, joined, or null. */
  field(name: string): string | null {
    const found = this.violations.filter((violation) => violation.field === name)
    return found.length ? found.map((violation) => violation.message).join(' ') : null
  }
}

export function isProblem(error: unknown): error is ApiProblem {
  return error instanceof ApiProblem
}

type QueryValue = string | number | boolean | null | undefined | readonly string[]

export interface RequestOptions {
  query?: Record<string, QueryValue>
  body?: unknown
  signal?: AbortSignal
  /** Repeats with the same key get the first answer. POST makes one up when none is given; null sends none (a query). */
  idempotencyKey?: string | null
  /** Leases the request is made under (BR-098). */
  leases?: readonly string[]
}

export function apiUrl(path: string, query?: Record<string, QueryValue>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value == null || value === '') continue
    if (Array.isArray(value)) {
      if (value.length) search.set(name, value.join(','))
    } else {
      search.set(name, String(value))
    }
  }
  const text = search.toString()
  return `${API}${path}${text ? `?${text}` : ''}`
}

/** A random UUID (version 4), made without `crypto.randomUUID`, which plain http does not offer. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  const hex = Array.from(bytes, (byte, at) => (at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte).toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const fallback: Problem = {
    type: 'about:blank', title: response.statusText || 'The request failed', status: response.status,
    code: response.status === 401 ? 'not-signed-in' : response.status >= 502 ? 'offline' : 'unexpected',
    detail: `The server answered ${response.status}.`,
  }
  if (!(response.headers.get('content-type') ?? '').includes('json')) return new ApiProblem(fallback)
  try {
    return new ApiProblem({ ...fallback, ...((await response.json()) as Problem), status: response.status })
  } catch {
    return new ApiProblem(fallback)
  }
}

async function send(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json', 'X-Client-Id': clientId }
  const init: RequestInit = { method, headers, credentials: 'same-origin' }
  if (options.body instanceof FormData || options.body instanceof Blob) {
    init.body = options.body
  } else if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json'
    init.body = JSON.stringify(options.body)
  }
  if (options.leases?.length) headers['X-Leases'] = options.leases.join(',')
  if (method === 'POST' && options.idempotencyKey !== null) headers['Idempotency-Key'] = options.idempotencyKey ?? newKey()
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
  init.signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout
  let response: Response
  try {
    response = await fetch(apiUrl(path, options.query), init)
  } catch (error) {
    if (options.signal?.aborted) throw error
    throw new ApiProblem({
      type: 'about:blank', title: 'No connection', status: 0, code: 'offline',
      detail: 'The server cannot be reached. Check the connection; nothing was lost.',
    })
  }
  if (!response.ok) throw await problemOf(response)
  return response
}

async function json<T>(method: string, path: string, options?: RequestOptions): Promise<T> {
  const response = await send(method, path, options)
  if (response.status === 204) return undefined as T
  const text = await response.text()
  return (text ? JSON.parse(text) : undefined) as T
}

/** Typed calls of /api/v1. `path` starts with a slash; every refusal is thrown as `ApiProblem`. */
export const api = {
  get: <T>(path: string, options?: RequestOptions) => json<T>('GET', path, options),
  post: <T>(path: string, body?: unknown, options?: RequestOptions) => json<T>('POST', path, { ...options, body }),
  put: <T>(path: string, body?: unknown, options?: RequestOptions) => json<T>('PUT', path, { ...options, body }),
  patch: <T>(path: string, body?: unknown, options?: RequestOptions) => json<T>('PATCH', path, { ...options, body }),
  delete: <T = void>(path: string, options?: RequestOptions) => json<T>('DELETE', path, options),
  /** The answer with its status, for calls that may say 202. */
  raw: send,
}
