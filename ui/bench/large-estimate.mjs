// How an estimate of 100,000 items feels: opening, scrolling, editing, folding and searching, each
// from the key, wheel or address to the frame after its paint, and how long the page was deaf
// meanwhile (its longest task). Scrolling is told beside an empty page scrolled the same way.
import { Api, layOut, ms, openBrowser, percentile, startServer } from './harness.mjs'

const SCROLLS = 150
const EDITS = 20

const server = await startServer()
try {
  const api = await Api.signIn(server.url, 'admin')
  const { estimateId, items, rows } = await layOut(api, 'A hundred thousand items', [10, 10, 10, 5, 2])
  const { context, url, close } = await openBrowser(api)
  try {
    const page = await context.newPage()
    await page.addInitScript(watch)
    const told = []
    const longest = () => page.evaluate(() => (globalThis.__longest ?? []).splice(0).reduce((a, b) => Math.max(a, b), 0))
    const timed = async (what, act, until) => {
      await longest()
      const from = performance.now()
      await act()
      await until()
      const took = performance.now() - from
      told.push([what, ms(took), ms(await longest())])
    }
    const shown = () => page.locator('.grid-row:not([aria-busy])').first().waitFor()

    await timed('opening, from the address to its first rows', () => page.goto(`${url}/estimates/${estimateId}`), shown)
    const tree = page.getByRole('treegrid', { name: 'Estimate' })
    await tree.hover()
    await longest()
    const frames = await scrolled(page)
    told.push([`scrolling, frame p95 (p50 ${ms(percentile(frames, 0.5))})`, ms(percentile(frames, 0.95)), ms(await longest())])
    await page.keyboard.press('Control+Home')

    const quantity = page.getByRole('row').filter({ hasText: 'at station 1' }).first().locator('[data-column="3"]')
    await quantity.scrollIntoViewIfNeeded()
    await quantity.click()
    const total = page.getByRole('region', { name: 'Totals' }).getByText('Total cost, excl. GST').locator('..')
    for (let at = 0; at < EDITS; at += 1) {
      const was = await total.textContent()
      await page.keyboard.type(String(2_000 + at))
      await timed('editing a quantity to its new total', () => page.keyboard.press('Enter'), () => total.filter({ hasNotText: was }).waitFor())
      await page.keyboard.press('ArrowUp')
    }
    const edits = told.splice(-EDITS)
    const worst = (column) => ms(percentile(edits.map((one) => Number(one[column])), 0.95))
    told.push([`editing a quantity to its new total, p95 of ${EDITS}`, worst(1), worst(2)])

    const heading = page.getByRole('row').filter({ hasText: 'Part 1 of level 1' }).first()
    await page.keyboard.press('Control+Home')
    await heading.locator('[data-column="1"]').click()
    const expanded = (open) => page.locator(`.grid-row[aria-expanded="${open}"]`).filter({ hasText: 'Part 1 of level 1' }).first().waitFor()
    await timed('folding a heading of 10,000 items', () => page.keyboard.press('Space'), () => expanded(false))
    await timed('unfolding it', () => page.keyboard.press('Space'), () => expanded(true))

    await page.keyboard.press('Control+f')
    const find = page.getByLabel('Find in this estimate')
    await find.waitFor()
    await timed('finding "kerb at station 7" as it is typed', () => find.pressSequentially('kerb at station 7'), () => page.getByRole('status').filter({ hasText: /found|of/ }).first().waitFor())
    await timed('going to the hit', () => page.keyboard.press('Enter'), () => page.locator('.grid-row.current').filter({ hasText: 'kerb at station 7' }).waitFor())

    const empty = await context.newPage()
    await empty.setContent('<div style="height:3000000px;background:linear-gradient(#fff,#eee)"></div>')
    const bare = await scrolled(empty)

    console.log(`| ${rows.toLocaleString('en-NZ')} rows, ${items.toLocaleString('en-NZ')} of them items | ms | longest task ms |`)
    console.log('|---|--:|--:|')
    for (const one of told) console.log(`| ${one.join(' | ')} |`)
    console.log(`| an empty page scrolled the same way, frame p95 (p50 ${ms(percentile(bare, 0.5))}) | ${ms(percentile(bare, 0.95))} | |`)
  } finally {
    await close()
  }
} finally {
  server.stop()
}

/** Milliseconds between frames while the wheel turns. */
async function scrolled(page) {
  await page.evaluate(() => {
    globalThis.__frames = []
    let last = performance.now()
    const step = (now) => {
      globalThis.__frames.push(now - last)
      last = now
      globalThis.__frame = requestAnimationFrame(step)
    }
    globalThis.__frame = requestAnimationFrame(step)
  })
  for (let at = 0; at < SCROLLS; at += 1) await page.mouse.wheel(0, 240)
  return page.evaluate(() => {
    cancelAnimationFrame(globalThis.__frame)
    return globalThis.__frames.slice(1)
  })
}

/** Runs in the page: keeps how long each long task took. */
function watch() {
  globalThis.__longest = []
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) globalThis.__longest.push(entry.duration)
  }).observe({ type: 'longtask', buffered: true })
}
