// Asks Lighthouse how the demonstration's main screens do, on a desktop: performance, accessibility
// and best practices, each of 95 or more. Performance hangs on what else the machine does: a screen
// below the mark is measured twice more and the median counts.
//
//   OXFLOW_BIN  the program to measure (default: the release build)
//   OXFLOW_UI   a folder with a built UI to measure instead of the one inside the program
//   CHROMIUM    the browser (default: /usr/bin/chromium)
import { chromium } from '@playwright/test'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import lighthouse from 'lighthouse'
import desktop from 'lighthouse/core/config/desktop-config.js'
import { Api, CHROMIUM, CHROMIUM_FLAGS, startServer, uiOver } from '../bench/harness.mjs'

const LEAST = 95
const CATEGORIES = ['performance', 'accessibility', 'best-practices']
const AGAIN = 2

const server = await startServer()
const profile = mkdtempSync(join(tmpdir(), 'oxflow-lighthouse-'))
let failed = false
try {
  const api = await Api.signIn(server.url, 'lead-estimator')
  const { items } = await api.get('/tenders?limit=50')
  const tender = items.find((one) => one.number === 'T-2614')
  if (!tender) throw new Error('the demonstration has no T-2614')
  const ui = await uiOver(api.url)
  const port = await freePort()
  // Lighthouse opens its own tab, in the browser's own context: that is where the session has to be.
  const context = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, args: [...CHROMIUM_FLAGS, `--remote-debugging-port=${port}`], locale: 'en-NZ' })
  try {
    console.log(`| screen | ${CATEGORIES.join(' | ')} |`)
    console.log(`|---|${CATEGORIES.map(() => '--:').join('|')}|`)
    await measured('sign-in', `${ui.url}/sign-in`)
    const at = api.cookie.indexOf('=')
    await context.addCookies([{ name: api.cookie.slice(0, at), value: api.cookie.slice(at + 1), url: ui.url }])
    await measured('tenders', `${ui.url}/tenders`)
    await measured('estimate', `${ui.url}/estimates/${tender.estimates[0].id}`)
  } finally {
    await context.close()
    ui.close()
  }

  async function measured(screen, url) {
    const results = [await run(url, port)]
    while (results[0].scores.performance < LEAST && results.length <= AGAIN) results.push(await run(url, port))
    const scores = { ...results[0].scores, performance: results.map((one) => one.scores.performance).sort((a, b) => a - b)[Math.floor((results.length - 1) / 2)] }
    console.log(`| ${screen} | ${CATEGORIES.map((category) => scores[category]).join(' | ')} |`)
    for (const category of CATEGORIES) {
      if (scores[category] >= LEAST) continue
      failed = true
      console.error(`${screen}: ${category} is ${scores[category]}, to be ${LEAST} or more: ${results[0].lost[category].join('; ')}`)
    }
  }
} finally {
  server.stop()
  rmSync(profile, { recursive: true, force: true })
}
if (failed) process.exitCode = 1

/** The scores of one page out of 100, and by category what took points. */
async function run(url, port) {
  const { lhr } = await lighthouse(url, { port, onlyCategories: CATEGORIES, disableStorageReset: true, logLevel: 'error' }, desktop)
  if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`)
  const lost = (category) => lhr.categories[category].auditRefs.filter(({ id, weight }) => weight > 0 && (lhr.audits[id].score ?? 1) < 1)
    .map(({ id }) => `${lhr.audits[id].title}${lhr.audits[id].displayValue ? ` (${lhr.audits[id].displayValue})` : ''}`)
  return {
    scores: Object.fromEntries(CATEGORIES.map((category) => [category, Math.round((lhr.categories[category].score ?? 0) * 100)])),
    lost: Object.fromEntries(CATEGORIES.map((category) => [category, lost(category)])),
  }
}

function freePort() {
  return new Promise((found, refused) => {
    const probe = createServer().once('error', refused).listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => found(port))
    })
  })
}
