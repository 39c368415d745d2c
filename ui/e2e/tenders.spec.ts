import { randomUUID } from 'node:crypto'
import AxeBuilder from '@axe-core/playwright'
import type { Company, Tender } from '../src/api/types'
import { expect, test } from './fixtures'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const DAY_MS = 24 * 3_600_000

test('the register shows what a tender is worth, and the board adds it up by stage', async ({ api, page, server }) => {
  await api.get('/session')
  await page.goto(`${server.current.url}/tenders`)
  const row = page.getByRole('row').filter({ hasText: 'Waihou Road rehabilitation' })
  await expect(row).toContainText('491,469.78')
  await page.getByRole('button', { name: 'Board' }).click()
  await expect(page).toHaveURL(/view=board/)
  const active = page.getByRole('region', { name: 'Active' })
  await expect(active.getByRole('listitem').filter({ hasText: 'Waihou Road' })).toContainText('491,470')
  await page.getByRole('button', { name: 'Register' }).click()
  await expect(row).toBeVisible()
})

test('filters and order make a view that is kept under a name', async ({ api, page, server }) => {
  const mark = randomUUID().slice(0, 6)
  const closes = new Date(Date.now() + 3 * DAY_MS).toISOString()
  await api.post<Tender>('/tenders', { number: `A-${mark}`, name: `Bridge ${mark}`, closingAt: closes, probabilityPct: 35 })
  await api.post<Tender>('/tenders', { number: `B-${mark}`, name: `Culvert ${mark}`, probabilityPct: 80 })
  await page.goto(`${server.current.url}/tenders?q=${mark}`)
  await expect(page.getByRole('row')).toHaveCount(3)
  await expect(page.getByRole('row').filter({ hasText: `A-${mark}` })).toContainText(/[23] days left/)
  await page.getByRole('button', { name: 'Chance' }).click()
  await page.getByRole('button', { name: 'Chance' }).click()
  await expect(page.getByRole('row').nth(1)).toContainText('80%')
  await page.getByLabel('Closing time').selectOption('week')
  await expect(page.getByRole('row')).toHaveCount(2)

  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('menuitem', { name: 'Save this view…' }).click()
  await page.getByLabel('Name', { exact: true }).fill(`Mine ${mark}`)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('button', { name: `Mine ${mark}` })).toBeVisible()
  await page.getByRole('button', { name: 'Clear' }).click()
  await expect(page.getByRole('row')).not.toHaveCount(2)
  await page.reload()
  await page.getByRole('button', { name: /Views|Every tender/ }).click()
  await page.getByRole('menuitem', { name: `Mine ${mark}` }).click()
  await expect(page.getByRole('row')).toHaveCount(2)
  await expect(page.getByRole('row').nth(1)).toContainText(`A-${mark}`)
})

