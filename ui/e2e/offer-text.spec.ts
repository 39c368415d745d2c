import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { Grid, expect, test } from './fixtures'

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


test('inclusions and exclusions are written, ordered, taken back, and stay', async ({ api, page, server }) => {
  const { estimateId } = await api.schedule('Offer text')
  await page.goto(`${server.current.url}/estimates/${estimateId}`)
  await page.getByRole('link', { name: 'Offer text', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Offer text' })).toBeVisible()
  const exclusions = page.getByRole('region', { name: 'Exclusions' })
  for (const clause of ['Rock excavation.', 'Consent fees and\nreserve contributions.']) {
    await exclusions.getByRole('button', { name: 'Add to Exclusions' }).click()
    await page.getByRole('textbox', { name: 'New clause of Exclusions' }).fill(clause)
    await page.keyboard.press('Control+Enter')
    await expect(exclusions.getByRole('listitem').filter({ hasText: clause.slice(0, 12) })).toBeVisible()
  }
  await exclusions.getByRole('button', { name: 'Move Exclusions 2 up' }).click()
  await expect(exclusions.getByRole('listitem').first()).toContainText('Consent fees')
  await exclusions.getByRole('button', { name: 'Edit Exclusions 2' }).click()
  await page.getByRole('textbox', { name: 'Exclusions 2' }).fill('Rock, beyond 20 m3.')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(exclusions.getByRole('listitem').last()).toContainText('Rock, beyond 20 m3.')
  await exclusions.getByRole('button', { name: 'Delete Exclusions 1' }).click()
  await expect(exclusions.getByRole('listitem')).toHaveCount(1)
  await page.keyboard.press('Control+z')
  await expect(exclusions.getByRole('listitem')).toHaveCount(2)
  await page.reload()
  await expect(exclusions.getByRole('listitem').first()).toContainText('Consent fees')
  const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze()
  expect(found.violations).toEqual([])
  await shot(page, 'offer-text')
})

test('text is attached to an item by keyboard, listed with a link to it, and kept from the client where it is internal', async ({ api, page, server }) => {
  const { estimateId } = await api.schedule('Item text')
  await page.goto(`${server.current.url}/estimates/${estimateId}`)
  await new Grid(page).row('1.01').first().click()
  const texts = page.getByRole('region', { name: 'Texts' })
  const add = texts.getByRole('button', { name: '+ Text' })
  await expect(add).toBeEnabled()
  await add.press('Enter')
  await page.getByRole('textbox', { name: 'New text' }).fill('Strip from the north end.')
  await page.keyboard.press('Control+Enter')
  await expect(texts.getByRole('group', { name: 'Task breakdown' })).toContainText('Strip from the north end.')
  await texts.getByRole('button', { name: '+ Text' }).click()
  await texts.getByRole('combobox', { name: 'Kind' }).selectOption({ label: 'Exclusions (in client documents)' })
  await page.getByRole('textbox', { name: 'New text' }).fill('Rock.')
  await page.keyboard.press('Control+Enter')
  await expect(texts.getByRole('group', { name: 'Exclusions' })).toContainText('Rock.')
  await expect(texts.getByRole('button', { name: 'Texts · 2' })).toBeVisible()
  await shot(page, 'item-texts')
  const found = await new AxeBuilder({ page }).include('section[aria-label="Texts"]').withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze()
  expect(found.violations).toEqual([])
  await page.getByRole('link', { name: 'Offer text', exact: true }).click()
  const exclusions = page.getByRole('region', { name: 'Exclusions' })
  await expect(exclusions.getByRole('listitem')).toContainText('Rock.')
  await shot(page, 'offer-item-texts')
  await exclusions.getByRole('link', { name: /^1\.01/ }).click()
  await expect(page.getByRole('region', { name: 'Texts' })).toContainText('Rock.')
})

test('resources that no line ever used are listed by themselves', async ({ api, page, server }) => {
  const { estimateId, items } = await api.schedule('Some used')
  const used = await api.post<{ id: string }>('/resources', { code: 'USED-1', description: 'Used', type: 'other', unit: 'ea', rate: '1' })
  await api.edit(estimateId, [{ op: 'update-item', id: items[0] ?? '', set: { plugRate: null } }, { op: 'add-line', itemId: items[0] ?? '', line: { resourceId: used.id, method: 'fixed', quantity: '1' } }])
  await api.post('/resources', { code: 'SPARE-1', description: 'Never used', type: 'other', unit: 'ea', rate: '1' })
  await page.goto(`${server.current.url}/resources`)
  const cell = (code: string) => page.getByRole('cell', { name: code, exact: true })
  await expect(cell('USED-1')).toBeVisible()
  await page.getByRole('combobox', { name: 'State' }).selectOption('unused')
  await expect(cell('USED-1')).toHaveCount(0)
  await expect(cell('SPARE-1')).toBeVisible()
})
