import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from '@playwright/test'
import { Server } from './server'

/** The OpenID provider of the tests, and an oxFlow that signs in with it. */
export class Site {
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
    // Two accounts with one address, as where somebody left and came back: only one of them is Ben at a time.
    const ben = { email: 'ben@x.example', email_verified: true, name: 'Ben Tau' }
    const people = { ann: { email: 'ann@x.example', email_verified: true, name: 'Ann Ihaka' }, ben, ben2: ben }
    const site = new Site(server, provider)
    await fetch(`${issuer}/test/configure`, { method: 'POST', body: JSON.stringify({ origin: server.url, people }) })
    return site
  }

  stop(): void {
    this.provider.kill()
    this.server.stop()
  }

  /** Signs in with an account of the provider, from oxFlow's sign-in page. */
  static async signIn(page: Page, account: string): Promise<void> {
    await page.getByRole('button', { name: 'Sign in with Kahikatea' }).click()
    await page.getByLabel('Account').fill(account)
    await page.getByRole('button', { name: 'Continue' }).click()
  }
}
