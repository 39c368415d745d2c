import { chromium } from '@playwright/test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
export const URL_ = process.env.URL_ ?? 'http://127.0.0.1:4313', folder = '/work/wt/i3/ui/dist'
export const start = async (role = 'admin', w = 1440) => {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets'] })
  const ctx = await browser.newContext({ viewport: { width: w, height: w === 1440 ? 900 : 768 }, locale: 'en-NZ', timezoneId: 'Pacific/Auckland' })
  await ctx.route((u) => u.hostname === '127.0.0.1' && !u.pathname.startsWith('/api/'), (route) => {
    const file = join(folder, new URL(route.request().url()).pathname)
    return route.fulfill({ path: file !== folder && existsSync(file) && !file.endsWith('/') ? file : join(folder, 'index.html') })
  })
  const api = async (p, m = 'get', data) => { const r = await ctx.request[m](`${URL_}/api/v1${p}`, { data }); const t = await r.text(); try { return JSON.parse(t) } catch { return t } }
  const users = (await api('/session/users')).items
  await api('/session', 'post', { userId: users.find((u) => u.role === role).id })
  const tenders = (await api('/tenders?limit=100')).items
  const page = await ctx.newPage()
  page.setDefaultTimeout(8000)
  page.on('pageerror', (e) => console.log('PAGEERR', page.url(), String(e).slice(0, 300)))
  return { browser, page, api, t: (n) => tenders.find((x) => x.number === n) }
}
