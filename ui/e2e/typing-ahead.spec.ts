import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'

/** Answers to addresses that match arrive this much later, as on a machine with too much to do. */
async function slow(page: Page, address: RegExp, ms = 1_200) {
  await page.route(address, async (route) => {
    await new Promise((done) => setTimeout(done, ms))
    await route.continue().catch(() => {})
  })
}

test.describe('keys pressed before the program has read what they are for', () => {
  test('Enter in the palette waits for what fits, and what follows is typed into the row it goes to', async ({ api, grid, page, server }) => {
    const { estimateId } = await api.schedule('Palette ahead')
    await grid.open(server.current.url, estimateId)
    await grid.cell('Strip topsoil', 3).click()
    await slow(page, /\/search\?/)
    await page.keyboard.press('Control+k')
    await page.keyboard.type('culvert')
    await page.keyboard.press('Enter')
    await page.keyboard.type('6')
    await page.keyboard.press('Enter')
    await expect(grid.cell('Culvert', 3)).toHaveText('6')
    await expect(grid.cell('Strip topsoil', 3)).toHaveText('10')
    await expect(await grid.total()).toContainText('6,100.00')
  })

  test('the palette runs the command that was typed, not the first one it happened to show', async ({ api, grid, page, server }) => {
    const { estimateId } = await api.schedule('Command ahead')
    await grid.open(server.current.url, estimateId)
    await grid.cell('Strip topsoil', 3).click()
    await slow(page, /\/search\?/)
    await page.keyboard.press('Control+k')
    await page.keyboard.insertText('show checks')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('tab', { name: /Checks/ })).toHaveAttribute('aria-selected', 'true')
  })

  test('F4 takes what follows to the worksheet once it is there, through the choice of a resource to the price', async ({ api, grid, page, server }) => {
    const { estimateId } = await api.schedule('Worksheet ahead')
    await grid.open(server.current.url, estimateId)
    await slow(page, /\/worksheet$/)
    await slow(page, /\/catalogue\?/)
    await slow(page, /\/resources\//)
    await grid.cell('Cut to waste', 3).click()
    await page.keyboard.press('F4')
    await page.keyboard.type('PLT-EX20')
    await page.keyboard.press('Enter')
    await page.keyboard.type('40')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('treegrid', { name: 'Lines of the worksheet' })).toContainText('PLT-EX20')
    await expect(grid.cell('Cut to waste', 3)).toHaveText('20')
    await expect(page.getByLabel(/^Add a line/)).toBeFocused()
  })

  test('what is typed on rows that have not been read goes into those rows', async ({ api, grid, page, server }) => {
    const { estimateId } = await api.schedule('Rows ahead')
    await slow(page, /\/rows\?/)
    await page.goto(`${server.current.url}/estimates/${estimateId}`)
    await expect(page.getByRole('treegrid', { name: 'Estimate' })).toBeFocused()
    for (const words of ['Groundworks', 'Topsoil to stockpile']) {
      await page.keyboard.type(words)
      await page.keyboard.press('Enter')
    }
    await expect(grid.cell('Groundworks', 5)).toHaveText('4,100.00')
    await expect(grid.cell('Topsoil to stockpile', 5)).toHaveText('50.00')
    await expect(grid.row('Earthworks')).toHaveCount(0)
  })
})
