import type { Logger } from '../../log.ts'
import type { PoolMeter } from '../query-meter.ts'
import { DatabaseOverrunError, DatabaseUnavailableError, errorCode } from './dialect.ts'

export interface PulseOptions {
  /** Asks what is answered at once, over a connection that nothing else uses: the milliseconds it took, or gives up. */
  probe(limitMs: number): Promise<number>
  log: Logger
  /** Who waits for a connection: where there are many it is asked at once. */
  pool: PoolMeter
  /** Told each time it was not answered. */
  onSilence?(): void
}

interface Waiting {
  since: number
  fail(error: Error): void
}

/** Longer than nearly every statement takes; from then on it is asked whether, and how soon, the database answers. */
const patienceMs = 250
/** At rest it is asked so often: to connect to a slow database takes several of its answers, and the way there is known. */
const restMs = 5_000
export const probeLimitMs = 3_000
const lookMs = 250
/** To answer what costs nothing takes a well database a millisecond. */
const slowMs = 300
const starvedMs = 1_000

const silent = () => new DatabaseUnavailableError('The database does not answer.')

/**
 * Tells a slow statement from a silent database. A network that drops what is sent reports no error, and each statement
 * would wait for its whole time limit. Here, when one waits long, the database is asked by another way. Where that is not
 * answered either, all that wait fail together, and what is new fails at once until there is an answer again.
 * Where it is answered late, whoever finds a long queue is refused: another one would learn later that its wait was in
 * vain. A queue for a row that many change is none of this; the database is quick, and all have their turn.
 */
export class Pulse {
  readonly #options: PulseOptions
  readonly #waiting = new Set<Waiting>()
  readonly #timer: NodeJS.Timeout
  #isSilent = false
  #isSlow = false
  #isProbing = false
  #lookedAt = performance.now()
  #askedAt = performance.now()
  #starvedAt = Number.NEGATIVE_INFINITY

  constructor(options: PulseOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.#look(), lookMs)
    this.#timer.unref()
  }

  /** What `work` answers, or the error of a silent database as soon as it is known to be silent. */
  guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isSilent) return Promise.reject(silent())
    return new Promise<T>((resolve, reject) => {
      const waiting = { since: performance.now(), fail: reject }
      this.#waiting.add(waiting)
      const end = () => this.#waiting.delete(waiting)
      work().then(
        (answer) => {
          end()
          resolve(answer)
        },
        (error: unknown) => {
          end()
          reject(error)
        },
      )
    })
  }

  /** Before somebody waits for a connection. */
  assertRoom(): void {
    if (this.#isSlow && this.#options.pool.isCrowded) throw new DatabaseOverrunError()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  async #look(): Promise<void> {
    const now = performance.now()
    if (now - this.#lookedAt > starvedMs) this.#starvedAt = now
    this.#lookedAt = now
    const [oldest] = this.#waiting
    const isLong = oldest !== undefined && now - oldest.since > patienceMs
    const isDoubtful = isLong || this.#isSilent || this.#isSlow || this.#options.pool.isCrowded
    if (this.#isProbing || !(isDoubtful || now - this.#askedAt > restMs)) return
    this.#isProbing = true
    this.#askedAt = now
    const wasSilent = this.#isSilent
    const took = await this.#options.probe(probeLimitMs).catch((error: unknown) => (isSilence(error) ? undefined : 0))
    const isSilent = took === undefined
    this.#isProbing = false
    // A process that was stopped, or had no time, has not heard what may well have been said: it asks again.
    if (isSilent && this.#starvedAt >= now) return
    this.#isSilent = isSilent
    this.#isSlow = took !== undefined && took > slowMs
    if (isSilent) this.#options.onSilence?.()
    if (wasSilent !== this.#isSilent) {
      if (this.#isSilent) this.#options.log.warn('the database does not answer; requests that need it are refused')
      else this.#options.log.info('the database answers again')
    }
    if (!this.#isSilent) return
    for (const { fail } of this.#waiting) fail(silent())
    this.#waiting.clear()
  }
}

/** Any other error was sent by somebody: what waits will hear of it by itself. */
const isSilence = (error: unknown): boolean =>
  error instanceof DatabaseUnavailableError ||
  ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'].includes(errorCode(error)) ||
  (error instanceof Error && error.message.includes('timeout'))
