import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Problem } from '../../platform/http/schemas.ts'
import { NotificationPreferences, NotificationPreferencesChange } from './preferences.schema.ts'
import type { PreferencesService } from './preferences.service.ts'

const tags = ['notifications']
const path = '/users/me/notification-preferences'

export const notificationPreferenceRoutes =
  (preferences: PreferencesService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(path, {
      config: { access: { permission: 'notifications:read' } },
      schema: {
        operationId: 'getNotificationPreferences',
        summary: 'Which notifications come to the caller, and how',
        tags,
        response: { 200: NotificationPreferences, 401: Problem },
      },
      handler: async ({ actor }) => preferences.get(actor),
    })

    app.put(path, {
      config: { access: { permission: 'notifications:update' } },
      schema: {
        operationId: 'replaceNotificationPreferences',
        summary: 'Choose which notifications come, and how; what is not named is as by default',
        tags,
        body: NotificationPreferencesChange,
        response: { 200: NotificationPreferences, 401: Problem, 422: Problem },
      },
      handler: async ({ actor, body }) => preferences.replace(actor, body),
    })
  }
