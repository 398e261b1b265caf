/** Work of one kind that is cheaper done together. */
export interface GatheringOptions<Job, Result> {
  /** Does them, and answers in the order given. When it throws, each of them is told. */
  run(jobs: readonly Job[]): Promise<Result[]>
  /** So many batches may be on their way; what comes meanwhile waits for the next. */
  lanes: number
  /** So many are in one batch, ascending; what is more than one of these and less than the next leaves some for another. */
  sizes: readonly number[]
}

interface Waiting<Job, Result> {
  job: Job
  resolve(result: Result): void
  reject(error: unknown): void
}

/**
 * Takes what is asked for within one turn of the loop, and what comes while earlier batches run, as one batch. A batch
 * waits for nobody: who comes alone goes alone, at once.
 */
export class Gathering<Job, Result> {
  readonly #options: GatheringOptions<Job, Result>
  readonly #waiting: Waiting<Job, Result>[] = []
  #running = 0
  #isDue = false

  constructor(options: GatheringOptions<Job, Result>) {
    this.#options = options
  }

  add(job: Job): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject })
      this.#plan()
    })
  }

  #plan(): void {
    if (this.#isDue || this.#running === this.#options.lanes || this.#waiting.length === 0) return
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      void this.#runBatch(this.#waiting.splice(0, this.#size()))
    })
  }

  #size(): number {
    return this.#options.sizes.findLast((size) => size <= this.#waiting.length) ?? 1
  }

  async #runBatch(batch: readonly Waiting<Job, Result>[]): Promise<void> {
    this.#running++
    // What is left over need not wait for this batch where there is another lane.
    this.#plan()
    try {
      const results = await this.#options.run(batch.map(({ job }) => job))
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
    this.#running--
    this.#plan()
  }
}
