/** A set of callbacks. One that throws is reported and keeps nobody else from hearing. */
export class Listeners<Args extends unknown[]> {
  readonly #callbacks = new Set<(...args: Args) => void>()
  readonly #report: (error: unknown) => void

  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  add(callback: (...args: Args) => void): () => void {
    // Wrapped, so that the same function added twice is two subscriptions.
    const entry = (...args: Args) => callback(...args)
    this.#callbacks.add(entry)
    return () => {
      this.#callbacks.delete(entry)
    }
  }

  tell(...args: Args): void {
    for (const callback of [...this.#callbacks]) {
      try {
        callback(...args)
      } catch (error) {
        this.#report(error)
      }
    }
  }
}
