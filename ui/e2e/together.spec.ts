import type { Session } from '../src/api/types'
import { Api, Grid, expect, test, withUi } from './fixtures'

test('what one person changes appears for the other, who is seen to be there', async ({ api, browser, grid, page, server }) => {
  const { estimateId } = await api.schedule('Together')
  const other = await withUi(await browser.newContext({ viewport: { width: 1440, height: 900 } }))
  const tama = await new Api(other.request, server.current.url).signIn('estimator')
  const theirs = new Grid(await other.newPage())
  await grid.open(server.current.url, estimateId)
  await theirs.open(server.current.url, estimateId)
  await expect(page.getByRole('group', { name: `Also here: ${tama.name}` })).toBeVisible()

  await theirs.cell('Strip topsoil', 3).click()
  await theirs.page.keyboard.type('40')
  await theirs.page.keyboard.press('Enter')
  await expect(grid.cell('Strip topsoil', 5)).toHaveText('200.00')
  await expect(await grid.total()).toContainText('4,250.00')

  await theirs.cell('Cut to waste', 1).click()
  await theirs.page.keyboard.press('Insert')
  await theirs.page.keyboard.type('Inserted by the other')
  await theirs.page.keyboard.press('Enter')
  await expect(grid.row('Inserted by the other')).toBeVisible()
  await other.close()
})

test('edits made without a connection are kept and sent when it is back', async ({ api, context, grid, page, server }) => {
  const { estimateId } = await api.schedule('Cut off')
  await grid.open(server.current.url, estimateId)
  await expect(page.getByRole('button', { name: 'Connection: Live' })).toBeVisible()
  await context.setOffline(true)
  await grid.cell('Strip topsoil', 3).click()
  await page.keyboard.type('50')
  await page.keyboard.press('Enter')
  await page.keyboard.type('60')
  await page.keyboard.press('Enter')
  await expect(page.getByText('2 edits waiting')).toBeVisible()
  await expect(page.getByRole('button', { name: /Connection: (Reconnecting|Offline)/ })).toBeVisible()
  await context.setOffline(false)
  await expect(grid.cell('Strip topsoil', 5)).toHaveText('250.00')
  await expect(grid.cell('Cut to waste', 5)).toHaveText('150.00')
  await expect(page.getByText('Saved', { exact: true })).toBeVisible()
})

test('edits made while the server is away outlive its restart and the sign-in that follows', async ({ api, grid, page, server }) => {
  const { estimateId } = await api.schedule('Away')
  const { user } = await api.get<Session>('/session')
  await grid.open(server.current.url, estimateId)
  await expect(grid.row('Strip topsoil')).toBeVisible()
  server.current = await server.current.restart(async () => {
    await grid.cell('Strip topsoil', 3).click()
    await page.keyboard.type('50')
    await page.keyboard.press('Enter')
    await expect(grid.cell('Strip topsoil', 3)).toContainText('50')
    await expect(page.getByText('1 edit waiting')).toBeVisible()
    await expect(page.getByRole('button', { name: /Connection: (Reconnecting|Offline)/ })).toBeVisible()
  })
  // Sessions end with the process.
  await page.getByRole('listitem').getByRole('button', { name: user.name }).click()
  await expect(page).toHaveURL(new RegExp(estimateId))
  await expect(grid.cell('Strip topsoil', 5)).toHaveText('250.00')
  await expect(page.getByText('Saved', { exact: true })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Connection: Live' })).toBeVisible()
})
