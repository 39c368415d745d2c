// Fails when the JavaScript of a first load outgrows its budget: the entry, what it imports, the
// signed-in frame and the screen it lands on. Reads what `npm run build` wrote.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const BUDGET_BYTES = 200_000
const LANDING = ['index.html', 'src/routes/shell.tsx', 'src/routes/tenders.tsx']

const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))

const seen = new Set()
function collect(name) {
  const chunk = manifest[name]
  if (!chunk) throw new Error(`no ${name} in the build`)
  if (seen.has(chunk.file)) return
  seen.add(chunk.file)
  for (const imported of chunk.imports ?? []) collect(imported)
}
LANDING.forEach(collect)

const sizes = [...seen].filter((file) => file.endsWith('.js')).map((file) => [gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length, file])
const total = sizes.reduce((sum, [size]) => sum + size, 0)
for (const [size, file] of sizes.sort((a, b) => b[0] - a[0])) console.log(`${String(size).padStart(8)}  ${file}`)
console.log(`${String(total).padStart(8)}  of ${BUDGET_BYTES} bytes, gzipped`)
if (total > BUDGET_BYTES) process.exit(1)
