import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './fixtures'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

test('an Admin adds somebody, gives them a role, and lets them go', async ({ api, page, server }) => {
  await api.signIn('admin')
  await page.goto(`${server.current.url}/tenders`)
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'People' }).click()
  await page.getByRole('button', { name: 'Add person' }).click()
  await page.getByLabel('Name').fill('Hemi Walker')
  await page.getByLabel('E-mail address').fill('hemi@example.org')
  await page.keyboard.press('Enter')
  const row = page.getByRole('row').filter({ hasText: 'hemi@example.org' })
  await expect(row.getByText('Active')).toBeVisible()
  await row.getByLabel('Role of Hemi Walker').selectOption('lead-estimator')
  await expect(page.getByText('Hemi Walker is Lead estimator now')).toBeVisible()
  await row.getByRole('button', { name: 'Actions of Hemi Walker' }).click()
  await page.getByRole('menuitem', { name: 'Deactivate…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click()
  await expect(row.getByText('Deactivated')).toBeVisible()
  await expect(row.getByLabel('Role of Hemi Walker')).toBeDisabled()
  // The one Admin there is cannot go.
  const own = page.getByRole('row').filter({ hasText: '(you)' })
  await own.getByRole('button', { name: /^Actions of/ }).click()
  await page.getByRole('menuitem', { name: 'Deactivate…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'At least one active Admin must remain' })).toBeVisible()
})

test('a token is shown once, and revoked', async ({ api, page, server }) => {
  await api.signIn('estimator')
  await page.goto(`${server.current.url}/settings?tab=tokens`)
  await page.getByRole('button', { name: 'New token' }).click()
  await page.getByLabel('What it is for').fill('Nightly export')
  await page.keyboard.press('Enter')
  const text = await page.getByLabel('Token', { exact: true }).inputValue()
  expect(text).toMatch(/^oxf_[0-9a-f]{64}$/)
  const ask = () => page.request.fetch(`${server.current.url}/api/v1/tenders`, { headers: { authorization: `Bearer ${text}` } })
  expect((await ask()).status()).toBe(200)
  await page.getByRole('button', { name: 'I have copied it' }).click()
  await expect(page.getByRole('row').filter({ hasText: 'Nightly export' }).getByText('Read only')).toBeVisible()
  await page.getByRole('button', { name: 'Revoke Nightly export' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke token' }).click()
  await expect(page.getByText('No API tokens')).toBeVisible()
  expect((await ask()).status()).toBe(401)
  // Nobody who is no Admin is shown people.
  await expect(page.getByRole('link', { name: 'People' })).toHaveCount(0)
})

test('an Admin sees which limits and sign-in are in force, and nobody else does', async ({ api, page, server }) => {
  await api.signIn('admin')
  await page.goto(`${server.current.url}/settings`)
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Sign-in and limits' }).click()
  const limits = page.getByRole('region', { name: 'Limits' })
  const tokens = limits.getByRole('row').filter({ hasText: 'limits.token_per_minute' })
  await expect(tokens.getByText('100 a minute')).toBeVisible()
  const mode = page.getByRole('region', { name: 'Sign-in' }).getByRole('row').filter({ hasText: 'auth.mode' })
  await expect(mode.getByText('development', { exact: true }).first()).toBeVisible()
  await api.signIn('lead-estimator')
  await page.goto(`${server.current.url}/settings?tab=server`)
  await expect(page.getByRole('link', { name: 'API tokens' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Sign-in and limits' })).toHaveCount(0)
  await expect(page.getByText('This one')).toBeVisible()
})

test('one signs out everywhere', async ({ api, page, server }) => {
  await api.signIn('estimator')
  await page.goto(`${server.current.url}/settings`)
  await expect(page.getByText('This one')).toBeVisible()
  await page.getByRole('button', { name: 'Sign out everywhere' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in to oxFlow' })).toBeVisible()
})

for (const theme of ['light', 'dark'] as const) {
  test(`the settings meet WCAG 2.2 AA in the ${theme} theme`, async ({ api, page, server }) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    await api.signIn('admin')
    for (const path of ['/settings', '/settings?tab=tokens', '/settings?tab=people', '/settings?tab=server', '/sign-in']) {
      await page.goto(`${server.current.url}${path}`)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await page.waitForLoadState('networkidle')
      const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).slice(0, 3).join('; ')}`), path).toEqual([])
    }
  })
}
