import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { notificationListRoutes } from './notifications.routes.ts'
import type { NotificationsService } from './notifications.service.ts'
import { notificationPreferenceRoutes } from './preferences.routes.ts'
import type { PreferencesService } from './preferences.service.ts'

interface Dependencies {
  notifications: NotificationsService
  notificationPreferences: PreferencesService
}

/** The list, and what comes into it. */
export const notificationRoutes =
  ({ notifications, notificationPreferences }: Dependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    await app.register(notificationListRoutes(notifications))
    await app.register(notificationPreferenceRoutes(notificationPreferences))
  }
