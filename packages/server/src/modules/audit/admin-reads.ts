import type { Actor } from '../../platform/actor.ts'
import { MemoryCache } from '../../platform/cache/memory-cache.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { AuditService } from './audit.service.ts'

export interface AdminReadsDependencies {
  database: DatabaseHandle
  audit: AuditService
  now: Clock
}

const quietMs = 5 * 60_000

/** Writes down that somebody looked at what belongs to others: once in 5 minutes per session and subject, not per page. */
export class AdminReads {
  readonly #deps: AdminReadsDependencies
  readonly #noted = new MemoryCache<number>({ maxEntries: 10_000, maxAgeMs: 2 * quietMs })

  constructor(deps: AdminReadsDependencies) {
    this.#deps = deps
  }

  /** Before anything is shown: `what` is the kind of thing, `id` whose or which one where it is one. */
  async note(actor: Actor, what: string, id?: string): Promise<void> {
    const { database, audit, now } = this.#deps
    const key = [actor.sessionId, what, id].join(' ')
    const time = now().getTime()
    const before = this.#noted.get(key)
    if (before !== undefined && time - before < quietMs) return
    this.#noted.set(key, time)
    try {
      const resource = { type: what, id: id ?? null }
      await database.unitOfWork(({ tx }) => audit.record(tx, { type: 'admin_read', resource }))
    } catch (error) {
      this.#noted.delete(key)
      throw error
    }
  }
}
