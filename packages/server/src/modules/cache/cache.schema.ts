import { type Static, Type } from 'typebox'
import { defineTopic } from '../../platform/events/event-bus.ts'
import { strict } from '../../platform/http/schemas.ts'

export const CacheStats = Type.Object(
  {
    name: Type.String(),
    entries: Type.Integer({ description: 'Those that are too old and were not asked for since among them' }),
    max_entries: Type.Integer(),
    hits: Type.Integer({ description: 'Since this process began' }),
    misses: Type.Integer(),
  },
  { title: 'CacheStats' },
)
export type CacheStats = Static<typeof CacheStats>

export const CacheQuery = Type.Object(
  {
    prefix: Type.Optional(
      Type.String({ maxLength: 64, pattern: '^[a-z._]*$', description: 'Of the names; none: all' }),
    ),
  },
  strict,
)
export type CacheQuery = Static<typeof CacheQuery>

/** Every process empties its own. */
export const cacheCleared = defineTopic<{ prefix: string }>('cache.cleared', { shared: true })
