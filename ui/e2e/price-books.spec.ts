import AxeBuilder from '@axe-core/playwright'
import { randomUUID } from 'node:crypto'
import type { PriceBook, Resource } from '../src/api/types'
import { expect, test } from './fixtures'

const SHOTS = process.env.SHOTS

test('a supplier list is imported, compared, published and applied to an estimate', async ({ api, page, server }) => {
  const mark = randomUUID().slice(0, 6)
  const own = await api.post<Resource>('/resources', { code: `AP65-${mark}`, description: 'Subbase', type: 'material', unit: 't', rate: '30' })
  const { estimateId, items } = await api.schedule(`Books ${mark}`)
  await api.edit(estimateId, [{ op: 'update-item', id: items[0] ?? '', set: { plugRate: null } }, { op: 'add-line', itemId: items[0] ?? '', place: 'last', line: { resourceId: own.id, method: 'fixed', quantity: '10' } }])
  await page.goto(`${server.current.url}/resources?tab=books`)
  await page.getByRole('button', { name: 'New price book' }).click()
  await page.getByLabel('Name', { exact: true }).fill(`Quarry ${mark}`)
  await page.getByLabel('Supplier', { exact: true }).fill('Quarry Ltd')
  await page.getByRole('button', { name: 'Add price book' }).click()
  const book = page.getByRole('region', { name: `Quarry ${mark}` })
  await expect(book.getByText('draft', { exact: true })).toBeVisible()

  await book.getByRole('button', { name: 'Import a price list…' }).click()
  const list = (rate: string) => ({ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(`Code,Description,Unit,Price\r\nAP65-${mark},Subbase,t,${rate}\r\nAP40-${mark},Basecourse,t,42\r\n`) })
  await page.getByLabel('Price list', { exact: true }).setInputFiles(list('POA'))
  await expect(page.getByRole('alert')).toContainText('not a number')
  await expect(page.getByRole('button', { name: /^Take / })).toBeDisabled()
  await page.getByLabel('Price list', { exact: true }).setInputFiles(list('36'))
  await expect(page.getByRole('status').filter({ hasText: '2 new resources' })).toBeVisible()
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/import-rates.png` })
  await page.getByRole('button', { name: 'Take 2 resources' }).click()
  await book.getByRole('button', { name: 'Publish…' }).click()
  await page.getByLabel('Why').fill('First list')
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  await expect(book.getByText('current')).toBeVisible()

  await book.getByRole('button', { name: 'Start version 2' }).click()
  await page.goto(`${server.current.url}/resources?q=${mark}&book=${(await api.get<{ items: PriceBook[] }>('/price-books')).items.find((one) => one.name === `Quarry ${mark}`)?.id ?? ''}`)
  await page.getByRole('button', { name: `Rate of AP65-${mark}: 36. Edit` }).click()
  await page.getByLabel(`Rate of AP65-${mark}`).fill('39.6')
  await page.keyboard.press('Enter')
  await expect(page.getByText('1 resource changed')).toBeVisible()
  await page.getByRole('button', { name: 'Compare' }).click()
  await expect(page.getByRole('dialog')).toContainText('+10')
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/compare.png` })
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Publish…' }).click()
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  await expect(page.getByRole('dialog')).toBeHidden()
  await expect(page.getByText('1 resource changed')).toBeHidden()

  await page.getByRole('button', { name: `Actions of AP40-${mark}` }).click()
  await page.getByRole('menuitem', { name: 'Rates and periods…' }).click()
  await page.getByLabel('GST of rate 1').selectOption('inclusive')
  await page.getByLabel('Figure of rate 1').fill('46')
  await page.getByRole('button', { name: 'Save rates' }).click()
  await expect(page.getByRole('button', { name: `Rates of AP40-${mark}`, exact: true })).toContainText('40.00')
  const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze()
  expect(found.violations).toEqual([])

  await page.goto(`${server.current.url}/estimates/${estimateId}`)
  await expect(page.getByRole('treegrid', { name: 'Estimate' })).toBeVisible()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('reprice')
  await expect(page.getByRole('option').first()).toContainText(/reprice/i)
  await page.keyboard.press('Enter')
  await page.getByLabel('Rates from').selectOption({ label: `Quarry ${mark}, version 3` })
  await expect(page.getByRole('dialog')).toContainText('39.60')
  await page.getByRole('button', { name: 'Reprice 1 line' }).click()
  await expect(page.getByText('1 line repriced')).toBeVisible()
  await page.goto(`${server.current.url}/resources?tab=books`)
  await expect(page.getByRole('navigation', { name: 'Price books' })).toBeVisible()
  if (SHOTS) {
    for (const [width, scheme] of [[1440, 'light'], [1024, 'dark']] as const) {
      await page.setViewportSize({ width, height: 800 })
      await page.emulateMedia({ colorScheme: scheme })
      await page.screenshot({ path: `${SHOTS}/books-${width}-${scheme}.png` })
    }
  }
})