test('a tender is made from an old one, from the board', async ({ api, page, server }) => {
  await api.get('/session')
  const number = `C-${randomUUID().slice(0, 6)}`
  await page.goto(`${server.current.url}/tenders?view=board`)
  await page.getByRole('listitem').filter({ hasText: 'Waihou Road rehabilitation' }).getByRole('button', { name: /^Actions of/ }).click()
  await page.getByRole('menuitem', { name: 'Duplicate…' }).click()
  await page.getByLabel('Number of the new tender').fill(number)
  await page.getByRole('button', { name: 'Duplicate', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText(number)
  await page.goto(`${server.current.url}/tenders?view=board&q=${number}`)
  await expect(page.getByRole('region', { name: 'Enquiry' }).getByRole('listitem').filter({ hasText: number })).toContainText('491,470')
})

for (const scheme of ['light', 'dark'] as const) {
  test(`register, board and rules meet WCAG 2.2 AA in the ${scheme} theme`, async ({ api, page, server }) => {
    await api.get('/session')
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    for (const [path, there] of [['/tenders', 'Waihou Road'], ['/tenders?view=board', 'Waihou Road'], ['/rules#BR-034', 'Production and efficiency']] as const) {
      await page.goto(`${server.current.url}${path}`)
      await expect(page.getByText(there).first()).toBeVisible()
      const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).slice(0, 3).join('; ')}`), path).toEqual([])
      await page.setViewportSize({ width: 1024, height: 800 })
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0)
      if (process.env.LOOK) await page.screenshot({ path: `/tmp/look-${path.replaceAll(/\W+/g, '-')}-${scheme}-1024.png` })
      await page.setViewportSize({ width: 1440, height: 900 })
      if (process.env.LOOK) await page.screenshot({ path: `/tmp/look-${path.replaceAll(/\W+/g, '-')}-${scheme}-1440.png` })
    }
  })
}

test('a refused edit leads to its rule', async ({ api, grid, page, server }) => {
  const { estimateId } = await api.schedule('To the rule')
  await grid.open(server.current.url, estimateId)
  await grid.cell('Strip topsoil', 3).click()
  await page.keyboard.type('0')
  await page.keyboard.press('Enter')
  const refusal = page.getByRole('alert').filter({ hasText: 'Refused' })
  await refusal.getByRole('link', { name: 'BR-020' }).click()
  await expect(page).toHaveURL(/rules#BR-020/)
  await expect(page.locator('#BR-020')).toHaveAttribute('aria-current', 'true')
})

test('a client from the register, a closing time moved by a notice, and why it ended', async ({ api, context, page, server }) => {
  const mark = randomUUID().slice(0, 6)
  const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString()
  const company = await api.post<Company>('/companies', { name: `Taumata Council ${mark}`, roles: { client: true, supplier: false, subcontractor: false } })
  const tender = await api.post<Tender>('/tenders', { number: `N-${mark}`, name: `Weir ${mark}`, closingAt: inDays(10) })
  const { id } = tender
  await page.goto(`${server.current.url}/tenders/${id}`)
  await page.getByRole('combobox', { name: 'Client' }).fill(`taumata ${mark}`)
  await page.getByRole('option', { name: company.name }).click()
  await expect(page.getByText('A company of the register')).toBeVisible()
  await page.getByRole('button', { name: 'Save details' }).click()
  // The button rests while the answer is on its way as well.
  await expect(page.getByText('Details saved')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Save details' })).toBeDisabled()
  const linked = await api.get<Tender>(`/tenders/${id}`)
  expect([linked.clientId, linked.clientName]).toEqual([company.id, company.name])

  const send = async (method: 'put' | 'patch', path: string, data: object) => {
    const answer = await context.request[method](`${server.current.url}/api/v1/tenders/${id}${path}`, { data })
    expect(answer.ok(), await answer.text()).toBe(true)
    return (await answer.json()) as Tender
  }
  const decided = await send('put', '/decision', { version: linked.version, go: true, reason: 'Close to the yard' })
  await send('patch', '', { version: decided.version, state: 'active' })
  await page.reload()
  await page.getByLabel('Number', { exact: true }).last().fill('NTT 4')
  await page.getByLabel('Date').fill('2026-11-20')
  await page.getByRole('button', { name: 'Add notice' }).click()
  await expect(page.getByLabel('State of notice NTT 4')).toBeVisible()
  await page.getByLabel('Closes').fill(inDays(17).slice(0, 16))
  await page.getByRole('button', { name: 'Save details' }).click()
  await expect(page.getByText(/Name the notice to tenderers/)).toBeVisible()
  await page.getByLabel('Notice that moves the closing time').selectOption('NTT 4')
  await page.getByRole('button', { name: 'Save details' }).click()
  await expect(page.getByText('moved by notice NTT 4')).toBeVisible()

  const moved = await api.get<Tender>(`/tenders/${id}`)
  await send('patch', '', { version: moved.version, state: 'withdrawn', outcome: { reason: 'capacity', winningPrice: 'unknown' } })
  await page.goto(`${server.current.url}/tenders?q=${mark}`)
  await expect(page.getByRole('row').filter({ hasText: `Weir ${mark}` })).toContainText('No capacity')
})
