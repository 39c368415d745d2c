import AxeBuilder from '@axe-core/playwright'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Api, expect, test } from './fixtures'
import { Server } from './server'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** Flips the last bit of everything an organisation is restored from. */
function damage(vault: string): void {
  for (const entry of readdirSync(vault, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !(entry.name.endsWith('.seg') || entry.name.startsWith('part-'))) continue
    const path = join(entry.parentPath, entry.name)
    const bytes = readFileSync(path)
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    writeFileSync(path, bytes)
  }
}

test('the demonstration shows its vault, the drill that ran by itself, and one that fails in red', async ({ page }) => {
  test.setTimeout(180_000)
  const data = mkdtempSync(join(tmpdir(), 'oxflow-e2e-'))
  const server = await Server.start('127.0.0.1:0', data, ['--demo', data], { OXFLOW_VAULT_DRILL_INTERVAL: '10s' })
  try {
    await new Api(page.request, server.url).signIn('admin')
    await page.goto(`${server.url}/back-up`)
    const main = page.getByRole('main')
    await expect(main.getByRole('status')).toContainText('Up to date', { timeout: 30_000 })
    await expect(main).toContainText(/restored to change [\d,]+ and compared/, { timeout: 60_000 })
    await expect(main).toContainText('with the public key', { timeout: 30_000 })
    for (const width of [1440, 1024]) {
      await page.setViewportSize({ width, height: 800 })
      const found = await new AxeBuilder({ page }).withTags(TAGS).analyze()
      expect(found.violations).toEqual([])
    }

    const organisation = readdirSync(join(data, 'vault')).find((name) => name !== '_control') ?? ''
    damage(join(data, 'vault', organisation))
    await expect(main.getByRole('status')).toContainText('Drill failed', { timeout: 60_000 })
    await expect(main).toContainText(/(snap|wal)\/.* is damaged/)
    const found = await new AxeBuilder({ page }).withTags(TAGS).analyze()
    expect(found.violations).toEqual([])
    await page.screenshot({ path: test.info().outputPath('failed.png') })
  } finally {
    server.stop()
  }
})
