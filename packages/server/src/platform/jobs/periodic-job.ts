import { runInContext } from '../context.ts'
import type { Logger } from '../log.ts'

export interface PeriodicJobOptions {
  name: string
  everyMs: number
  /** Harmless when several processes do it at once. Answers how many things it did. */
  run(): Promise<number>
  log: Logger
}

/** Something done again and again by every process, after `start`: cleaning up, mostly. */
export class PeriodicJob {
  readonly #options: PeriodicJobOptions
  #timer: NodeJS.Timeout | undefined

  constructor(options: PeriodicJobOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = setInterval(() => void this.run(), this.#options.everyMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Never throws: the next turn tries again. */
  async run(): Promise<void> {
    const { name, run, log } = this.#options
    try {
      const done = await runInContext({ source: 'job', actor: null, path: name }, run)
      if (done > 0) log.info({ job: name, done }, 'job done')
    } catch (error) {
      log.warn({ err: error, job: name }, 'job failed; its next turn tries again')
    }
  }
}
