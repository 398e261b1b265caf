import { sql } from 'kysely'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { DatabaseHandle } from './database.ts'

export interface SharedClockOptions {
  database: Pick<DatabaseHandle, 'db' | 'dialect'>
  log: Logger
  /** The clock of this machine. */
  own: Clock
}

const lookMs = 5_000
/** From then on somebody is told: codes that depend on the time are valid for half a minute. */
const tolerableMs = 30_000

/**
 * The time of the database, which all instances of an installation share: a token that one of them signs is never from
 * the future for another, and no code lives twice. Between two looks the steady clock of the process goes on, so that the
 * clock of the machine may jump. Where the database has no clock but the machine's, it is that one.
 */
export class SharedClock {
  readonly #options: SharedClockOptions
  readonly #isShared: boolean
  /** What is added to the steady clock, in milliseconds. */
  #offset: number | undefined
  #isOff = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: SharedClockOptions) {
    this.#options = options
    this.#isShared = options.database.dialect.hasOwnClock
  }

  readonly now: Clock = () =>
    this.#offset === undefined ? this.#options.own() : new Date(Math.round(this.#offset + performance.now()))

  /** False while the clock of this machine and the database's tell different times. */
  get isTrue(): boolean {
    return !this.#isOff
  }

  /** After the first look. */
  async start(): Promise<void> {
    await this.look()
    if (!this.#isShared) return
    this.#timer = setInterval(() => void this.look(), lookMs)
    this.#timer.unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** Never throws: until the next look the steady clock knows the time. */
  async look(): Promise<void> {
    if (!this.#isShared) return
    const { database, log } = this.#options
    const asked = performance.now()
    try {
      const { rows } = await sql<{ ms: number | string }>`select ${database.dialect.nowMs} as ms`.execute(database.db)
      const answered = performance.now()
      const theirs = Number(rows[0]?.ms)
      // It was that time at some moment between question and answer. What agrees with it is left as it is.
      const [least, most] = [theirs - answered, theirs + 1 - asked]
      this.#offset = Math.min(Math.max(this.#offset ?? (least + most) / 2, least), most)
      this.#judge()
    } catch (error) {
      log.debug({ err: error }, 'the time could not be asked for')
    }
  }

  /** One line when it goes wrong and one when it is right again. */
  #judge(): void {
    const aheadMs = this.#options.own().getTime() - this.now().getTime()
    const isOff = Math.abs(aheadMs) > tolerableMs
    if (isOff === this.#isOff) return
    this.#isOff = isOff
    const fields = { ahead_s: Math.round(aheadMs / 1000) }
    if (isOff)
      this.#options.log.warn(fields, "the clock of this machine is not the database's, whose time counts; correct them")
    else this.#options.log.info(fields, "the clock of this machine is the database's again")
  }
}
