import AxeBuilder from '@axe-core/playwright'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
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
    await expect(main.getByRole('status').first()).toContainText('Up to date', { timeout: 30_000 })
    await expect(main).toContainText(/restored to change [\d,]+ and compared/, { timeout: 60_000 })
    await expect(main).toContainText('with the public key', { timeout: 30_000 })
    for (const width of [1440, 1024]) {
      await page.setViewportSize({ width, height: 800 })
      const found = await new AxeBuilder({ page }).withTags(TAGS).analyze()
      expect(found.violations).toEqual([])
    }

    const organisation = readdirSync(join(data, 'vault')).find((name) => name !== '_control') ?? ''
    damage(join(data, 'vault', organisation))
    await expect(main.getByRole('status').first()).toContainText('Drill failed', { timeout: 60_000 })
    await expect(main).toContainText(/(snap|wal)\/.* is damaged/)
    const found = await new AxeBuilder({ page }).withTags(TAGS).analyze()
    expect(found.violations).toEqual([])
    await page.screenshot({ path: test.info().outputPath('failed.png') })
  } finally {
    server.stop()
  }
})

test('an Admin takes a snapshot, runs a drill, and takes the organisation away masked and as it was', async ({ page }) => {
  test.setTimeout(180_000)
  const data = mkdtempSync(join(tmpdir(), 'oxflow-e2e-'))
  const server = await Server.start('127.0.0.1:0', data, ['--demo', data], { OXFLOW_VAULT_DRILL_INTERVAL: 'never' })
  try {
    const api = new Api(page.request, server.url)
    await api.signIn('admin')
    await page.goto(`${server.url}/back-up`)
    const main = page.getByRole('main')
    await expect(main.getByRole('status').first()).toContainText('Up to date', { timeout: 30_000 })

    await page.getByRole('button', { name: 'Run a restore drill' }).click()
    await expect(main).toContainText(/restored to change [\d,]+ and compared/, { timeout: 60_000 })
    await api.estimate('One more')
    const take = page.getByRole('button', { name: 'Take a snapshot' })
    await expect(take).not.toHaveAttribute('title', 'Nothing changed since the last snapshot')
    await take.click()
    await expect(take).toHaveAttribute('title', 'Nothing changed since the last snapshot', { timeout: 60_000 })
    await expect(take).toBeDisabled()
    const kept = main.getByRole('table', { name: 'Snapshots in the vault' })
    await expect(kept.getByRole('button', { name: /^Use the moment of change/ }).first()).toBeVisible({ timeout: 60_000 })

    const masked = page.waitForEvent('download')
    await main.getByRole('button', { name: 'Make the file' }).click()
    expect((await masked).suggestedFilename()).toMatch(/^staging-\d+T\d+Z\.oxsnap$/)
    await expect(main.getByRole('table', { name: 'Snapshots made' })).toContainText('nothing of the original found')
    await expect(main).toContainText('oxflow serve --from-snapshot staging-')

    // The moment of a snapshot, with its real names: the file is what the server can be brought back from.
    await kept.getByRole('button', { name: /^Use the moment of change/ }).first().click()
    await main.getByLabel('Mask names and prices').uncheck()
    await expect(main).toContainText('The file will hold real names and prices')
    const plain = page.waitForEvent('download')
    await main.getByRole('button', { name: 'Make the file' }).click()
    const file = await (await plain).path()
    const inspected = execFileSync(resolve(process.env.OXFLOW_BIN ?? '../target/debug/oxflow'), ['snapshot', 'inspect', file], { encoding: 'utf8' })
    expect(inspected).toContain('not masked: it holds real names and prices')
    await expect(main).toContainText('oxflow restore --from ')
    for (const width of [1440, 1024]) {
      await page.setViewportSize({ width, height: 800 })
      const found = await new AxeBuilder({ page }).withTags(TAGS).analyze()
      expect(found.violations).toEqual([])
    }

    // A moment that is still to come is refused where it stands.
    await main.getByLabel('As it was at').fill('2099-01-01T00:00')
    await main.getByRole('button', { name: 'Make the file' }).click()
    await expect(main).toContainText('This moment is still to come.')
  } finally {
    server.stop()
  }
})
