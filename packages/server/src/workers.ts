import cluster, { type Worker } from 'node:cluster'

/** Time for all to end; one who takes longer is killed. */
const shutdownLimitMs = 15_000
const longestPauseMs = 30_000
/** Who served this long did not fail at the start. */
const healthyMs = 60_000
const stopWord = 'stop'

/** Which of several workers this process is, from 1; 1 also where it is the only one. */
export const workerNumber = Number(process.env.ATRIUM_WORKER ?? 1)

/** For what cannot wait and must not be lost: the process ends when this returns. */
export function atExit(work: () => void): void {
  process.once('exit', work)
}

/** Runs `stop` when the process that started this worker says so. */
export function onWorkerStop(stop: () => void): void {
  process.on('message', (message) => {
    if (message === stopWord) stop()
  })
}

/**
 * Keeps `count` processes that serve one port: one that dies is replaced, after a pause that grows while it fails. The
 * first one starts alone: what keeps it from starting is said once, and ends everything.
 */
export function superviseWorkers(count: number): void {
  const workers = new Map<number, Worker>()
  const serving = new WeakSet<Worker>()
  let isStopping = false
  let exitCode = 0

  const fork = (number: number, failures: number) => {
    const worker = cluster.fork({ ...process.env, ATRIUM_WORKER: String(number) })
    const startedAt = performance.now()
    workers.set(number, worker)
    worker.on('error', (error) => console.error(error))
    worker.on('listening', () => {
      serving.add(worker)
      if (number === 1) for (let next = 2; next <= count; next++) if (!workers.has(next)) fork(next, 0)
    })
    worker.on('exit', (code, signal) => {
      workers.delete(number)
      if (isStopping) {
        if (code !== 0 && serving.has(worker)) exitCode = 1
        if (workers.size === 0) process.exit(exitCode)
        return
      }
      if (!serving.has(worker) && workers.size === 0 && failures === 0) process.exit(code || 1)
      const before = performance.now() - startedAt > healthyMs ? 0 : failures
      const pauseMs = Math.min(500 * 2 ** before, longestPauseMs)
      console.error(`Worker ${number} ended (${signal ?? code}); another one starts in ${pauseMs / 1000} s.`)
      setTimeout(() => {
        if (!isStopping) fork(number, before + 1)
      }, pauseMs)
    })
  }

  const stop = () => {
    // A second signal ends at once.
    if (isStopping) {
      for (const worker of workers.values()) worker.process.kill('SIGKILL')
      process.exit(1)
    }
    isStopping = true
    if (workers.size === 0) process.exit(0)
    for (const worker of workers.values()) {
      // Who has not begun yet does not listen.
      if (serving.has(worker) && worker.isConnected()) worker.send(stopWord)
      else worker.process.kill('SIGTERM')
    }
    setTimeout(() => {
      for (const worker of workers.values()) worker.process.kill('SIGKILL')
      process.exit(1)
    }, shutdownLimitMs).unref()
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop)
  fork(1, 0)
}
