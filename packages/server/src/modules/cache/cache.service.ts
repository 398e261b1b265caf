import { namedCaches } from '../../platform/cache/memory-cache.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import type { AuditService } from '../audit/index.ts'
import { type CacheStats, cacheCleared } from './cache.schema.ts'

export interface CacheDependencies {
  database: DatabaseHandle
  audit: AuditService
  bus: EventBus
}

/** What this process remembers for a few seconds to ask the database less: how much, never what. */
export class CacheService {
  readonly #deps: CacheDependencies

  constructor(deps: CacheDependencies) {
    this.#deps = deps
    deps.bus.subscribe(cacheCleared, ({ prefix }) => {
      for (const cache of namedCaches()) if (cache.name.startsWith(prefix)) cache.clear()
    })
  }

  stats(): CacheStats[] {
    const byName = new Map<string, CacheStats>()
    for (const { state } of namedCaches()) {
      const { name, entries, maxEntries: max_entries, hits, misses } = state
      const known = byName.get(name) ?? { name, entries: 0, max_entries, hits: 0, misses: 0 }
      known.entries += entries
      known.hits += hits
      known.misses += misses
      byName.set(name, known)
    }
    return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async clear(prefix: string): Promise<void> {
    const { database, audit, bus } = this.#deps
    await database.unitOfWork(async (uow) => {
      await audit.record(uow.tx, { type: 'cache_cleared', resource: { type: 'cache', id: prefix || null } })
      uow.afterCommit(() => bus.publish(cacheCleared, { prefix }))
    })
  }
}
