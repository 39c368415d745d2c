import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './fixtures'
import { Site } from './oidc-site'

test('people sign in with a provider, the first by the link, and out of both', async ({ browser }) => {
  // A context of its own: OXFLOW_UI would answer for the provider too.
  const context = await browser.newContext()
  const page = await context.newPage()
  const site = await Site.start()
  const { url } = site.server
  const signIn = (account: string) => Site.signIn(page, account)
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
    await expect(page.getByRole('heading', { name: 'Tenders', exact: true })).toBeVisible()

    // What the server was told of the provider is there to be looked up, with the address to register.
    await page.goto(`${url}/settings?tab=server`)
    const provider = page.getByRole('region', { name: 'Sign-in providers' })
    await expect(provider.getByText(`${url}/api/v1/session/oidc/test/callback`)).toBeVisible()
    await expect(provider.getByText('is refused until an Admin adds them')).toBeVisible()
    await expect(page.getByText('test-secret')).toHaveCount(0)

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
