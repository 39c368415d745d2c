import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { randomUUID } from 'node:crypto'
import { Grid, expect, test } from './fixtures'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']

const shot = async (page: Page, name: string) => {
  if (!process.env.SHOTS) return
  for (const [width, height] of [[1440, 900], [1024, 768]] as const) {
    for (const scheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height })
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
      await page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null))))
      await page.screenshot({ path: `${process.env.SHOTS}/${name}-${width}-${scheme}.png` })
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.emulateMedia({ colorScheme: 'light' })
}

test('a warning is dismissed with a reason by keyboard, and listed again', async ({ api, page, server }) => {
  const { estimateId, earthworks } = await api.schedule('Warned')
  await api.edit(estimateId, [{ op: 'add-item', parentId: earthworks, place: 'last', set: { code: '1.04', description: 'Ours', unit: 'm3', quantity: '1', type: 'normal', plugRate: '5', plugType: 'other' } }])
  await page.goto(`${server.current.url}/estimates/${estimateId}`)
  await new Grid(page).row('1.04').first().waitFor()
  await page.keyboard.press('F8')
  const checks = page.getByRole('region', { name: 'Checks' })
  const dismiss = checks.getByRole('button', { name: /^Dismiss: 1\.04 is an internal item/ })
  await dismiss.focus()
  await shot(page, 'checks')
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: 'Why it is fine' }).fill('Carried by 1.01')
  await page.keyboard.press('Tab')
  await page.getByRole('dialog').getByRole('button', { name: 'Dismiss' }).focus()
  await page.keyboard.press('Enter')
  await expect(dismiss).toHaveCount(0)
  const dismissed = checks.getByRole('region', { name: 'Dismissed' })
  await dismissed.getByRole('button', { name: 'Dismissed · 1' }).focus()
  await page.keyboard.press('Enter')
  await expect(dismissed).toContainText('Carried by 1.01')
  await shot(page, 'checks-dismissed')
  expect((await new AxeBuilder({ page }).withTags(TAGS).analyze()).violations).toEqual([])
  await dismissed.getByRole('button', { name: /^List again: 1\.04/ }).focus()
  await page.keyboard.press('Enter')
  await expect(dismiss).toBeVisible()
  await expect(dismissed).toHaveCount(0)
})

