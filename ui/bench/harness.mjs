// What the measurements share: a server of their own, an estimate of any size laid out over the
// API, a browser signed in to it, and the arithmetic of percentiles.
//
//   OXFLOW_BIN  the program to measure (default: the release build)
//   OXFLOW_UI   a folder with a built UI to measure instead of the one inside the program
//   CHROMIUM    the browser (default: /usr/bin/chromium)
import { chromium } from '@playwright/test'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, createServer, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const START_TIMEOUT_MS = 30_000
/** Edits in one request while an estimate is laid out. */
const BATCH = 1_000

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
export const CHROMIUM_FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
]

/** One oxFlow with the demonstration in a folder of its own, on a free port of this machine. */
export async function startServer(binary = process.env.OXFLOW_BIN ?? fileURLToPath(new URL('../../target/release/oxflow', import.meta.url))) {
  const data = mkdtempSync(join(tmpdir(), 'oxflow-bench-'))
  const child = spawn(resolve(binary), ['serve', '--listen', '127.0.0.1:0', '--demo', data], {
    cwd: data, env: { PATH: process.env.PATH ?? '', OXFLOW_LOG_FILTER: 'warn' }, stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stop = () => {
    child.kill('SIGKILL')
    rmSync(data, { recursive: true, force: true })
  }
  const onExit = () => stop()
  process.once('exit', onExit)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
  const url = await new Promise((found, failed) => {
    let said = ''
    const timer = setTimeout(() => failed(new Error(`the server did not start: ${said}`)), START_TIMEOUT_MS)
    const read = (chunk) => {
      said += chunk
      const address = /http:\/\/[\d.]+:\d+/.exec(said)?.[0]
      if (!address) return
      clearTimeout(timer)
      found(address)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('error', failed)
    child.on('exit', (code) => failed(new Error(`the server stopped with ${code}: ${said}`)))
  })
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!(await fetch(`${url}/readyz`).then((answer) => answer.ok, () => false))) {
    if (Date.now() > deadline) throw new Error('the server was never ready')
    await new Promise((done) => setTimeout(done, 20))
  }
  return { url, stop: () => { process.off('exit', onExit); stop() } }
}

/** The API as one signed-in person. */
export class Api {
  constructor(url, cookie) {
    this.url = url
    this.cookie = cookie
  }

  static async signIn(url, role) {
    const { items } = await (await fetch(`${url}/api/v1/session/users`)).json()
    const user = items.find((one) => one.role === role)
    if (!user) throw new Error(`no ${role} to sign in as`)
    const answer = await fetch(`${url}/api/v1/session`, {
      method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() }, body: JSON.stringify({ userId: user.id }),
    })
    if (!answer.ok) throw new Error(`sign in: ${answer.status} ${await answer.text()}`)
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0]
    if (!cookie) throw new Error('signing in gave no cookie')
    return new Api(url, cookie)
  }

  async call(method, path, body) {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method, headers: { cookie: this.cookie, 'content-type': 'application/json', ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text ? JSON.parse(text) : undefined
  }

  get(path) { return this.call('GET', path) }
  post(path, body = {}) { return this.call('POST', path, body) }
}

/**
 * An estimate with five levels of headings, `widths` headings in each heading of the level above, and
 * ten plugged items in each heading of the last level.
 */
export async function layOut(api, name, widths) {
  const tender = await api.post('/tenders', { number: `T-${randomUUID().slice(0, 8)}`, name })
  const estimateId = tender.estimates[0].id
  const edits = []
  let level = [undefined]
  widths.forEach((width, depth) => {
    level = level.flatMap((parentId) => Array.from({ length: width }, (_, at) => {
      const id = randomUUID()
      edits.push({ op: 'add-heading', id, ...(parentId ? { parentId } : {}), place: 'last', code: `${depth + 1}.${at + 1}`, name: `Part ${at + 1} of level ${depth + 1}` })
      return id
    }))
  })
  let items = 0
  for (const parentId of level) {
    for (let at = 1; at <= 10; at += 1) {
      items += 1
      edits.push({
        op: 'add-item', id: randomUUID(), parentId, place: 'last',
        set: {
          type: 'schedule', code: String(items), description: `${['Strip topsoil', 'Cut to waste', 'Lay kerb', 'Place basecourse', 'Chipseal'][items % 5]} at station ${items}`,
          unit: 'm3', quantity: String(((at * 7) % 97) + 1), plugRate: '12.5', plugType: 'material',
        },
      })
    }
  }
  for (let at = 0; at < edits.length; at += BATCH) await api.post(`/estimates/${estimateId}/edits`, { edits: edits.slice(at, at + BATCH) })
  return { estimateId, items, rows: edits.length }
}

/** A browser window signed in as the owner of `api`, and the address to open. */
export async function openBrowser(api) {
  const ui = await uiOver(api.url)
  const { url } = ui
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS })
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-NZ', timezoneId: 'Pacific/Auckland' })
  const at = api.cookie.indexOf('=')
  await context.addCookies([{ name: api.cookie.slice(0, at), value: api.cookie.slice(at + 1), url }])
  return { context, url, close: async () => { await browser.close(); ui.close() } }
}

/** Where the UI to measure is: the program's own, or that of OXFLOW_UI in front of it. */
export async function uiOver(url) {
  return process.env.OXFLOW_UI ? serveUi(resolve(process.env.OXFLOW_UI), url) : { url, close: () => {} }
}

const TYPES = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml', json: 'application/json' }

/** Serves a built UI from its folder and hands everything under /api on to the program. */
async function serveUi(folder, target) {
  const { hostname, port } = new URL(target)
  const handOn = (headers) => ({ ...headers, host: `${hostname}:${port}`, ...(headers.origin ? { origin: target } : {}) })
  const agent = new Agent({ keepAlive: true })
  const server = createServer((request, answer) => {
    if (request.url.startsWith('/api')) {
      const passed = httpRequest({ agent, hostname, port, method: request.method, path: request.url, headers: handOn(request.headers) }, (from) => {
        answer.writeHead(from.statusCode, from.headers)
        from.pipe(answer)
      })
      passed.on('error', () => answer.destroy())
      return request.pipe(passed)
    }
    const path = join(folder, new URL(request.url, target).pathname)
    const file = /\.\w+$/.test(path) && existsSync(path) ? path : join(folder, 'index.html')
    // Compressed, as the program serves its own.
    answer.writeHead(200, { 'content-type': TYPES[file.split('.').at(-1)] ?? 'application/octet-stream', 'content-encoding': 'gzip' })
    answer.end(gzipSync(readFileSync(file)))
  })
  server.on('upgrade', (request, socket, head) => {
    const to = connect(Number(port), hostname, () => {
      const headers = Object.entries(handOn(request.headers)).map(([name, value]) => `${name}: ${value}\r\n`).join('')
      to.write(`GET ${request.url} HTTP/1.1\r\n${headers}\r\n`)
      to.write(head)
      socket.pipe(to).pipe(socket)
    })
    for (const end of [socket, to]) end.on('error', () => { socket.destroy(); to.destroy() })
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections(); server.close() } }
}

/** The value below which `share` of them lie. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

export const ms = (value) => value.toFixed(1)
