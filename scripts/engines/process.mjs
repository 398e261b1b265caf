// One engine as a child process that cannot outlive us, even when we are killed outright.
import { execFileSync, spawn } from 'node:child_process'
import { chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

// The keeper holds the reading end of a pipe whose writing end only our process has. However we end, the pipe closes;
// then it stops the engine, removes the engine's folder and ends itself.
const keeper = `
exec 3<&0 </dev/null
folder=$1 signal=$2; shift 2
"$@" 3<&- & engine=$!
echo $engine >"$folder/engine.pid"
{ cat <&3 >/dev/null; : >"$folder/ending"; kill -s "$signal" $engine; } 2>/dev/null &
exec 3<&-
wait $engine; code=$?
if [ -e "$folder/ending" ]; then rm -rf "$folder"; rmdir "$(dirname "$folder")" 2>/dev/null; fi
exit $code`

const patienceMs = { start: 90_000, stop: 15_000 }

/** PostgreSQL and MariaDB refuse to run as root; everybody else runs them as themselves. */
export function unprivilegedUser() {
  if (process.getuid?.() !== 0) return {}
  const id = (flag) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** A port below the range the system takes for outgoing connections, so nobody takes it before the engine does. */
export async function freePort() {
  for (let tries = 0; tries < 100; tries++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const free = await new Promise((resolve) => {
      const probe = createServer()
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
    })
    if (free) return port
  }
  throw new Error('No free port found between 20000 and 32000.')
}

export class Engine {
  #child
  #log
  #how
  #ask

  constructor(name, parentFolder) {
    this.name = name
    this.folder = join(parentFolder, name)
    this.user = unprivilegedUser()
    this.#log = join(this.folder, 'log')
    mkdirSync(this.folder, { mode: 0o700 })
    if (this.user.uid !== undefined) chownSync(this.folder, this.user.uid, this.user.gid)
  }

  get #options() {
    return { ...this.user, cwd: this.folder, env: { PATH: process.env.PATH, HOME: this.folder, LC_ALL: 'C' } }
  }

  /** Runs a program of the engine to its end as the engine's user and returns what it printed. */
  run(command, args, env = {}) {
    const { env: base, ...options } = this.#options
    return new Promise((resolve, reject) => {
      const child = spawn(command, args, { ...options, env: { ...base, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
      const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs.start)
      let output = ''
      child.stdout.on('data', (chunk) => (output += chunk))
      child.stderr.on('data', (chunk) => (output += chunk))
      child.once('error', reject)
      child.once('close', (code) => {
        clearTimeout(timer)
        if (code === 0) resolve(output)
        else reject(new Error(`${this.name}: ${command} failed (${code}):\n${output.trim()}`))
      })
    })
  }

  /** Starts the server program; `signal` is what ends it in good order. */
  start(command, args, signal = 'TERM') {
    this.#how = [command, args, signal]
    const log = openSync(this.#log, 'a')
    // Detached: Ctrl-C in the terminal is for us, who then stop the engines after the tests that use them.
    this.#child = spawn('/bin/sh', ['-c', keeper, 'sh', this.folder, signal, command, ...args], {
      ...this.#options,
      detached: true,
      stdio: ['pipe', log, log],
    })
    closeSync(log)
    this.#child.stdin.on('error', () => {})
    this.#child.once('error', () => {})
  }

  #hasEnded() {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Repeats the question until it is answered without an error. */
  async answer(ask) {
    this.#ask = ask
    const end = Date.now() + patienceMs.start
    for (;;) {
      try {
        return await ask()
      } catch (error) {
        if (!this.#hasEnded() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50))
        else throw new Error(`${this.name} does not answer: ${error.message}\n${this.#logTail()}`, { cause: error })
      }
    }
  }

  #logTail() {
    return existsSync(this.#log) ? readFileSync(this.#log, 'utf8').trim().split('\n').slice(-20).join('\n') : ''
  }

  /** Sends the server program itself a signal, STOP and CONT say. */
  signal(name) {
    process.kill(Number(readFileSync(join(this.folder, 'engine.pid'), 'utf8')), name)
  }

  /** Ends the server program by a signal and keeps its data, for `restart`. */
  async crash(signal = 'SIGKILL') {
    if (this.#hasEnded()) return
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.signal(signal)
    await ended
    // The rest of the keeper, which would wait for our end.
    process.kill(-this.#child.pid, 'SIGKILL')
  }

  /** Starts it as before and waits until it answers. */
  async restart() {
    this.start(...this.#how)
    await this.answer(this.#ask)
  }

  async stop() {
    if (!this.#child || this.#hasEnded()) return
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    const timer = setTimeout(() => process.kill(-this.#child.pid, 'SIGKILL'), patienceMs.stop)
    this.#child.stdin.end()
    await ended
    clearTimeout(timer)
  }
}

/** Versions are compared as numbers, part by part: 10.11 is newer than 10.6. */
export function requireVersion(name, version, least) {
  const [actual, wanted] = [version, least].map((text) => text.match(/\d+/g).map(Number))
  const difference = wanted.map((part, index) => (actual[index] ?? 0) - part).find((each) => each !== 0) ?? 0
  if (difference < 0) throw new Error(`${name} ${least} or newer is needed; this is ${version}.`)
}