test('an Admin defines a kind of text, and an estimate offers it', async ({ api, page, server }) => {
  const mark = randomUUID().slice(0, 6)
  const { estimateId } = await api.schedule('Own text')
  await api.signIn('admin')
  await page.goto(`${server.current.url}/offer-texts`)
  await page.getByRole('button', { name: 'New kind of text' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Title').fill(`Programme notes ${mark}`)
  await dialog.getByRole('checkbox', { name: 'Print it in documents for the client' }).check()
  await shot(page, 'offer-texts-new')
  expect((await new AxeBuilder({ page }).withTags(TAGS).analyze()).violations).toEqual([])
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(page.getByRole('row', { name: new RegExp(mark) })).toContainText('in client documents')
  await shot(page, 'offer-texts')
  expect((await new AxeBuilder({ page }).withTags(TAGS).analyze()).violations).toEqual([])

  await page.goto(`${server.current.url}/estimates/${estimateId}/content`)
  const own = page.getByRole('region', { name: `Programme notes ${mark}` })
  await own.getByRole('button', { name: `Add to Programme notes ${mark}` }).click()
  await page.getByRole('textbox', { name: `New clause of Programme notes ${mark}` }).fill('Nights are assumed.')
  await page.keyboard.press('Control+Enter')
  await expect(own.getByRole('listitem')).toContainText('Nights are assumed.')

  // Archived: what was written stays, and nothing is added.
  await page.goto(`${server.current.url}/offer-texts`)
  await page.getByRole('button', { name: `Archive Programme notes ${mark}` }).click()
  await expect(page.getByRole('row', { name: new RegExp(mark) })).toContainText('Archived')
  await page.goto(`${server.current.url}/estimates/${estimateId}/content`)
  await expect(own.getByRole('listitem')).toContainText('Nights are assumed.')
  await expect(own.getByRole('button', { name: /^Add to/ })).toHaveCount(0)
})

test('the grid is narrowed by category, and cost and price are summed by it', async ({ api, page, server }) => {
  const mark = randomUUID().slice(0, 6)
  const { estimateId, items } = await api.schedule('By work type')
  await api.post('/categorisations', {
    name: `Work type ${mark}`, appliesTo: { tenders: false, resources: false, items: true, companies: false }, options: [{ name: 'Earthworks' }, { name: 'Structures' }],
  })
  await page.goto(`${server.current.url}/estimates/${estimateId}`)
  const grid = new Grid(page)
  await grid.row('1.03').first().click()
  const details = page.getByRole('region', { name: 'Details of the item' })
  await details.getByRole('button', { name: /^Details/ }).click()
  await details.getByLabel(`Work type ${mark}`).selectOption('Structures')
  await expect(details.getByLabel(`Work type ${mark}`)).not.toHaveValue('')
  await page.keyboard.press('Control+Shift+L')
  const filter = page.getByRole('search', { name: 'Filter by category' })
  await filter.getByLabel(`Work type ${mark}`).selectOption('Earthworks')
  await expect(filter.getByRole('status')).toHaveText('No item carries this')
  await expect(grid.row('1.03')).toHaveCount(0)
  await filter.getByLabel(`Work type ${mark}`).selectOption('Structures')
  await expect(grid.row('1.03')).toBeVisible()
  await expect(grid.row('Earthworks')).toBeVisible()
  await expect(grid.row('1.01')).toHaveCount(0)
  await expect(filter.getByRole('status')).toHaveText('2 rows, headings among them')
  await shot(page, 'category-filter')
  expect((await new AxeBuilder({ page }).withTags(TAGS).analyze()).violations).toEqual([])
  // A new row carries nothing: all rows show again before it comes.
  await grid.row('1.03').first().click()
  await page.keyboard.press('Control+Enter')
  await expect(grid.row('1.01')).toBeVisible()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+z')

  await page.getByRole('link', { name: 'By category' }).click()
  await page.getByLabel('By', { exact: true }).selectOption(`Work type ${mark}`)
  const table = page.getByRole('table', { name: `Cost and price by Work type ${mark}` })
  await expect(table.getByRole('row', { name: /^Structures/ })).toContainText('4,000.00')
  await expect(table.getByRole('row', { name: /^None/ })).toContainText('100.00')
  await expect(table.getByRole('row', { name: /^Estimate/ })).toContainText('4,100.00')
  await shot(page, 'by-category')
  expect((await new AxeBuilder({ page }).withTags(TAGS).analyze()).violations).toEqual([])
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export' }).click()
  await page.getByRole('menuitem', { name: 'Comma-separated text (.csv)' }).click()
  expect((await saved).suggestedFilename()).toMatch(/\.csv$/)
  expect(items).toHaveLength(3)

  // Several rows get one together.
  await page.getByRole('link', { name: 'Estimate', exact: true }).last().click()
  await grid.row('1.01').first().click()
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Control+e')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(`Work type ${mark}`).selectOption('Earthworks')
  await dialog.getByRole('button', { name: 'Change 2 rows' }).click()
  await expect(dialog).toHaveCount(0)
  const told = page.getByRole('status').filter({ hasText: 'Categories of 2 rows set' })
  await expect(told).toBeVisible()
  await page.getByRole('link', { name: 'By category' }).click()
  await page.getByLabel('By', { exact: true }).selectOption(`Work type ${mark}`)
  await expect(table.getByRole('row', { name: /^Earthworks/ })).toContainText('100.00')
  // What was told takes them back.
  await told.getByRole('button', { name: 'Undo' }).click()
  await expect(table.getByRole('row', { name: /^Earthworks/ })).not.toContainText('100.00')
  await expect(table.getByRole('row', { name: /^None/ })).toContainText('100.00')
})
