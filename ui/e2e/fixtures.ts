import { type APIRequestContext, type BrowserContext, type Page, test as base, expect } from '@playwright/test'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Edit, Estimate, Session, Tender, User } from '../src/api/types'
import { Server } from './server'

export { expect }

/** The API as one signed-in person. */
export class Api {
  private readonly request: APIRequestContext
  private readonly url: string

  constructor(request: APIRequestContext, url: string) {
    this.request = request
    this.url = url
  }

  async get<T>(path: string): Promise<T> {
    const answer = await this.request.get(`${this.url}/api/v1${path}`)
    expect(answer.ok(), `GET ${path}: ${answer.status()} ${await answer.text()}`).toBe(true)
    return (await answer.json()) as T
  }

  async post<T>(path: string, data: unknown = {}): Promise<T> {
    const answer = await this.request.post(`${this.url}/api/v1${path}`, { data, headers: { 'Idempotency-Key': randomUUID() } })
    expect(answer.ok(), `POST ${path}: ${answer.status()} ${await answer.text()}`).toBe(true)
    return (await answer.json()) as T
  }

  async signIn(role: string): Promise<User> {
    const { items } = await this.get<{ items: User[] }>('/session/users')
    const user = items.find((one) => one.role === role)
    if (!user) throw new Error(`no ${role} to sign in as`)
    return (await this.post<Session>('/session', { userId: user.id })).user
  }

  /** A tender with an empty estimate. */
  async estimate(name: string): Promise<Estimate> {
    const tender = await this.post<Tender>('/tenders', { number: `T-${randomUUID().slice(0, 8)}`, name })
    const [first] = tender.estimates
    if (!first) throw new Error('a new tender has no estimate')
    return this.get<Estimate>(`/estimates/${first.id}`)
  }

  async edit(estimateId: string, edits: Edit[]): Promise<string[]> {
    const result = await this.post<{ results: { ids: string[] }[] }>(`/estimates/${estimateId}/edits`, { edits })
    return result.results.map((one) => one.ids[0] ?? '')
  }

  /** Two headings, the first with three plugged items: 10 x 5, 20 x 2.5 and 4 x 1000. */
  async schedule(name: string): Promise<{ estimateId: string; earthworks: string; drainage: string; items: string[] }> {
    const { id } = await this.estimate(name)
    const [earthworks = '', drainage = ''] = await this.edit(id, [
      { op: 'add-heading', code: '1', name: 'Earthworks', place: 'last' }, { op: 'add-heading', code: '2', name: 'Drainage', place: 'last' },
    ])
    const items = await this.edit(id, ([['1.01', 'Strip topsoil', 'm3', '10', '5'], ['1.02', 'Cut to waste', 'm3', '20', '2.5'], ['1.03', 'Culvert', 'no', '4', '1000']] as const)
      .map(([code, description, unit, quantity, plugRate]): Edit => ({ op: 'add-item', parentId: earthworks, place: 'last', set: { code, description, unit, quantity, plugRate, plugType: 'other' } })))
    return { estimateId: id, earthworks, drainage, items }
  }
}

/** The tree grid as a person sees it. */
export class Grid {
  readonly page: Page
  constructor(page: Page) {
    this.page = page
  }
  get tree() {
    return this.page.getByRole('treegrid', { name: 'Estimate' })
  }
  row(text: string | RegExp) {
    return this.tree.getByRole('row').filter({ hasText: text })
  }
  /** Columns as shown by default: 0 code, 1 description, 2 unit, 3 quantity, 4 rate, 5 cost. */
  cell(text: string | RegExp, column: number) {
    return this.row(text).locator(`[data-column="${column}"]`)
  }
  async open(url: string, estimateId: string) {
    await this.page.goto(`${url}/estimates/${estimateId}`)
    await expect(this.page.getByRole('heading', { level: 1 })).toBeVisible()
  }
  async total() {
    return this.page.getByRole('region', { name: 'Totals' }).getByText('Total cost, excl. GST').locator('..')
  }
}

/** OXFLOW_UI=<folder>: a built UI that stands in for the one inside the binary, so that a change of it needs no build of the program. */
const UI = process.env.OXFLOW_UI && resolve(process.env.OXFLOW_UI)

/** Every context a test opens itself goes through here too, or it shows the binary's own UI. */
export async function withUi(context: BrowserContext): Promise<BrowserContext> {
  if (!UI) return context
  const folder = UI
  await context.route((url) => url.hostname === '127.0.0.1' && !url.pathname.startsWith('/api/'), (route) => {
    const file = join(folder, new URL(route.request().url()).pathname)
    return route.fulfill({ path: file !== folder && existsSync(file) && !file.endsWith('/') ? file : join(folder, 'index.html') })
  })
  return context
}

/** OXFLOW_SLOW=<times>: the page computes that many times slower, to find what only a fast machine gets right. */
const SLOW = Number(process.env.OXFLOW_SLOW ?? 1)

interface Fixtures {
  api: Api
  grid: Grid
}

export const test = base.extend<Fixtures, { server: { current: Server } }>({
  server: [
    async ({}, use) => {
      const holder = { current: await Server.start() }
      await use(holder)
      holder.current.stop()
    },
    { scope: 'worker' },
  ],
  context: async ({ context }, use) => use(await withUi(context)),
  page: async ({ context, page }, use) => {
    if (SLOW > 1) await (await context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: SLOW })
    await use(page)
  },
  api: async ({ context, server }, use) => {
    const api = new Api(context.request, server.current.url)
    await api.signIn('lead-estimator')
    await use(api)
  },
  grid: async ({ page }, use) => use(new Grid(page)),
})
