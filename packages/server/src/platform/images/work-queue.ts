import { platformErrors } from '../errors.ts'

interface Waiting {
  start: () => void
  timer: NodeJS.Timeout
}

export interface WorkQueueOptions {
  running: number
  waiting: number
  maxWaitMs: number
}

/** So many at once, so many in line for so long; beyond that `busy`, so that a line never grows into an outage. */
export class WorkQueue {
  readonly #options: WorkQueueOptions
  readonly #line: Waiting[] = []
  #running = 0

  constructor(options: WorkQueueOptions) {
    this.#options = options
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter()
    try {
      return await work()
    } finally {
      this.#running--
      const next = this.#line.shift()
      if (next) {
        clearTimeout(next.timer)
        next.start()
      }
    }
  }

  #enter(): Promise<void> {
    const { running, waiting, maxWaitMs } = this.#options
    if (this.#running < running) {
      this.#running++
      return Promise.resolve()
    }
    if (this.#line.length >= waiting) throw busy()
    return new Promise((resolve, reject) => {
      const start = () => {
        this.#running++
        resolve()
      }
      const timer = setTimeout(() => {
        this.#line.splice(this.#line.indexOf(entry), 1)
        reject(busy())
      }, maxWaitMs)
      const entry = { start, timer }
      this.#line.push(entry)
    })
  }
}

const busy = () =>
  platformErrors.busy({ detail: 'Many pictures are being worked on right now', members: { retry_after: 3 } })
