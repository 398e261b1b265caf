import { command, type SocketModule } from '../../platform/realtime/socket-module.ts'
import { ReadNotifications } from './notifications.schema.ts'
import type { NotificationsService } from './notifications.service.ts'

export const notificationsSocket = (notifications: NotificationsService): SocketModule => ({
  commands: [
    command<ReadNotifications>(
      'notification.read',
      { permission: 'notifications:update' },
      ReadNotifications,
      (actor, { ids }) => notifications.markAsRead(actor, ids),
    ),
  ],
})
