import { command, type SocketModule } from '../../platform/realtime/socket-module.ts'
import type { Attendance } from './attendance.ts'
import { NewPresence, PresenceWatch } from './presence.schema.ts'
import type { PresenceService } from './presence.service.ts'
import type { PresenceWatchers } from './presence-watch.ts'

export const presenceSocket = (
  presence: PresenceService,
  attendance: Attendance,
  watchers: PresenceWatchers,
): SocketModule => ({
  enters: ({ userId, impersonatorId }, { id }) => {
    // Who looks at an account as an administrator is not the person.
    if (impersonatorId === null) attendance.enter(userId)
    return () => {
      watchers.forget(id)
      if (impersonatorId === null) attendance.leave(userId)
    }
  },
  commands: [
    command<NewPresence>('presence.set', { permission: 'presence:update' }, NewPresence, (actor, input) =>
      presence.set(actor, input),
    ),
    command<PresenceWatch>(
      'presence.subscribe',
      { permission: 'people:read' },
      PresenceWatch,
      async (actor, { user_ids }, socket) => ({ data: await watchers.watch(actor, socket, user_ids) }),
    ),
  ],
})
