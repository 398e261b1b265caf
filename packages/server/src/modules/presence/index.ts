import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import type { RateLimiter } from '../../platform/limits/rate-limiter.ts'
import type { Logger } from '../../platform/log.ts'
import { Attendance } from './attendance.ts'
import { PresenceService } from './presence.service.ts'
import { type PresenceRelations, PresenceViews } from './presence-views.ts'
import { PresenceWatchers } from './presence-watch.ts'

export { countInstances, listConnected } from './presence.repository.ts'
export { presenceRoutes } from './presence.routes.ts'
export { PresenceService } from './presence.service.ts'
export { presenceSocket } from './presence.socket.ts'
export { openRelations } from './presence-views.ts'

export interface PresenceParts {
  database: DatabaseHandle
  relations: PresenceRelations
  bus: EventBus
  limiter: RateLimiter
  log: Logger
  now: Clock
}

export function buildPresence(parts: PresenceParts) {
  const views = new PresenceViews(parts)
  return {
    presence: new PresenceService({ ...parts, views }),
    attendance: new Attendance(parts),
    presenceWatchers: new PresenceWatchers({ ...parts, views }),
  }
}
