import type { Session } from '../src/api/types'
import { type Page, request as playwright } from '@playwright/test'
import { Api, Grid, expect, test, withUi } from './fixtures'

/** Somebody else, without a browser. */
async function withRequest(url: string): Promise<Api> {
  return new Api(await playwright.newContext(), url)
}

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
    // Still being typed when the sign-in page comes.
    await page.keyboard.type('60')
    await expect(page.getByLabel('Quantity of 1.02')).toHaveValue('60')
    // The session is over when the server is back.
    await page.context().clearCookies()
  })
  const mine = page.getByRole('listitem').getByRole('button', { name: user.name })
  await expect(mine).toContainText('2 edits waiting')
  await mine.click()
  await expect(page).toHaveURL(new RegExp(estimateId))
  await expect(grid.cell('Strip topsoil', 5)).toHaveText('250.00')
  await expect(grid.cell('Cut to waste', 5)).toHaveText('150.00')
  await expect(page.getByText('Saved', { exact: true })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Connection: Live' })).toBeVisible()
})

test('a row somebody types in is theirs: the other sees it, is refused by name, and a Lead takes it over', async ({ api, browser, grid, page, server }) => {
  const { estimateId } = await api.schedule('One at a time')
  const { user: lead } = await api.get<Session>('/session')
  const other = await withUi(await browser.newContext({ viewport: { width: 1440, height: 900 } }))
  const tama = await new Api(other.request, server.current.url).signIn('estimator')
  const theirs = new Grid(await other.newPage())
  await grid.open(server.current.url, estimateId)
  await theirs.open(server.current.url, estimateId)

  await theirs.cell('Strip topsoil', 3).click()
  await theirs.page.keyboard.type('4')
  await expect(grid.row('Strip topsoil').getByRole('img', { name: new RegExp(`^${tama.name}`) })).toBeVisible()

  await grid.cell('Strip topsoil', 3).click()
  await page.keyboard.type('77')
  await page.keyboard.press('Enter')
  const refusal = page.getByRole('alert').filter({ hasText: tama.name }).first()
  await expect(refusal).toBeVisible()
  await page.getByRole('button', { name: 'Take over…' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('The tender closes at four')
  await dialog.getByRole('button', { name: 'Take over' }).click()
  await expect(theirs.page.getByText('The tender closes at four')).toBeVisible()

  // The Lead goes to work in it, and holds it for as long as that takes.
  await grid.cell('Strip topsoil', 1).click()
  await page.keyboard.type('Strip and stack')
  await expect(theirs.row('Strip topsoil').getByRole('img', { name: new RegExp(`^${lead.name} is (typing here|at work on this row)`) })).toBeVisible()

  // What was typed goes nowhere by itself, and is not lost: it is taken up again in its cell.
  await theirs.page.keyboard.type('2')
  await theirs.page.keyboard.press('Enter')
  await expect(theirs.page.getByRole('alert').first()).toBeVisible()
  await expect(theirs.cell('Strip topsoil', 3)).toContainText('10')
  await other.close()
})

test('where two people change the same cell, both values are shown and one is chosen', async ({ api, context, grid, page, server }) => {
  const { estimateId, items } = await api.schedule('Side by side')
  await grid.open(server.current.url, estimateId)
  await expect(page.getByRole('button', { name: 'Connection: Live' })).toBeVisible()
  await context.setOffline(true)
  await grid.cell('Strip topsoil', 3).click()
  await page.keyboard.type('50')
  await page.keyboard.press('Enter')
  await expect(page.getByText('1 edit waiting')).toBeVisible()
  await api.edit(estimateId, [{ op: 'update-item', id: items[0] ?? '', set: { quantity: '99' } }])
  await context.setOffline(false)
  const dialog = page.getByRole('dialog', { name: /Somebody else changed 1.01/ })
  await expect(dialog).toContainText('99')
  await expect(dialog).toContainText('50')
  await dialog.getByRole('button', { name: 'Put mine in' }).click()
  await expect(grid.cell('Strip topsoil', 5)).toHaveText('250.00')
})

test('coming back shows what others changed since, with the way to each row', async ({ api, grid, page, server }) => {
  const { estimateId } = await api.schedule('While away')
  await grid.open(server.current.url, estimateId)
  await expect(grid.row('Strip topsoil')).toBeVisible()
  await page.goto(`${server.current.url}/tenders`)
  const request = await withRequest(server.current.url)
  const tama = await request.signIn('estimator')
  const rows = await request.get<{ rows: { id: string; description: string }[] }>(`/estimates/${estimateId}/rows?limit=10`)
  const culvert = rows.rows.find((row) => row.description === 'Culvert')?.id ?? ''
  await request.edit(estimateId, [{ op: 'update-item', id: culvert, set: { quantity: '6' } }])
  await grid.open(server.current.url, estimateId)
  await expect(page.getByRole('status').filter({ hasText: `1 change by ${tama.name} since you left` })).toBeVisible()
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await page.getByRole('dialog', { name: 'Since you left' }).getByRole('button', { name: 'Go there' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(grid.row('Culvert')).toHaveAttribute('aria-selected', 'true')
})

/** After a restart: signs in again where the server asks for it, and waits until everything is sent. */
async function backAtWork(one: Page, name: string): Promise<void> {
  const mine = one.getByRole('listitem').getByRole('button', { name })
  const saved = one.getByText('Saved', { exact: true })
  await expect(mine.or(saved).first()).toBeVisible({ timeout: 20_000 })
  if (await mine.isVisible()) await mine.click()
  await expect(saved).toBeVisible({ timeout: 20_000 })
}

test('three people price one estimate together and no keystroke is lost when the server is killed under them', async ({ api, browser, grid, page, server }) => {
  test.slow()
  const { estimateId } = await api.schedule('Three at once')
  const lead = (await api.get<Session>('/session')).user
  const people: { grid: Grid; name: string; row: string }[] = [{ grid, name: lead.name, row: 'Strip topsoil' }]
  for (const [role, row] of [['estimator', 'Cut to waste'], ['admin', 'Culvert']] as const) {
    const context = await withUi(await browser.newContext({ viewport: { width: 1440, height: 900 } }))
    const user = await new Api(context.request, server.current.url).signIn(role)
    people.push({ grid: new Grid(await context.newPage()), name: user.name, row })
  }
  for (const one of people) await one.grid.open(server.current.url, estimateId)
  await expect(page.getByRole('group', { name: /Also here: .+, .+/ })).toBeVisible()

  const type = async ({ grid: mine, row }: { grid: Grid; row: string }, quantity: string, rate: string) => {
    await mine.cell(row, 3).click()
    await mine.page.keyboard.type(quantity)
    await mine.page.keyboard.press('Tab')
    await mine.page.keyboard.type(rate)
    await mine.page.keyboard.press('Enter')
  }
  await Promise.all(people.map((one, at) => type(one, String(10 + at), '7')))
  for (const one of people) await expect(one.grid.page.getByText('Saved', { exact: true })).toBeVisible()
  server.current = await server.current.restart(async () => {
    // They go on typing while nothing answers.
    await Promise.all(people.map((one, at) => type(one, String(20 + at), '8')))
    for (const one of people) await expect(one.grid.page.getByText('2 edits waiting')).toBeVisible()
  })
  for (const one of people) await backAtWork(one.grid.page, one.name)
  for (const one of people) {
    await expect(one.grid.cell('Strip topsoil', 5)).toHaveText('160.00')
    await expect(one.grid.cell('Cut to waste', 5)).toHaveText('168.00')
    await expect(one.grid.cell('Culvert', 5)).toHaveText('176.00')
    await expect(await one.grid.total()).toContainText('504.00')
  }
  for (const one of people.slice(1)) await one.grid.page.context().close()
})
