import AxeBuilder from '@axe-core/playwright'
import { readFile } from 'node:fs/promises'
import type { Edit } from '../src/api/types'
import { type Api, expect, test } from './fixtures'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
/** More rows than a document is set with at once. */
const ITEMS = 1_100

async function large(api: Api, name: string): Promise<string> {
  const { id } = await api.estimate(name)
  const [heading = ''] = await api.edit(id, [{ op: 'add-heading', code: '1', name: 'Everything', place: 'last' }])
  const items = Array.from({ length: ITEMS }, (_, at): Edit => ({
    op: 'add-item', parentId: heading, place: 'last', set: { code: `1.${at + 1}`, description: `Item ${at + 1}`, unit: 'm3', quantity: '2', plugRate: '1.5', plugType: 'other' },
  }))
  await api.edit(id, items)
  return id
}

test('a large schedule is made by a job with a progress bar, and saved when it is there', async ({ api, page, server }) => {
  test.setTimeout(180_000)
  const estimateId = await large(api, 'Large schedule')
  await page.goto(`${server.current.url}/estimates/${estimateId}`)
  await page.getByRole('button', { name: 'Documents' }).click()
  await page.getByRole('menuitem', { name: 'Schedule of prices' }).press('ArrowRight')
  const saved = page.waitForEvent('download', { timeout: 120_000 })
  await page.getByRole('menuitem', { name: 'PDF' }).click()
  const bar = page.getByRole('region', { name: 'A file is being made' }).getByRole('progressbar')
  // Which stage it is at is asked for now and then: a fast machine is through before the second question.
  await expect(bar).toBeVisible()
  const file = await saved
  expect(file.suggestedFilename()).toContain('schedule of prices.pdf')
  expect((await readFile(await file.path())).subarray(0, 5).toString()).toBe('%PDF-')
  await expect(page.getByRole('status').filter({ hasText: 'is ready' })).toBeVisible()

  await page.getByRole('link', { name: 'Jobs' }).click()
  const row = page.getByRole('row').filter({ hasText: 'schedule of prices.pdf' }).first()
  await expect(row).toContainText('Done')
  await expect(row).toContainText('Kept for another 6 days')
  const again = page.waitForEvent('download')
  await row.getByRole('button', { name: /^Download/ }).press('Enter')
  expect((await again).suggestedFilename()).toContain('schedule of prices.pdf')
})

test('whoever went elsewhere is told that a job has ended, with its file', async ({ api, page, server }) => {
  test.setTimeout(180_000)
  const estimateId = await large(api, 'Told elsewhere')
  await page.goto(`${server.current.url}/tenders`)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.waitForLoadState('networkidle')
  await api.post(`/estimates/${estimateId}/documents/client-schedule`, {})
  const notice = page.getByRole('status').filter({ hasText: 'schedule of prices.pdf is ready' })
  await expect(notice).toBeVisible({ timeout: 120_000 })
  const saved = page.waitForEvent('download')
  await notice.getByRole('button', { name: 'Download' }).click()
  expect((await saved).suggestedFilename()).toContain('schedule of prices.pdf')
})

test('many estimates are repriced from a list, and recalculated', async ({ api, page, server }) => {
  const book = await api.post<{ id: string; version: number }>('/resources', { code: `MAT-${Date.now()}`, description: 'Fill', type: 'material', unit: 'm3', rate: '5' })
  const estimates = await Promise.all(['Batch one', 'Batch two'].map(async (name) => {
    const made = await api.schedule(name)
    const [item = ''] = await api.edit(made.estimateId, [{ op: 'add-item', parentId: made.drainage, place: 'last', set: { code: '2.01', description: 'Fill', unit: 'm3', quantity: '10' } }])
    await api.post(`/estimates/${made.estimateId}/items/${item}/worksheet/lines`, { line: { method: 'usage', resourceId: book.id, usage: '1' } })
    return made.estimateId
  }))
  const resource = await api.get<{ version: number }>(`/resources/${book.id}`)
  await page.request.patch(`${server.current.url}/api/v1/resources/${book.id}`, { data: { version: resource.version, rate: '6' } })

  await page.goto(`${server.current.url}/jobs`)
  await page.getByRole('button', { name: 'Reprice estimates…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Reprice estimates' })
  await expect(dialog.getByRole('checkbox', { name: /Batch one/ })).toBeChecked()
  await dialog.getByRole('button', { name: 'List what changes' }).click()
  const listed = page.getByRole('row').filter({ hasText: 'List repricing of' }).first()
  await expect(listed).toContainText('2 would change', { timeout: 30_000 })
  await listed.getByRole('button', { name: /^Details/ }).click()
  const drawer = page.getByRole('dialog')
  await expect(drawer.getByRole('row').filter({ hasText: 'Would change' })).toHaveCount(2)
  const { violations } = await new AxeBuilder({ page }).include('[role="dialog"]').withTags(TAGS).analyze()
  expect(violations).toEqual([])
  await drawer.getByRole('button', { name: 'Reprice 2 estimates' }).click()
  const repriced = page.getByRole('row').filter({ hasText: 'Reprice 2 estimates' })
  await expect(repriced).toContainText('2 repriced', { timeout: 30_000 })
  for (const id of estimates) expect((await api.get<{ totals: { total: string } }>(`/estimates/${id}`)).totals.total).toBe('4160.00')

  await page.getByRole('button', { name: 'Recalculate…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Recalculate' }).click()
  await expect(page.getByRole('row').filter({ hasText: 'agree to the cent' }).first()).toBeVisible({ timeout: 30_000 })
})

test('what failed says why and is tried again; what waits is cancelled', async ({ api, page, server }) => {
  test.setTimeout(180_000)
  const estimateId = await large(api, 'Refused and cancelled')
  await api.post(`/estimates/${estimateId}/documents/client-schedule`, { unmarked: true })
  await page.goto(`${server.current.url}/jobs`)
  const failed = page.getByRole('row').filter({ hasText: 'carry the mark' }).first()
  await expect(failed).toContainText('Failed', { timeout: 60_000 })
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze()
  expect(violations).toEqual([])
  const ended = async () => {
    const { items } = await api.get<{ items: { state: string; endedAt?: string }[] }>('/jobs')
    return items.find((job) => job.state === 'failed')?.endedAt
  }
  const before = await ended()
  expect(before).toBeDefined()
  await failed.getByRole('button', { name: /^Try/ }).click()
  await expect.poll(async () => { const now = await ended(); return now !== undefined && now !== before }, { timeout: 60_000 }).toBe(true)
  await expect(page.getByRole('row').filter({ hasText: 'carry the mark' }).first()).toContainText('Failed', { timeout: 60_000 })
  // A fast machine may have made it before it is cancelled: then there is another.
  const active = page.getByRole('list').getByRole('listitem').filter({ has: page.getByRole('progressbar') })
  await expect(async () => {
    for (let job = 0; job < 3; job++) await api.post(`/estimates/${estimateId}/documents/client-schedule`, {})
    await active.last().getByRole('button', { name: /^Cancel/ }).click({ timeout: 15_000 })
    await expect(page.getByRole('row').filter({ hasText: 'Cancelled' }).first()).toBeVisible({ timeout: 15_000 })
  }).toPass({ timeout: 120_000 })
})
