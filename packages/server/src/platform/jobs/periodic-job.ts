import type { Clock } from '../clock.ts'
import { runInContext } from '../context.ts'
import type { Logger } from '../log.ts'
import type { Tracer } from '../tracing/tracer.ts'

export interface PeriodicJobOptions {
  name: string
  everyMs: number
  now: Clock
  /** Harmless when several processes do it at once. Answers how many things it did. */
  run(): Promise<number>
  log: Logger
  /** Whether it failed for something outside of us that is away, which others say already. */
  isOutage?(error: unknown): boolean
  tracer?: Tracer | undefined
}

/** How a turn ended. */
export interface JobTurn {
  startedAt: Date
  durationMs: number
  /** How many things it did; undefined where it failed. */
  done: number | undefined
  error: string | undefined
}

const errorLength = 300

/** Something done again and again by every process, after `start`: cleaning up, mostly. */
export class PeriodicJob {
  readonly name: string
  readonly everyMs: number
  readonly #options: PeriodicJobOptions
  #timer: NodeJS.Timeout | undefined
  #turnAt: Date | undefined
  #running = 0
  #turns = 0
  #failures = 0
  /** That it fails. */
  #isTold = false
  #last: JobTurn | undefined

  constructor(options: PeriodicJobOptions) {
    this.name = options.name
    this.everyMs = options.everyMs
    this.#options = options
  }

  start(): void {
    this.#turnAt = this.#options.now()
    this.#timer = setInterval(() => {
      this.#turnAt = this.#options.now()
      // One that takes longer than its turn is not done twice at once.
      if (this.#running === 0) void this.run()
    }, this.everyMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#turnAt = undefined
  }

  /** What it did since this process began. */
  get state() {
    const nextAt = this.#turnAt && new Date(this.#turnAt.getTime() + this.everyMs)
    return { isRunning: this.#running > 0, turns: this.#turns, failures: this.#failures, last: this.#last, nextAt }
  }

  /** Never throws: the next turn tries again. */
  async run(): Promise<void> {
    const { name, run, log, now, tracer, isOutage } = this.#options
    const span = tracer?.begin(`job ${name}`, 'internal', { 'atrium.job': name })
    const startedAt = now()
    const begun = performance.now()
    const end = (how: Pick<JobTurn, 'done' | 'error'>) => {
      this.#last = { startedAt, durationMs: performance.now() - begun, ...how }
    }
    this.#running++
    try {
      const done = await runInContext({ source: 'job', actor: null, path: name, ...(span ? { span } : {}) }, run)
      // Most turns find nothing to do, many of them each second.
      span?.end({ 'atrium.done': done }, { isKept: done > 0 })
      this.#isTold = false
      end({ done, error: undefined })
      if (done > 0) log.info({ job: name, done }, 'job done')
    } catch (error) {
      this.#failures++
      // What fails at every turn is told once, until it has done its work again.
      const level = this.#isTold || isOutage?.(error) ? 'warn' : 'error'
      this.#isTold ||= level === 'error'
      span?.end({}, { isFailed: true })
      end({ done: undefined, error: String(error instanceof Error ? error.message : error).slice(0, errorLength) })
      log[level]({ err: error, job: name }, 'job failed; its next turn tries again')
    } finally {
      this.#turns++
      this.#running--
    }
  }
}
