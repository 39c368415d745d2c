import AxeBuilder from '@axe-core/playwright'
import type { Edit, Tender } from '../src/api/types'
import { type Api, expect, test } from './fixtures'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const DAY_MS = 24 * 3600 * 1000

/** A priced enquiry that closes in ten days: 500.00 on a plug, reviewed. */
async function enquiry(api: Api): Promise<Tender> {
  const { estimateId, items } = await api.schedule('Ohaupo Road culverts')
  await api.edit(estimateId, items.map((id): Edit => ({ op: 'update-item', id, set: { reviewed: true } })))
  const { items: tenders } = await api.get<{ items: Tender[] }>('/tenders?limit=100')
  const tender = tenders.find((one) => one.estimates.some((estimate) => estimate.id === estimateId))
  if (!tender) throw new Error('the tender is not in the register')
  return tender
}

test('one tender walks from enquiry to won and hand-over', async ({ api, page, server }) => {
  test.setTimeout(300_000)
  const tender = await enquiry(api)
  const url = server.current.url
  await page.goto(`${url}/tenders/${tender.id}`)

  await page.getByLabel('Closes').fill(new Date(Date.now() + 10 * DAY_MS).toISOString().slice(0, 16))
  await page.getByRole('button', { name: 'Save details' }).click()
  await page.getByLabel('Reason').fill('A crew is free')
  await page.getByRole('button', { name: 'Go', exact: true }).click()
  await expect(page.getByText('Go: A crew is free')).toBeVisible()
  await page.getByRole('button', { name: 'Set state' }).click()
  await page.getByRole('menuitem', { name: 'Active' }).click()

  await page.getByLabel('Number', { exact: true }).last().fill('NTT 1')
  await page.getByLabel('Date').fill('2026-11-20')
  await page.getByRole('button', { name: 'Add notice' }).click()
  await expect(page.getByLabel('State of notice NTT 1')).toHaveValue('open')

  await page.getByRole('button', { name: /BASE revision 1/ }).click()
  await page.getByRole('menuitem', { name: 'Submission' }).click()
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByLabel('Minutes of the settlement').fill('Margin agreed by both')
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click()
  await expect(page.getByText('Margin agreed by both')).toBeVisible()
  await expect(page.getByText('Notice NTT 1 of 2026-11-20 is open.')).toBeVisible()

  const axe = await new AxeBuilder({ page }).withTags(TAGS).analyze()
  expect(axe.violations).toEqual([])

  await page.getByRole('link', { name: 'Notices' }).click()
  await page.getByLabel('State of notice NTT 1').selectOption('incorporated')
  await page.goBack()
  for (let plug = 0; plug < 3; plug += 1) {
    await page.getByRole('button', { name: 'Accept', exact: true }).first().click()
    await page.getByRole('dialog').getByLabel('Reason').fill('Rates of last month')
    await page.getByRole('dialog').getByRole('button', { name: 'Accept' }).click()
    await expect(page.getByText('Rates of last month')).toHaveCount(plug + 1)
  }
  await page.getByRole('button', { name: 'Submit', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Submit' }).click()
  await expect(page.getByText('This revision is frozen.')).toBeVisible()
  await expect(page.getByRole('link', { name: /\.xlsx$/ })).toBeVisible()

  await page.goto(`${url}/tenders/${tender.id}`)
  await page.getByRole('button', { name: 'Set state' }).click()
  await page.getByRole('menuitem', { name: 'Won' }).click()
  await page.getByRole('button', { name: 'Record as won' }).click()
  await expect(page.getByText('Won at')).toBeVisible()
  await page.getByText('Codes of sections').click()
  await page.getByLabel('Sub-job of section 1', { exact: true }).fill('10.20')
  await page.getByLabel('Activity of section 1', { exact: true }).fill('EARTH')
  await page.getByRole('button', { name: 'Hand over' }).click()
  await expect(page.getByText('Prepared')).toBeVisible()
  const csv = await page.getByRole('link', { name: /\.csv$/ }).getAttribute('href')
  expect(await (await page.request.get(`${url}${csv}`)).text()).toMatch(/10\.20,EARTH/)
  await page.getByRole('button', { name: 'Confirm' }).click()
  await expect(page.getByText('Confirmed')).toBeVisible()
  const after = await new AxeBuilder({ page }).withTags(TAGS).analyze()
  expect(after.violations).toEqual([])
})

test('a new revision is compared with the one it was made from', async ({ api, page, server }) => {
  const { estimateId, items } = await api.schedule('Compared')
  const second = await api.post<{ id: string }>(`/estimates/${estimateId}/revise`)
  await api.edit(second.id, [{ op: 'update-item', id: items[0] ?? '', set: { quantity: '12' } }])
  await page.goto(`${server.current.url}/estimates/${second.id}/compare`)
  const table = page.getByRole('table', { name: 'Items that differ' })
  await expect(table.getByRole('row')).toHaveCount(2)
  await expect(table).toContainText('quantity: 10 → 12')
  await expect(table).toContainText('60.00')
})

test('a large estimate is submitted by a job that shows how far it is', async ({ api, page, server }) => {
  test.setTimeout(300_000)
  const { id, tenderId } = await api.estimate('Large submission')
  const [heading = ''] = await api.edit(id, [{ op: 'add-heading', code: '1', name: 'Everything', place: 'last' }])
  const items = Array.from({ length: 1_100 }, () => crypto.randomUUID())
  const edits = items.map((item, at): Edit[] => [
    { op: 'add-item', id: item, parentId: heading, place: 'last', set: { code: `1.${at + 1}`, description: `Item ${at + 1}`, unit: 'm3', quantity: '10' } },
    { op: 'add-line', itemId: item, line: { description: 'Crew', type: 'labour', unit: 'h', rate: '50', method: 'fixed', quantity: '20' } },
  ]).flat()
  await api.edit(id, edits)
  await api.edit(id, items.map((item): Edit => ({ op: 'update-item', id: item, set: { reviewed: true } })))
  const url = server.current.url
  await page.goto(`${url}/tenders/${tenderId}`)
  await page.getByLabel('Closes').fill(new Date(Date.now() + 10 * DAY_MS).toISOString().slice(0, 16))
  await page.getByRole('button', { name: 'Save details' }).click()
  await page.getByLabel('Reason').fill('A crew is free')
  await page.getByRole('button', { name: 'Go', exact: true }).click()
  await expect(page.getByText('Go: A crew is free')).toBeVisible()
  await page.getByRole('button', { name: 'Set state' }).click()
  await page.getByRole('menuitem', { name: 'Active' }).click()
  await api.post(`/estimates/${id}/approval`, { minutes: 'Settled' })
  await page.goto(`${url}/estimates/${id}/submission`)
  await page.getByRole('button', { name: 'Submit', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Submit' }).click()
  const steps = page.getByRole('region', { name: 'Approval and submission' })
  await expect(steps.getByRole('progressbar')).toBeVisible()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(steps.getByRole('button', { name: 'Submit', exact: true })).toHaveCount(0)
  await expect(page.getByText('This revision is frozen.')).toBeVisible({ timeout: 120_000 })
  await expect(page.getByRole('link', { name: /tender letter\.pdf$/ })).toBeVisible()
  await expect(page.getByRole('status').filter({ hasText: 'Submitted at 1,100,000.00' })).toBeVisible()
})
