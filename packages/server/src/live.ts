import { countUnreadConversations, messagingSocket } from './modules/messaging/index.ts'
import { countUnreadNotifications, notificationsSocket } from './modules/notifications/index.ts'
import { presenceSocket } from './modules/presence/index.ts'
import { syncSocket } from './modules/sync/index.ts'
import { tablesSocket } from './modules/tables/index.ts'
import { typingSocket } from './modules/typing/index.ts'
import type { Actor } from './platform/actor.ts'
import type { Clock } from './platform/clock.ts'
import type { DatabaseHandle } from './platform/db/database.ts'
import { readEpoch } from './platform/db/installation.ts'
import type { SocketModule } from './platform/realtime/socket-module.ts'
import type { Services } from './services.ts'

/** What can be done and heard by socket. */
export const socketModules = (services: Services): SocketModule[] => [
  messagingSocket(services.messaging),
  notificationsSocket(services.notifications),
  syncSocket(services.sync),
  presenceSocket(services.presence, services.attendance, services.presenceWatchers),
  typingSocket(services.typing),
  tablesSocket(services.tables),
]

/** What `session.ready` tells of the person who came in. */
export async function welcomeOf(
  actor: Actor,
  { database: { db }, services, now }: { database: DatabaseHandle; services: Services; now: Clock },
): Promise<Record<string, unknown>> {
  const [user, epoch, conversations, notifications] = await Promise.all([
    services.accounts.me(actor),
    readEpoch(db),
    countUnreadConversations(db, actor.userId, now().toISOString()),
    countUnreadNotifications(db, actor.userId),
  ])
  return { user, epoch, unread: { notifications, conversations } }
}
