import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './fixtures'

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
  if (process.env.SHOTS) {
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.screenshot({ path: `${process.env.SHOTS}/offer-text.png` })
  }
})
