import AxeBuilder from '@axe-core/playwright'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from './fixtures'
import { Server } from './server'

/** The OpenID provider of the tests, and an oxFlow that signs in with it. */
class Site {
  readonly server: Server
  private readonly provider: ChildProcess

  private constructor(server: Server, provider: ChildProcess) {
    this.server = server
    this.provider = provider
  }

  static async start(): Promise<Site> {
    const tools = resolve('../.tools')
    const version = readdirSync(tools).find((name) => name.startsWith('oidc-provider-'))
    if (!version) throw new Error('no oidc-provider: .ci/tools oidc')
    const provider = spawn('node', [resolve('../tests/oidc/provider.mjs'), join(tools, version, 'node_modules/oidc-provider/lib/index.js')], { stdio: ['pipe', 'pipe', 'ignore'] })
    const issuer = await new Promise<string>((found) => provider.stdout.on('data', (chunk: Buffer) => {
      const url = /http:\/\/[\d.:]+/.exec(chunk.toString())?.[0]
      if (url) found(url)
    }))
    const data = mkdtempSync(join(tmpdir(), 'oxflow-e2e-'))
    writeFileSync(join(data, 'client-secret'), 'test-secret-test-secret-test-secret-0')
    writeFileSync(join(data, 'oxflow.toml'), `[auth]\nmode = "oidc"\n[[auth.providers]]\nid = "test"\nname = "Kahikatea"\nissuer = "${issuer}"\nclient_id = "oxflow"\nclient_secret_file = "client-secret"\n`)
    const server = await Server.start('127.0.0.1:0', data, ['--data', data])
    const people = {
      ann: { email: 'ann@x.example', email_verified: true, name: 'Ann Ihaka' }, ben: { email: 'ben@x.example', email_verified: true, name: 'Ben Tau' },
    }
    const site = new Site(server, provider)
    await fetch(`${issuer}/test/configure`, { method: 'POST', body: JSON.stringify({ origin: server.url, people }) })
    return site
  }

  stop(): void {
    this.provider.kill()
    this.server.stop()
  }
}

test('people sign in with a provider, the first by the link, and out of both', async ({ browser }) => {
  // A context of its own: OXFLOW_UI would answer for the provider too.
  const context = await browser.newContext()
  const page = await context.newPage()
  const site = await Site.start()
  const { url } = site.server
  const signIn = async (account: string) => {
    await page.getByRole('button', { name: 'Sign in with Kahikatea' }).click()
    await page.getByLabel('Account').fill(account)
    await page.getByRole('button', { name: 'Continue' }).click()
  }
  try {
    // Whoever comes without the link and was not added is told so, in words.
    await page.goto(`${url}/settings?tab=people`)
    await expect(page.getByText('With your account at work.')).toBeVisible()
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id }) => id)).toEqual([])
    await signIn('ben')
    await expect(page.getByRole('alert')).toContainText('Nobody has added you here yet')

    await context.clearCookies()
    await page.goto('about:blank')
    await page.goto(await site.server.printed(/http:\S+#setup=\S+/))
    await expect(page.getByText('Whoever signs in now becomes one.')).toBeVisible()
    expect(page.url()).not.toContain('setup')
    await signIn('ann')
    await expect(page.getByRole('heading', { name: 'Tenders' })).toBeVisible()

    // The Admin adds Ben, who comes to the page he asked for.
    await page.goto(`${url}/settings?tab=people`)
    await page.getByRole('button', { name: 'Add person' }).click()
    await page.getByLabel('Name').fill('Ben')
    await page.getByLabel('E-mail address').fill('ben@x.example')
    await page.getByRole('dialog').getByRole('button', { name: 'Add person' }).click()
    await expect(page.getByRole('row').filter({ hasText: 'ben@x.example' })).toBeVisible()

    // Out here and at the provider.
    await page.getByRole('button', { name: /^Ann Ihaka/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.waitForURL(/\/session\/end/)
    await page.getByRole('button', { name: /yes|sign|log/i }).first().click()
    await expect(page.getByRole('button', { name: 'Sign in with Kahikatea' })).toBeVisible()

    await page.goto(`${url}/settings`)
    await signIn('ben')
    await expect(page.getByText('This one')).toBeVisible()
    await expect(page.getByRole('link', { name: 'People' })).toHaveCount(0)
  } finally {
    await context.close()
    site.stop()
  }
})
