import AxeBuilder from '@axe-core/playwright'
import { readFile } from 'node:fs/promises'
import { expect, test } from './fixtures'

test('documents of an estimate are saved from its menu', async ({ api, page, server }) => {
  const { estimateId } = await api.schedule('Documents')
  await page.goto(`${server.current.url}/estimates/${estimateId}`)
  await page.getByRole('button', { name: 'Documents' }).click()
  await page.getByRole('menuitem', { name: 'Schedule of prices' }).press('ArrowRight')
  const found = await new AxeBuilder({ page }).include('[role="menu"]').withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze()
  expect(found.violations).toEqual([])
  const saved = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'PDF' }).click()
  const file = await saved
  expect(file.suggestedFilename()).toContain('schedule of prices.pdf')
  expect((await readFile(await file.path())).subarray(0, 5).toString()).toBe('%PDF-')
})
