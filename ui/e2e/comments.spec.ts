import { Api, Grid, expect, test, withUi } from './fixtures'

test('a comment that names somebody is in their inbox, and leads them to the row', async ({ api, browser, grid, page, server }) => {
  const { estimateId } = await api.schedule('Said and heard')
  const other = await withUi(await browser.newContext({ viewport: { width: 1440, height: 900 } }))
  const tama = await new Api(other.request, server.current.url).signIn('estimator')
  const theirs = await other.newPage()
  await theirs.goto(`${server.current.url}/tenders`)
  await expect(theirs.getByRole('button', { name: 'Inbox', exact: true })).toBeVisible()

  await grid.open(server.current.url, estimateId)
  await grid.cell('Culvert', 1).click()
  await page.getByRole('tab', { name: /^Comments/ }).click()
  await page.getByLabel('Comment', { exact: true }).fill(`Is this rate still good, @${tama.name.slice(0, 3)}`)
  await page.getByRole('option', { name: tama.name }).click()
  await page.getByLabel('Comment', { exact: true }).press('Control+Enter')
  await expect(page.getByRole('region', { name: 'Comments on the row' })).toContainText(`@${tama.name}`)
  await expect(grid.row('Culvert').getByRole('img', { name: '1 comment' })).toBeVisible()

  await theirs.getByRole('button', { name: 'Inbox, 1 not read' }).click()
  await theirs.getByRole('dialog', { name: 'Inbox' }).getByRole('button', { name: /Is this rate still good/ }).click()
  await expect(new Grid(theirs).row('Culvert')).toHaveAttribute('aria-selected', 'true')
  await expect(theirs.getByRole('button', { name: 'Inbox', exact: true })).toBeVisible()
  await other.close()
})
