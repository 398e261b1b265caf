import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { pause } from '../../platform/db/time-limit.ts'
import { deleteKeptUntil } from './audit.repository.ts'

export interface AuditTrailDependencies {
  database: DatabaseHandle
  now: Clock
}

const purgeBatch = 500
/** The database judges by its own clock; a row it still refused would keep all others of its batch. */
const clockDifferenceSeconds = 3_600

/** What was written down, for those who may read it. */
export class AuditTrail {
  readonly #deps: AuditTrailDependencies

  constructor(deps: AuditTrailDependencies) {
    this.#deps = deps
  }

  /** Removes the events whose time is over, a batch at a time; answers how many went. */
  async purge(): Promise<number> {
    const time = isoAfter(this.#deps.now(), -clockDifferenceSeconds)
    let removed = 0
    for (;;) {
      const gone = await this.#deps.database.unitOfWork(({ tx }) => deleteKeptUntil(tx, time, purgeBatch))
      removed += gone
      if (gone < purgeBatch) return removed
      // SQLite answers without ever letting anybody else have a turn.
      await pause(0)
    }
  }
}
