import AxeBuilder from '@axe-core/playwright'
import type { BrowserContext, Page } from '@playwright/test'
import { expect, test } from './fixtures'
import { Site } from './oidc-site'

test('an Admin unlinks somebody from the provider, and another account with their address is them', async ({ browser }) => {
  const site = await Site.start()
  const { url } = site.server
  const contexts: BrowserContext[] = []
  // Contexts of their own: OXFLOW_UI would answer for the provider too.
  const browse = async (): Promise<Page> => {
    const context = await browser.newContext()
    contexts.push(context)
    return context.newPage()
  }
  try {
    const admin = await browse()
    await admin.goto(await site.server.printed(/http:\S+#setup=\S+/))
    await Site.signIn(admin, 'ann')
    await expect(admin.getByRole('heading', { name: 'Tenders', exact: true })).toBeVisible()
    await admin.goto(`${url}/settings?tab=people`)
    await admin.getByRole('button', { name: 'Add person' }).click()
    await admin.getByLabel('Name').fill('Ben Tau')
    await admin.getByLabel('E-mail address').fill('ben@x.example')
    await admin.getByRole('dialog').getByRole('button', { name: 'Add person' }).click()
    const row = admin.getByRole('row').filter({ hasText: 'ben@x.example' })
    const actions = row.getByRole('button', { name: 'Actions of Ben Tau' })
    const unlink = admin.getByRole('menuitem', { name: /^Unlink from providers/ })

    // Nobody has signed in as Ben yet: there is nothing to unlink.
    await actions.click()
    await expect(unlink).toHaveAttribute('aria-disabled', 'true')
    await admin.keyboard.press('Escape')

    const ben = await browse()
    await ben.goto(`${url}/tenders`)
    await Site.signIn(ben, 'ben')
    await expect(ben.getByRole('heading', { name: 'Tenders', exact: true })).toBeVisible()
    // Another account with the same address is not let in: Ben is somebody already.
    const stranger = await browse()
    await stranger.goto(`${url}/tenders`)
    await Site.signIn(stranger, 'ben2')
    await expect(stranger.getByRole('alert')).toBeVisible()
    await expect(stranger.getByRole('heading', { name: 'Tenders', exact: true })).toHaveCount(0)

    // The dialog says what will happen, and does nothing when it is left.
    await admin.reload()
    await actions.click()
    await unlink.click()
    const dialog = admin.getByRole('dialog', { name: 'Unlink Ben Tau?' })
    await expect(dialog).toContainText('They are signed out. Whoever signs in next with the verified address ben@x.example is them from then on.')
    const { violations } = await new AxeBuilder({ page: admin }).include('[role="dialog"]').analyze()
    expect(violations.map(({ id }) => id)).toEqual([])
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await expect(dialog).toHaveCount(0)
    await ben.reload()
    await expect(ben.getByRole('heading', { name: 'Tenders', exact: true })).toBeVisible()

    await actions.click()
    await unlink.click()
    await dialog.getByRole('button', { name: 'Unlink', exact: true }).click()
    await expect(admin.getByText('Ben Tau is unlinked')).toBeVisible()
    await expect(dialog).toHaveCount(0)
    await actions.click()
    await expect(unlink).toHaveAttribute('aria-disabled', 'true')
    await admin.keyboard.press('Escape')

    // Ben is signed out, and the other account is Ben from its next sign-in on.
    await ben.reload()
    await expect(ben.getByRole('button', { name: 'Sign in with Kahikatea' })).toBeVisible()
    await stranger.context().clearCookies()
    await stranger.goto(`${url}/tenders`)
    await Site.signIn(stranger, 'ben2')
    await expect(stranger.getByRole('button', { name: /^Ben Tau/ })).toBeVisible()
    await ben.context().clearCookies()
    await ben.goto(`${url}/tenders`)
    await Site.signIn(ben, 'ben')
    await expect(ben.getByRole('alert')).toBeVisible()

    await admin.goto(`${url}/audit?of=access`)
    await expect(admin.getByRole('listitem').filter({ hasText: 'Ann Ihaka' }).filter({ hasText: /unlink/i }).first()).toBeVisible()
  } finally {
    for (const context of contexts) await context.close()
    site.stop()
  }
})
