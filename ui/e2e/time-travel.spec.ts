import AxeBuilder from '@axe-core/playwright'
import type { Moments } from '../src/api/types'
import { expect, test } from './fixtures'

test.describe('the history of an estimate', () => {
  test('two edits are slid back over, compared, copied back, undone, and restored as a revision', async ({ api, grid, page, server }) => {
    const { estimateId, earthworks, items } = await api.schedule('Time travel')
    await api.edit(estimateId, [{ op: 'update-item', id: items[0] ?? '', set: { quantity: '30' } }])
    await api.edit(estimateId, [{ op: 'update-item', id: items[1] ?? '', set: { quantity: '40' } }])
    await grid.open(server.current.url, estimateId)
    await expect(await grid.total()).toContainText('4,250.00')

    await page.keyboard.press('F9')
    const slider = page.getByRole('slider', { name: 'Moment' })
    await expect(slider).toBeFocused()
    await expect(page.getByText(/As it is now/)).toBeVisible()
    await expect(page.getByRole('button', { name: 'Restore as a revision…' })).toBeDisabled()
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    await expect(page.getByText(/As it was on .*: read only/)).toBeVisible()
    const totals = page.getByRole('region', { name: 'Totals as they were' })
    await expect(totals.getByText('Total cost then, excl. GST').locator('..')).toContainText('4,100.00')
    await expect(grid.cell('Strip topsoil', 3)).toHaveText('10')
    await expect(grid.cell('Cut to waste', 3)).toHaveText('20')
    await expect(totals).toContainText('4,250.00 (+150.00)')
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])

    // What is typed changes nothing.
    await grid.cell('Strip topsoil', 3).click()
    await page.keyboard.type('7')
    await expect(page.getByText('This is how it was: read only.')).toBeVisible()
    await expect(grid.cell('Strip topsoil', 3)).toHaveText('10')

    await page.getByRole('button', { name: 'Compare with now' }).click()
    const differ = page.getByRole('table', { name: 'Items that differ' })
    await expect(differ.getByRole('row')).toHaveCount(3)
    await expect(differ).toContainText('Strip topsoil')
    await page.goBack()
    await expect(page.getByText(/As it was on .*: read only/)).toBeVisible()

    await grid.cell('Strip topsoil', 3).click()
    await page.getByRole('button', { name: 'Copy back', exact: true }).click()
    await expect(page.getByText('Copied back 1.01')).toBeVisible()
    await expect(totals).toContainText('4,150.00 (+50.00)')
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await expect(totals).toContainText('4,250.00 (+150.00)')

    // What does not differ makes no commit, and nothing to undo.
    const copyBack = page.getByRole('button', { name: 'Copy back', exact: true })
    const undo = page.getByRole('button', { name: 'Undo', exact: true }).and(page.locator('[role=status] *'))
    await expect(undo).toHaveCount(0)
    await grid.cell('Culvert', 3).click()
    await copyBack.click()
    await expect(page.getByText('Nothing differs in 1.03, so nothing was copied back')).toBeVisible()
    await grid.cell('Earthworks', 1).click()
    await copyBack.click()
    await expect(page.getByText('Nothing differs in 1 Earthworks, so nothing was copied back')).toBeVisible()
    await expect(page.getByText('Compared: the heading itself, not the rows under it.')).toBeVisible()
    await expect(undo).toHaveCount(0)
    await expect(totals).toContainText('4,250.00 (+150.00)')
    await api.edit(estimateId, [{ op: 'update-heading', id: earthworks, set: { name: 'Groundworks' } }])
    await copyBack.click()
    await expect(page.getByText('Copied back 1 Earthworks: the heading itself, not the rows under it')).toBeVisible()
    await expect(undo).toHaveCount(1)
    await expect(totals).toContainText('4,250.00 (+150.00)')

    // Then and now stand beside each other on a narrow screen too.
    await page.setViewportSize({ width: 1024, height: 768 })
    await expect(page.getByText('Cost now, excl. GST')).toBeInViewport({ ratio: 1 })
    await expect(page.getByText('+150.00 since then')).toBeInViewport({ ratio: 1 })
    await page.setViewportSize({ width: 1440, height: 900 })

    await page.getByRole('button', { name: 'Restore as a revision…' }).click()
    await page.getByLabel('Why').fill('The client went back to the first design')
    await page.getByRole('button', { name: 'Restore', exact: true }).click()
    await expect(page.getByText(/Revision 2 has the rows of/)).toBeVisible()
    await expect(await grid.total()).toContainText('4,100.00')
    await expect(grid.cell('Strip topsoil', 3)).toHaveText('10')
    await expect(page).not.toHaveURL(new RegExp(estimateId))
  })

  test('a commit of somebody else is taken back, which undo takes back again, or refused with what changed since', async ({ api, grid, page, server }) => {
    const { estimateId, items } = await api.schedule('Take back')
    await api.signIn('estimator')
    await api.edit(estimateId, [{ op: 'update-item', id: items[0] ?? '', set: { quantity: '30' } }])
    await api.edit(estimateId, [{ op: 'update-item', id: items[1] ?? '', set: { quantity: '40' } }])
    await api.signIn('lead-estimator')
    await grid.open(server.current.url, estimateId)
    await page.getByRole('button', { name: 'History', exact: true }).click()
    const slider = page.getByRole('slider', { name: 'Moment' })
    await expect(slider).toBeFocused()
    await page.keyboard.press('ArrowLeft')
    await page.getByRole('button', { name: 'Take this back' }).click()
    await expect(page.getByText(/^Taken back: /)).toBeVisible()
    await page.keyboard.press('Control+z')
    await expect(page.getByText(/^Undone: take back commit/)).toBeVisible()
    // The oldest edit made the headings: rows hang under them now.
    await slider.focus()
    await page.keyboard.press('Home')
    await expect(slider).toHaveValue('0')
    // The estimate as it was made had no rows at all.
    await expect(page).toHaveURL(/at=\d+$/)
    await expect(grid.row('Strip topsoil')).toHaveCount(0)
    await expect(grid.row('Earthworks')).toHaveCount(0)
    await expect(page.getByRole('heading', { name: 'Nothing was in the estimate then' })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Copy back', exact: true })).toBeDisabled()
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
    await page.keyboard.press('ArrowRight')
    await expect(grid.row('Earthworks')).toBeVisible()
    await page.getByRole('button', { name: 'Take this back' }).click()
    await expect(page.getByRole('alert').filter({ hasText: 'It cannot be taken back' })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(slider).toHaveCount(0)
    await expect(await grid.total()).toContainText('4,250.00')
  })

  test('a moment that never was is not asked for: the newest is shown', async ({ api, page, server }) => {
    const { estimateId } = await api.schedule('Out of reach')
    const asked: string[] = []
    page.on('request', (request) => asked.push(...(/asOf=([^&]*)/.exec(request.url())?.slice(1) ?? [])))
    for (const at of ['999999', '0', '-3', 'abc']) {
      await page.goto(`${server.current.url}/estimates/${estimateId}?tab=history&at=${at}`)
      await expect(page.getByText('No such moment: the newest is shown')).toHaveCount(1)
      await expect(page.getByText(/As it is now/)).toBeVisible()
      await expect(page).not.toHaveURL(new RegExp(`at=${at}$`))
      expect(asked).not.toContain(at)
    }
    // One that was says nothing.
    const { items } = await api.get<Moments>(`/estimates/${estimateId}/moments`)
    await page.goto(`${server.current.url}/estimates/${estimateId}?tab=history&at=${items.at(-1)?.lsn}`)
    await expect(page.getByText(/As it was on .*: read only/)).toBeVisible()
    await expect(page.getByText('No such moment')).toHaveCount(0)
  })

  test('one commit is nothing to go back to', async ({ api, page, server }) => {
    const { id } = await api.estimate('Empty history')
    await page.goto(`${server.current.url}/estimates/${id}?tab=history`)
    await expect(page.getByRole('heading', { name: 'Nothing to go back to yet' })).toBeVisible()
    await page.getByRole('button', { name: 'Back to the estimate' }).click()
    await expect(page).not.toHaveURL(/tab=history/)
  })
})
