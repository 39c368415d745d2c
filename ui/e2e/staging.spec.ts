import AxeBuilder from '@axe-core/playwright'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Api, expect, test } from './fixtures'
import { Server } from './server'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const DEMO = resolve('../snapshots/demo.oxsnap')

test('a server started from a masked copy says so on every screen, and shows invented names', async ({ page }) => {
  test.setTimeout(120_000)
  const data = mkdtempSync(join(tmpdir(), 'oxflow-e2e-'))
  const server = await Server.start('127.0.0.1:0', data, ['--auth', 'development', '--from-snapshot', DEMO, '--data', data])
  try {
    await new Api(page.request, server.url).signIn('admin')
    const banner = page.getByRole('status').filter({ hasText: 'Staging: names and prices are invented.' })
    for (const path of ['/tenders', '/companies', '/back-up', '/settings']) {
      await page.goto(server.url + path)
      await expect(banner).toBeVisible()
      await expect(banner).toContainText('Nothing is sent outside.')
      await expect(banner).not.toContainText('contains originals')
    }

    await page.goto(`${server.url}/companies`)
    await expect(page.getByRole('main')).toContainText(/(Supplier|Client) [A-Z]/)
    await expect(page.getByRole('main')).not.toContainText(/Hauraki|Waihou/)

    await page.goto(`${server.url}/tenders`)
    await expect(page.getByRole('main')).toContainText(/(Supplier|Client) [A-Z]/)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      for (const width of [1440, 1024]) {
        await page.setViewportSize({ width, height: 800 })
        // It takes one line, above everything else, and nothing of the page is pushed out of sight.
        const box = await banner.boundingBox()
        expect(box?.y).toBe(0)
        expect(box?.height).toBeLessThan(32)
        expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThanOrEqual(800)
        const found = await new AxeBuilder({ page }).withTags(TAGS).analyze()
        expect(found.violations).toEqual([])
        await page.screenshot({ path: test.info().outputPath(`staging-${colorScheme}-${width}.png`) })
      }
    }
  } finally {
    server.stop()
  }
})
