/** Work that has begun, and ends before what it stands on is closed. */
export class Ongoing {
  readonly #works = new Set<Promise<unknown>>()

  add<T>(work: Promise<T>): Promise<T> {
    const end = () => this.#works.delete(work)
    this.#works.add(work)
    work.then(end, end)
    return work
  }

  /** Resolves when all of it has ended, or after the limit; never throws. */
  async settled(limitMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs)
    })
    await Promise.race([Promise.allSettled(this.#works), limit])
    clearTimeout(timer)
  }
}
