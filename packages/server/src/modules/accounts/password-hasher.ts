import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { platformErrors } from '../../platform/errors.ts'
import { type ForeignHash, readForeignHash } from './foreign-hashes.ts'
import { type HashCost, hashThreads } from './hash-threads.ts'
import { normalisePassword } from './password-policy.ts'

export const standardCost: HashCost = { memoryCost: 65_536, timeCost: 3 }

const maxWaiting = 64
const maxWaitMs = 5_000

interface Waiting {
  start: () => void
  timer: NodeJS.Timeout
}

/**
 * Argon2id through a bounded queue: one core stays free for requests, memory is bounded, and beyond 64 waiting or 5 s
 * of waiting the answer is 503 busy instead of a longer line.
 */
export class PasswordHasher {
  readonly #cost: HashCost
  readonly #maxRunning = Math.max(1, availableParallelism() - 1)
  readonly #waiting: Waiting[] = []
  #running = 0
  /** No account has its password, and nobody knows it: to compare with it costs what comparing with a real one does. */
  readonly #dummy: string
  /** Costs as much as the foreign hash that was compared last; there is none as long as none was. */
  #decoy: ForeignHash | undefined
  /** Hashes computed since the start, so that tests can tell equal work from none. */
  computed = 0

  constructor(cost: HashCost = standardCost) {
    this.#cost = cost
    // Made up instead of computed: a start does without the work and the memory of a hash.
    const part = (bytes: number) => randomBytes(bytes).toString('base64').replaceAll('=', '')
    this.#dummy = `${this.#beginning()}${part(16)}$${part(32)}`
  }

  hash(password: string): Promise<string> {
    return this.#run(() => hashThreads.hash(normalisePassword(password), this.#cost))
  }

  /**
   * Every wrong password takes the same work, whether the stored hash is ours, that of another system, not there or
   * unreadable: one of ours and, where accounts with foreign hashes were met, one of theirs. Never throws because of
   * what is stored.
   */
  async verify(stored: string | null | undefined, password: string): Promise<boolean> {
    const normalised = normalisePassword(password)
    // Other systems hashed what was typed; ours, and some of them, one spelling of it.
    const words = [...new Set([password, normalised])]
    const isOurs = stored != null && !this.isOutdated(stored)
    const foreign = isOurs || stored == null ? undefined : readForeign(stored)
    if (foreign) {
      this.#decoy = readForeign(foreign.decoy)
      if (await this.#isAmong(words, foreign)) return true
    }
    const against = isOurs ? stored : this.#dummy
    if ((await this.#run(() => hashThreads.verify(against, normalised).catch(() => false))) && isOurs) return true
    if (!foreign && this.#decoy) await this.#isAmong(words, this.#decoy)
    return false
  }

  /** True for every hash but those that `hash` makes now: what signs in with another one gets a new one. */
  isOutdated(stored: string): boolean {
    return !stored.startsWith(this.#beginning())
  }

  #beginning(): string {
    const { memoryCost, timeCost } = this.#cost
    return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=1$`
  }

  async #isAmong(words: readonly string[], hash: ForeignHash): Promise<boolean> {
    for (const word of words) if (await this.#run(() => hash.matches(word).catch(() => false))) return true
    return false
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter()
    try {
      this.computed++
      return await work()
    } finally {
      this.#running--
      const next = this.#waiting.shift()
      if (next) {
        clearTimeout(next.timer)
        next.start()
      }
    }
  }

  /**
   * Throws busy where there is no place left in the queue: what costs something before the hash is spared then. A place
   * may be gone all the same when it is asked for.
   */
  assertRoom(): void {
    if (this.#isFull) throw busy()
  }

  get #isFull(): boolean {
    return this.#running >= this.#maxRunning && this.#waiting.length >= maxWaiting
  }

  #enter(): Promise<void> {
    if (this.#running < this.#maxRunning) {
      this.#running++
      return Promise.resolve()
    }
    if (this.#isFull) throw busy()
    return new Promise((resolve, reject) => {
      const start = () => {
        this.#running++
        resolve()
      }
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1)
        reject(busy())
      }, maxWaitMs)
      const entry = { start, timer }
      this.#waiting.push(entry)
    })
  }
}

const readForeign = (stored: string) => readForeignHash(stored, (hash, password) => hashThreads.verify(hash, password))

/** True for a hash that somebody could sign in with. */
export const isUsableHash = (stored: string): boolean => readForeign(stored) !== undefined

const busy = () => platformErrors.busy({ detail: 'Many people are signing in right now', members: { retry_after: 2 } })
