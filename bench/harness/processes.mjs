import { spawn, spawnSync } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { cloneNode } from '../../scripts/setup/node.mjs'
import { root } from './folders.mjs'

const answerLimitMs = 120_000
const stopLimitMs = 8_000
const running = new Set()

/** One core for what is measured and one for who measures; undefined where processes cannot be held to cores. */
export const cores = pickCores()

function pickCores() {
  if (process.platform !== 'linux' || spawnSync('taskset', ['-V']).status !== 0) return undefined
  const allowed = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  const list = allowed.split(',').flatMap((part) => {
    const [first, last = first] = part.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
  return list.length < 2 ? undefined : { server: list[0], load: list[1] }
}

/**
 * A Node process held to one core (`server` or `load`; `any` for none in particular). With `talks` it answers questions: one message in, one message
 * out, one at a time; such a process ends by itself when this one does.
 */
export class PinnedProcess {
  #child
  #ended

  constructor(name, { core, args, env = {}, log, talks = false }) {
    this.name = name
    const command = [cloneNode(root), ...args]
    const held = cores?.[core]
    const pinned = held === undefined ? command : ['taskset', '-c', String(held), ...command]
    const output = openSync(log, 'a')
    this.log = log
    this.#child = spawn(pinned[0], pinned.slice(1), {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ['ignore', output, output, ...(talks ? ['ipc'] : [])],
    })
    running.add(this)
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', resolve)
      this.#child.once('exit', (code, signal) => resolve(new Error(`it ended (${signal ?? code})`)))
    })
    this.#ended.then(() => running.delete(this))
  }

  get pid() {
    return this.#child.pid
  }

  /** The answer of the process to one message; an error with the end of its log when it cannot. */
  async ask(message) {
    let listener
    const answer = new Promise((resolve) => {
      listener = resolve
      this.#child.once('message', listener)
    })
    try {
      this.#child.send(message)
      return await this.orFailure(answer, answerLimitMs)
    } finally {
      this.#child.off('message', listener)
    }
  }

  /** What `work` answers, unless the process ends or the time is over before. */
  async orFailure(work, limitMs) {
    let timer
    const late = new Promise((resolve) => {
      timer = setTimeout(() => resolve(new Error(`no answer within ${limitMs / 1000} s`)), limitMs)
    })
    const failure = Promise.race([this.#ended, late]).then((error) => {
      const tail = readFileSync(this.log, 'utf8').trim().split('\n').slice(-15).join('\n')
      throw new Error(`${this.name}: ${error.message}\n${tail}`)
    })
    try {
      return await Promise.race([work, failure])
    } finally {
      clearTimeout(timer)
      failure.catch(() => {})
    }
  }

  async stop() {
    if (!running.has(this)) return
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopLimitMs)
    this.#child.kill('SIGTERM')
    await this.#ended
    clearTimeout(timer)
  }
}

export const stopAll = () => Promise.all([...running].map((each) => each.stop()))
