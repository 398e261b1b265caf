import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { bareEnvironment } from '../../bare-environment.ts'
import { until } from './waiting.ts'

const packageRoot = new URL('../../../', import.meta.url)
/** What the full matrix measures includes the true cost of passwords. */
const cheap = process.env.ATRIUM_FAULTS === 'full' ? [] : ['cheap-hashes.ts']
const programs = ['loop-lag.ts', 'held-memory.ts', ...cheap].map((file) => `../../programs/${file}`)
const preloaded = ['end-with-parent.ts', ...programs].map((file) => new URL(file, import.meta.url).href)
const readyLimitMs = 60_000

/** Starts one that is to end by itself: how it ended, after how long, and what it said. */
export function startInVain(variables: Record<string, string>): Promise<{ code: number; ms: number; said: string }> {
  const began = performance.now()
  return new Promise((resolve) => {
    const env = { ...bareEnvironment(), ...variables }
    execFile(process.execPath, [program()], { env, timeout: 60_000 }, (error, out, err) => {
      resolve({ code: Number(error?.code ?? 0), ms: performance.now() - began, said: `${out}${err}` })
    })
  })
}

/** What users run, or the sources where the build is older than they are. */
function program(fromSources = false): string {
  const built = new URL('dist/main.js', packageRoot)
  const source = new URL('src/', packageRoot)
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(?<!\.test)\.ts$/.test(file),
  )
  const newest = Math.max(...files.map((file) => statSync(new URL(file, source)).mtimeMs))
  const isBuilt = (statSync(built, { throwIfNoEntry: false })?.mtimeMs ?? 0) > newest
  return fileURLToPath(isBuilt && !fromSources ? built : new URL('src/main.ts', packageRoot))
}

/** The program and its arguments; a shell that takes the limits becomes the process itself. */
function limited([node = '', ...rest]: string[], limits: ProcessLimits | undefined): [string, string[]] {
  if (!limits) return [node, rest]
  const heap = `--max-old-space-size=${limits.heapMb}`
  return ['/bin/sh', ['-c', `ulimit -n ${limits.openFiles} && exec "$@"`, 'sh', node, heap, ...rest]]
}

/** Each worker of vitest has ports of its own: another's server may be down that comes back. */
const lane = Number(process.env.VITEST_POOL_ID ?? 1) % 8

/**
 * Below the range of outgoing connections, so that no client takes it while the server is down; and above 10080, which
 * `fetch` refuses.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = 10_100 + lane * 1_000 + Math.floor(Math.random() * 1_000)
    const probe = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    probe.close()
    await once(probe, 'close')
    return port
  }
  throw new Error('No free port found between 10100 and 18100.')
}

/** What the operating system and Node let a process have. */
export interface ProcessLimits {
  openFiles: number
  heapMb: number
}

/** One server process that can be killed and comes back on the same port. */
export class ServerProcess {
  readonly origin: string
  /** Its settings. */
  readonly variables: Record<string, string>
  readonly #preloads: readonly string[]
  /** File by file, as the sources are; a build has them in one piece. */
  readonly #isRewritten: boolean
  readonly #logFile: string | undefined
  readonly #limits: ProcessLimits | undefined
  #child: ChildProcess | undefined
  readonly #sentenced = new WeakSet<ChildProcess>()
  #output = ''
  /** Ends that no test asked for, with what the process said last. */
  readonly surprises: string[] = []

  /** `logFile` gets what it writes to standard output, instead of us. */
  constructor(
    port: number,
    variables: Record<string, string>,
    preloads: readonly string[] = [],
    { logFile, limits }: { logFile?: string | undefined; limits?: ProcessLimits | undefined } = {},
  ) {
    this.origin = `http://127.0.0.1:${port}`
    this.variables = { ...variables, PORT: String(port) }
    this.#preloads = [...preloaded, ...preloads]
    this.#isRewritten = preloads.length > 0
    this.#logFile = logFile
    this.#limits = limits
  }

  /** Resolves to the milliseconds it took until /ready said yes. */
  async start(): Promise<number> {
    const imports = this.#preloads.flatMap((file) => ['--import', file])
    const logTo = this.#logFile === undefined ? 'pipe' : openSync(this.#logFile, 'a')
    const command = [process.execPath, ...imports, program(this.#isRewritten)]
    const child = spawn(...limited(command, this.#limits), {
      env: { ...bareEnvironment(), ...this.variables },
      stdio: ['pipe', logTo, 'pipe'],
    })
    if (typeof logTo === 'number') closeSync(logTo)
    this.#child = child
    child.stdin?.on('error', () => {})
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk).slice(-20_000)
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    child.once('exit', (code, signal) => {
      if (!this.#sentenced.has(child)) {
        this.surprises.push(`The server ended by itself (${signal ?? code}):\n${this.#output.slice(-4000)}`)
      }
    })
    const isOver = () => child.exitCode !== null || child.signalCode !== null
    const complaint = () => `${this.origin} is not ready:\n${this.#output.slice(-4000)}`
    const ms = await until(async () => isOver() || (await this.#isReady()), readyLimitMs, complaint)
    if (isOver() && !this.#sentenced.has(child)) throw new Error(complaint())
    return ms
  }

  async #isReady(): Promise<boolean> {
    try {
      const response = await fetch(`${this.origin}/ready`, { signal: AbortSignal.timeout(2000) })
      return response.ok
    } catch {
      return false
    }
  }

  /** `kill -9`. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  /** `SIGTERM`. Resolves to how it ended and after how many milliseconds. */
  async stop(): Promise<{ code: number | null; ms: number }> {
    const began = performance.now()
    const late = setTimeout(() => this.#child?.kill('SIGKILL'), 20_000)
    await this.#end('SIGTERM')
    clearTimeout(late)
    return { code: this.#child?.exitCode ?? null, ms: performance.now() - began }
  }

  /** `SIGSTOP` until `resume`. */
  hold(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Megabytes of memory it holds. */
  get residentMb(): number {
    const line = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.#child?.pid}/status`, 'utf8'))?.[1]
    return Number(line ?? 0) / 1024
  }

  /** Files and connections it has open. */
  get handles(): number {
    return readdirSync(`/proc/${this.#child?.pid}/fd`).length
  }

  /** What it holds when its garbage is collected, in megabytes. */
  async heldMemory(): Promise<{ residentMb: number; heapMb: number }> {
    const said = /held resident ([\d.]+) heap ([\d.]+)/g
    const all = () => [...this.#output.matchAll(said)]
    const before = all().length
    this.#child?.kill('SIGWINCH')
    await until(
      () => all().length > before,
      30_000,
      () => `${this.origin} does not say what it holds`,
    )
    const [, resident, heap] = all().at(-1) ?? []
    return { residentMb: Number(resident), heapMb: Number(heap) }
  }

  /** How late its event loop was since this was asked last: milliseconds that 99 of 100 looks stayed below. */
  async loopLag(): Promise<number> {
    const said = /loop lag p99 ([\d.]+) ms/g
    const count = () => [...this.#output.matchAll(said)].length
    const before = count()
    this.#child?.kill('SIGUSR2')
    await until(
      () => count() > before,
      30_000,
      () => `${this.origin} does not say how late its loop is`,
    )
    return Number([...this.#output.matchAll(said)].at(-1)?.[1])
  }

  /** The end of what it printed. */
  get output(): string {
    return this.#output
  }

  /** The ids of the processes it started, as the kernel tells them. */
  children(): number[] {
    const pid = this.#child?.pid
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return text.split(' ').filter(Boolean).map(Number)
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    this.#sentenced.add(child)
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
}
