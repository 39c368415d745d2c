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

  private constructor(url: string, child: ChildProcess, data: string) {
    this.url = url
    this.child = child
    this.data = data
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
    const url = await address(child)
    const deadline = Date.now() + START_TIMEOUT_MS
    while (!(await fetch(`${url}/readyz`).then((answer) => answer.ok, () => false))) {
      if (Date.now() > deadline) throw new Error('the server was never ready')
      await new Promise((done) => setTimeout(done, 20))
    }
    return new Server(url, child, data)
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
