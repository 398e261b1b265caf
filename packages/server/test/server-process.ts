import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bareEnvironment } from './bare-environment.ts'

const main = join(import.meta.dirname, '../src/main.ts')
const startLimitMs = 20_000

/** A server in a process of its own, as an operator starts it. */
export interface ServerProcess {
  child: ChildProcess
  dataDir: string
  /** http://localhost:PORT */
  address: string
  output(): string
  exited: Promise<{ code: number | null; signal: string | null }>
}

/** Starts and waits for the banner. Throws with everything it printed when the process ends first. */
export async function startServer(
  variables: Record<string, string> = {},
  limits: ProcessLimits = {},
): Promise<ServerProcess> {
  const { child, dataDir, output, exited } = run(variables, limits)
  const address = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The server did not start:\n${output()}`)), startLimitMs)
    child.stdout?.on('data', () => {
      const found = /Atrium is running at (\S+)/.exec(output())?.[1]
      if (!found) return
      clearTimeout(timer)
      resolve(found)
    })
    void exited.then(() => {
      clearTimeout(timer)
      reject(new Error(`The server ended:\n${output()}`))
    })
  })
  return { child, dataDir, address, output, exited }
}

/** Runs a server that is expected to refuse: its exit code and what it printed. */
export async function refusedStart(
  variables: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const { output, exited, child } = run(variables)
  const timer = setTimeout(() => child.kill('SIGKILL'), startLimitMs)
  const { code } = await exited
  clearTimeout(timer)
  return { code, output: output() }
}

const running = new Set<() => Promise<void>>()

/** After each test: a test that failed half-way leaves no process behind. */
export async function endServers(): Promise<void> {
  await Promise.all([...running].map((end) => end()))
}

export interface ProcessLimits {
  openFiles?: number
  /** Megabytes */
  heap?: number
}

function run(variables: Record<string, string>, { openFiles, heap }: ProcessLimits = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'atrium-process-'))
  const env = { ...bareEnvironment(), DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'warn', ...variables }
  const limit = openFiles === undefined ? '' : `ulimit -n ${openFiles} && `
  const flags = heap === undefined ? [] : [`--max-old-space-size=${heap}`]
  const command = ['-c', `${limit}exec "$@"`, 'sh', process.execPath, ...flags, main]
  const child = spawn('/bin/sh', command, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  child.stderr.on('data', (chunk) => {
    text += chunk
  })
  const exited = once(child, 'close').then(([code, signal]) => ({ code, signal }))
  const end = async () => {
    running.delete(end)
    child.kill('SIGKILL')
    await exited
    rmSync(dataDir, { recursive: true, force: true })
  }
  running.add(end)
  return { child, dataDir, output: () => text, exited }
}
