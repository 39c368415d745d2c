import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './fixtures'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

for (const theme of ['light', 'dark'] as const) {
  test(`the screens meet WCAG 2.2 AA in the ${theme} theme`, async ({ api, grid, page, server }) => {
    test.setTimeout(300_000)
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    const { estimateId } = await api.schedule(`Accessible ${theme}`)
    const check = async (where: string) => {
      const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).slice(0, 3).join('; ')}`), where).toEqual([])
    }
    await grid.open(server.current.url, estimateId)
    await grid.cell('Strip topsoil', 1).click()
    await expect(page.getByRole('region', { name: 'Details of the item' })).toBeVisible()
    await check('the estimate')
    await page.getByRole('tab', { name: /Checks/ }).click()
    await check('the checks')
    await page.keyboard.press('Control+k')
    await expect(page.getByRole('dialog')).toBeVisible()
    await check('the palette')
    await page.keyboard.press('Escape')
    for (const path of ['/tenders', '/resources', '/recipes', '/companies', '/jobs', '/rules', '/categories', '/audit', `/estimates/${estimateId}/import`]) {
      await page.goto(`${server.current.url}${path}`)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await page.waitForLoadState('networkidle')
      await check(path)
    }
  })
}
