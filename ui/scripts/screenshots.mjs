// Takes the pictures of the README from the demonstration, as it is, and those of docs/tutorial.md
// from its walk, so that they show what its reader sees: `make screenshots`.
//
//   OXFLOW_BIN  the program to show (default: the release build)
//   OXFLOW_UI   a folder with a built UI to show instead of the one inside the program
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Api, openBrowser, startServer } from '../bench/harness.mjs'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const FOLDER = at('../../docs/screenshots/')
const WALK = ['playwright', 'test', '-c', 'e2e/playwright.config.ts', 'e2e/tutorial.spec.ts']
/** What pngquant answers where a picture would not get smaller, or not without being seen. */
const LEFT_AS_THEY_ARE = [98, 99]

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

const OXFLOW_BIN = process.env.OXFLOW_BIN ?? at('../../target/release/oxflow')
execFileSync('npx', WALK, { cwd: at('..'), stdio: 'inherit', env: { ...process.env, OXFLOW_BIN, OXFLOW_SHOTS: FOLDER } })

// A palette of 256 colours is all these pictures need, in a third of the bytes.
for (const name of readdirSync(FOLDER).filter((one) => one.endsWith('.png'))) {
  const { status, stderr } = spawnSync('pngquant', ['--force', '--skip-if-larger', '--strip', '--quality', '85-100', '--speed', '1', '--ext', '.png', join(FOLDER, name)], { encoding: 'utf8' })
  if (status !== 0 && !LEFT_AS_THEY_ARE.includes(status)) throw new Error(`pngquant ${name}: ${stderr}`)
}
