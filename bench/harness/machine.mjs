// What this machine's processors were busy with, from /proc; where there is none, nothing is known and nothing refused.
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const isKnown = existsSync('/proc/stat') && existsSync('/proc/self/task')
const ticksPerSecond = 100

// Kernel threads write to disk for us as for others: whose work it was cannot be told, so it is nobody's.
const kernelThreads = isKnown && readName(2) === 'kthreadd' ? [2] : []

function readName(pid) {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** Processor seconds of a process and everything below it, children that have ended included. */
export function cpuSeconds(pid) {
  if (!isKnown) return Number.NaN
  return tree(pid).reduce((sum, each) => sum + ownCpuSeconds(each), 0)
}

function ownCpuSeconds(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name stands in parentheses and may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [user, system, childUser, childSystem] = fields.slice(11, 15).map(Number)
    return (user + system + childUser + childSystem) / ticksPerSecond
  } catch {
    return 0
  }
}

function tree(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const children = threads.flatMap((id) => readFileSync(`/proc/${pid}/task/${id}/children`, 'utf8').split(' '))
    return [pid, ...children.filter(Boolean).flatMap(tree)]
  } catch {
    return [pid]
  }
}

/** KiB of memory of a process, what it shares with others in part; NaN where that is not known. */
export function proportionalKib(pid) {
  const file = `/proc/${pid}/smaps_rollup`
  if (!existsSync(file)) return Number.NaN
  return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(file, 'utf8'))[1])
}

function busySeconds() {
  const [, user, nice, system, , , , , stolen] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]
    .trim()
    .split(/\s+/)
    .map(Number)
  return (user + nice + system + stolen) / ticksPerSecond
}

/** Runs `work` and tells how much of one core others used meanwhile, what the host took away included. */
export async function watchOthers(work) {
  if (!isKnown) return { result: await work(), others: 0 }
  const ofOthers = () => busySeconds() - [process.pid, ...kernelThreads].map(cpuSeconds).reduce((a, b) => a + b)
  const [started, before] = [performance.now(), ofOthers()]
  const result = await work()
  const seconds = (performance.now() - started) / 1000
  return { result, others: Math.max(0, (ofOthers() - before) / seconds) }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Waits until others leave the machine alone, or until `limitMs` are over. */
export async function waitForQuiet(limitMs, level = 0.1) {
  const end = performance.now() + limitMs
  while (performance.now() < end) {
    const { others } = await watchOthers(() => pause(300))
    if (others <= level) return
    await pause(200)
  }
}
