// Takes the pictures of the README from the demonstration, as it is: `make screenshots`.
//
//   OXFLOW_BIN  the program to show (default: the release build)
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Api, openBrowser, startServer } from '../bench/harness.mjs'

const FOLDER = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url))

const server = await startServer()
try {
  const api = await Api.signIn(server.url, 'lead-estimator')
  const { items } = await api.get('/tenders?limit=50')
  const tender = items.find((one) => one.number === 'T-2614')
  if (!tender) throw new Error('the demonstration has no T-2614')
  const estimate = tender.estimates[0].id
  const { context, url, close } = await openBrowser(api)
  try {
    mkdirSync(FOLDER, { recursive: true })
    const page = await context.newPage()
    const shot = async (name) => {
      await page.waitForLoadState('networkidle')
      await page.screenshot({ path: `${FOLDER}${name}.png` })
    }
    await page.goto(`${url}/estimates/${estimate}`)
    await page.getByRole('row').filter({ hasText: 'Stormwater pipe' }).locator('[data-column="1"]').click()
    await shot('estimate')
    await page.goto(`${url}/estimates/${estimate}/commercials`)
    await page.getByText('491,469.78').first().waitFor()
    await shot('commercials')
  } finally {
    await close()
  }
} finally {
  server.stop()
}
