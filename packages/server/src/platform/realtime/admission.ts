import { platformErrors } from '../errors.ts'

/** So many newcomers are judged and welcomed at once: the database has others to serve. */
const maxActive = 8
const maxWaiting = 200
const longestRetrySeconds = 10

/** Bounds the work that connecting makes: after an outage all come back at once. */
export class Admission {
  #active = 0
  readonly #waiting: (() => void)[] = []

  /** Throws busy, with a random time to come back, when too many wait already or the caller left while it waited. */
  async judge<T>(work: () => Promise<T>, isStillThere: () => boolean): Promise<T> {
    if (this.#active >= maxActive && this.#waiting.length >= maxWaiting) throw busy()
    await this.#turn((resolve) => this.#waiting.push(resolve))
    return this.#run(async () => {
      if (!isStillThere()) throw busy()
      return work()
    })
  }

  /** For those who were let in: they come before the others, and are not sent away. */
  async welcome(work: () => Promise<void>): Promise<void> {
    await this.#turn((resolve) => this.#waiting.unshift(resolve))
    return this.#run(work)
  }

  async #turn(wait: (resolve: () => void) => void): Promise<void> {
    if (this.#active < maxActive) this.#active++
    // Whoever ends hands the turn on.
    else await new Promise<void>(wait)
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#active--
    }
  }
}

const busy = () =>
  platformErrors.busy({
    detail: 'Too many connections are coming in at once',
    members: { retry_after: 1 + Math.floor(Math.random() * longestRetrySeconds) },
  })

/** How many connections of each kind there are, and no more than so many. */
export class Seats {
  readonly #taken = new Map<string, number>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  isFree(whose: string): boolean {
    return (this.#taken.get(whose) ?? 0) < this.#most
  }

  /** Undefined when none is left; else how to give it back, which can be done twice. */
  take(whose: string): (() => void) | undefined {
    if (!this.isFree(whose)) return undefined
    this.#taken.set(whose, (this.#taken.get(whose) ?? 0) + 1)
    let isTaken = true
    return () => {
      if (!isTaken) return
      isTaken = false
      const left = (this.#taken.get(whose) ?? 0) - 1
      if (left > 0) this.#taken.set(whose, left)
      else this.#taken.delete(whose)
    }
  }
}
