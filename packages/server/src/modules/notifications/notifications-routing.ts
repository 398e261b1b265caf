import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type PushRoutesDependencies, pushRoutes } from '../push/index.ts'
import { notificationListRoutes } from './notifications.routes.ts'
import type { NotificationsService } from './notifications.service.ts'
import { notificationPreferenceRoutes } from './preferences.routes.ts'
import type { PreferencesService } from './preferences.service.ts'

interface Dependencies extends PushRoutesDependencies {
  notifications: NotificationsService
  notificationPreferences: PreferencesService
}

/** The list, what comes into it, and the browsers that are told of it. */
export const notificationRoutes =
  (deps: Dependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    await app.register(notificationListRoutes(deps.notifications))
    await app.register(notificationPreferenceRoutes(deps.notificationPreferences))
    await app.register(pushRoutes(deps))
  }
