const waitMs = 5_000

/** One request at a time for each upload: a later one ends the one before, whose client has gone. */
export class Takeovers {
  readonly #works = new Map<string, { stop: () => unknown; done: Promise<unknown> }>()

  async run<T>(key: string, work: () => Promise<T>, stop: () => unknown = () => {}): Promise<T> {
    for (let before = this.#works.get(key); before; before = this.#works.get(key)) {
      before.stop()
      await Promise.race([before.done, new Promise((resolve) => setTimeout(resolve, waitMs).unref())])
      if (this.#works.get(key) === before) this.#works.delete(key)
    }
    const running = work()
    const entry = { stop, done: running.catch(() => undefined) }
    this.#works.set(key, entry)
    try {
      return await running
    } finally {
      if (this.#works.get(key) === entry) this.#works.delete(key)
    }
  }
}
