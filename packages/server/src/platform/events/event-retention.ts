import type { Clock } from '../clock.ts'
import type { DatabaseHandle } from '../db/database.ts'
import type { Logger } from '../log.ts'
import { defaultPurgeLimits, purgeEvents } from './purge.ts'

const everyMs = 3_600_000

/** Removes events that are past their time, once an hour; several processes doing it at once do no harm. */
export class EventRetention {
  readonly #deps: { database: DatabaseHandle; log: Logger; now: Clock }
  #timer: NodeJS.Timeout | undefined

  constructor(deps: { database: DatabaseHandle; log: Logger; now: Clock }) {
    this.#deps = deps
  }

  start(): void {
    this.#timer = setInterval(() => void this.run(), everyMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async run(): Promise<void> {
    const { database, log, now } = this.#deps
    try {
      const removed = await purgeEvents(database, defaultPurgeLimits(now()))
      if (removed > 0) log.info({ removed }, 'old events removed')
    } catch (error) {
      log.warn({ err: error }, 'old events could not be removed; the next hour tries again')
    }
  }
}
