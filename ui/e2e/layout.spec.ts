import { expect, test } from './fixtures'

for (const width of [1440, 1024, 768]) {
  test(`nothing overflows the window at ${width} px`, async ({ api, grid, page, server }) => {
    await page.setViewportSize({ width, height: 800 })
    const { estimateId } = await api.schedule(`Layout ${width}`)
    await grid.open(server.current.url, estimateId)
    await expect(grid.row('Strip topsoil')).toBeVisible()
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(overflow).toBeLessThanOrEqual(0)
  })
}

test('the estimate opens within the budget of first-load JavaScript', async ({ api, page, server }) => {
  test.skip(Boolean(process.env.OXFLOW_UI), 'a UI from a folder is served without compression')
  await api.get('/session')
  const sizes: Promise<number>[] = []
  page.on('response', (answer) => {
    if (!answer.url().endsWith('.js')) return
    sizes.push(answer.request().sizes().then((of) => of.responseBodySize))
  })
  await page.goto(`${server.current.url}/tenders`)
  await page.waitForLoadState('networkidle')
  const bytes = (await Promise.all(sizes)).reduce((all, one) => all + one, 0)
  expect(bytes).toBeGreaterThan(0)
  expect(bytes).toBeLessThan(200_000)
})
