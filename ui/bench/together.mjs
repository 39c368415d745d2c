// A hundred people in one estimate: ten of them make fifty changes a second, and one looks on. From
// a change being committed to the frame in which the looker-on sees it.
//
//   TOGETHER_SECONDS  how long (default: 20)
import { Api, layOut, ms, openBrowser, percentile, startServer } from './harness.mjs'

const LISTENERS = 99
const EDITORS = 10
const EDITS_PER_SECOND = 50
const SECONDS = Number(process.env.TOGETHER_SECONDS ?? 20)
/** Quantities the editors write, each its own row: above any that was there. */
const FIRST = 1_000
/** Longest wait for the last change to be painted. */
const PATIENCE_MS = 10_000

const server = await startServer()
try {
  const api = await Api.signIn(server.url, 'admin')
  const { estimateId } = await layOut(api, 'A hundred people', [1])
  const { rows } = await api.get(`/estimates/${estimateId}/rows?expandLevel=5&limit=50`)
  const stations = new Map(rows.map((row) => [Number(/station (\d+)/.exec(row.description)?.[1]), row.id]))
  const { context, url, close } = await openBrowser(api)
  try {
    const others = await context.newPage()
    await others.goto(`${url}/api`)
    await others.evaluate(listen, { estimateId, count: LISTENERS })
    const page = await context.newPage()
    await page.goto(`${url}/estimates/${estimateId}`)
    await page.getByText('at station 10').waitFor()
    await page.evaluate(watch)

    const committed = Array.from({ length: EDITORS }, () => [])
    const began = performance.now()
    await Promise.all(committed.map(async (mine, editor) => {
      for (let edit = editor; edit < EDITS_PER_SECOND * SECONDS; edit += EDITORS) {
        await new Promise((due) => setTimeout(due, began + (edit * 1_000) / EDITS_PER_SECOND - performance.now()))
        const edits = [{ op: 'update-item', id: stations.get(editor + 1), set: { quantity: String(FIRST + mine.length) } }]
        await api.post(`/estimates/${estimateId}/edits`, { edits })
        mine.push(Date.now())
      }
    }))
    await page.waitForFunction((last) => globalThis.__painted.filter(([, value]) => value === last).length === 10, FIRST + committed[0].length - 1, { timeout: PATIENCE_MS })
    const painted = await page.evaluate(() => globalThis.__painted)
    const latencies = []
    committed.forEach((mine, editor) => {
      const seen = painted.filter(([station]) => station === editor + 1)
      // A frame that shows a later value of the row has shown what came before it.
      mine.forEach((at, n) => {
        const first = seen.find(([, value]) => value >= FIRST + n)
        latencies.push(Math.max(0, first[2] - at))
      })
    })
    const heard = await others.evaluate(() => globalThis.__heard)
    if (heard.some((one) => one.closed || one.deltas < latencies.length)) throw new Error('somebody was dropped, or did not hear of a change')
    console.log(`| ${latencies.length} changes by ${EDITORS} editors among ${LISTENERS + 1} people | p50 ms | p95 ms | p99 ms | max ms |`)
    console.log('|---|---:|---:|---:|---:|')
    console.log(`| from commit to paint | ${[0.5, 0.95, 0.99, 1].map((share) => ms(percentile(latencies, share))).join(' | ')} |`)
  } finally {
    await close()
  }
} finally {
  server.stop()
}

/** In the page: opens connections that follow the estimate and count what they hear. */
function listen({ estimateId, count }) {
  globalThis.__heard = []
  const all = Array.from({ length: count }, (_, at) => new Promise((ready, failed) => {
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/api/v1/live?client=listener-${at}`)
    const heard = { deltas: 0, closed: false }
    globalThis.__heard.push(heard)
    socket.onopen = () => socket.send(JSON.stringify({ type: 'subscribe', estimateId }))
    socket.onerror = failed
    socket.onclose = () => { heard.closed = true }
    socket.onmessage = ({ data }) => {
      if (data.startsWith('{"type":"delta"')) heard.deltas += 1
      else if (data.startsWith('{"type":"ping"')) socket.send('{"type":"pong"}')
      else if (data.startsWith('{"type":"subscribed"')) ready()
    }
  }))
  return Promise.all(all).then(() => undefined)
}

/** In the page: notes after each frame which quantities changed in it, by station and time. */
function watch() {
  globalThis.__painted = []
  const shown = new Map()
  let waiting = false
  const look = () => {
    waiting = false
    const at = performance.timeOrigin + performance.now()
    for (const row of document.querySelectorAll('.grid-row')) {
      const station = Number(/station (\d+)/.exec(row.textContent)?.[1])
      const value = Number(row.querySelector('[data-column="3"]')?.textContent?.replaceAll(/[^\d.]/g, ''))
      if (!station || shown.get(station) === value) continue
      shown.set(station, value)
      globalThis.__painted.push([station, value, at])
    }
  }
  const frame = () => {
    if (waiting) return
    waiting = true
    // A message posted in a frame arrives after its paint.
    requestAnimationFrame(() => { const { port1, port2 } = new MessageChannel(); port1.onmessage = look; port2.postMessage(0) })
  }
  new MutationObserver(frame).observe(document.querySelector('[role="treegrid"]'), { subtree: true, childList: true, characterData: true })
}
