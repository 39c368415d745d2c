import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const START_TIMEOUT_MS = 30_000

/** One oxFlow on a free loopback port, with the demonstration in a folder of its own. */
export class Server {
  readonly url: string
  private readonly child: ChildProcess
  /** Its data folder. */
  readonly data: string
  private readonly heard: { said: string }

  private constructor(url: string, child: ChildProcess, data: string, heard: { said: string }) {
    this.url = url
    this.child = child
    this.data = data
    this.heard = heard
  }

  /** What the server printed that looks like this; waits for it. */
  async printed(pattern: RegExp): Promise<string> {
    const deadline = Date.now() + START_TIMEOUT_MS
    for (;;) {
      const found = pattern.exec(this.heard.said)?.[0]
      if (found) return found
      if (Date.now() > deadline) throw new Error(`the server never printed ${pattern}: ${this.heard.said}`)
      await new Promise((done) => setTimeout(done, 20))
    }
  }

  /** One without the demonstration: an organisation in which nobody has entered anything. */
  static empty(): Promise<Server> {
    const data = mkdtempSync(join(tmpdir(), 'oxflow-e2e-'))
    return Server.start('127.0.0.1:0', data, ['--auth', 'development', '--data', data])
  }

  static async start(listen = '127.0.0.1:0', data = mkdtempSync(join(tmpdir(), 'oxflow-e2e-')), how = ['--demo', data], settings: Record<string, string> = {}): Promise<Server> {
    const binary = resolve(process.env.OXFLOW_BIN ?? '../target/debug/oxflow')
    const child = spawn(binary, ['serve', '--listen', listen, ...how], {
      cwd: data, env: { PATH: process.env.PATH ?? '', OXFLOW_LOG_FILTER: 'warn', ...settings }, stdio: ['ignore', 'pipe', 'pipe'],
    })
    const heard = { said: '' }
    child.stdout?.on('data', (chunk: Buffer) => { heard.said += chunk.toString() })
    const url = await address(child)
    const deadline = Date.now() + START_TIMEOUT_MS
    while (!(await fetch(`${url}/readyz`).then((answer) => answer.ok, () => false))) {
      if (Date.now() > deadline) throw new Error('the server was never ready')
      await new Promise((done) => setTimeout(done, 20))
    }
    return new Server(url, child, data, heard)
  }

  /** Kills it where it stands and starts it again on the same data and port. */
  async restart(between: () => Promise<void>): Promise<Server> {
    this.kill()
    await between()
    return Server.start(new URL(this.url).host, this.data)
  }

  kill(): void {
    this.child.kill('SIGKILL')
  }

  stop(): void {
    this.kill()
    rmSync(this.data, { recursive: true, force: true })
  }
}

function address(child: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let said = ''
    const timer = setTimeout(() => failed(new Error(`the server did not start: ${said}`)), START_TIMEOUT_MS)
    const read = (chunk: Buffer) => {
      said += chunk.toString()
      const url = /http:\/\/[\d.]+:\d+/.exec(said)?.[0]
      if (url) {
        clearTimeout(timer)
        found(url)
      }
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.on('exit', (code) => failed(new Error(`the server stopped with ${code}: ${said}`)))
  })
}
