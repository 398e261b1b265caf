import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Id, nullable, Problem } from '../../platform/http/schemas.ts'
import {
  MarkAsRead,
  Notification,
  NotificationList,
  NotificationPatch,
  NotificationQuery,
  UnreadCount,
} from './notifications.schema.ts'
import type { NotificationsService } from './notifications.service.ts'

const tags = ['notifications']
const Params = Type.Object({ id: Id })
const reading = { access: { permission: 'notifications:read' } }
const changing = { access: { permission: 'notifications:update' } }

export const notificationListRoutes =
  (notifications: NotificationsService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/notifications', {
      config: reading,
      schema: {
        operationId: 'listNotifications',
        summary: 'What the caller was told, newest first, and how much of it is unread',
        tags,
        querystring: NotificationQuery,
        response: { 200: NotificationList, 400: Problem, 401: Problem, 422: Problem },
      },
      handler: async ({ actor, query }) => notifications.list(actor, query),
    })

    app.get('/notifications/unread-count', {
      config: reading,
      schema: {
        operationId: 'countUnreadNotifications',
        summary: 'How many notifications the caller has not read',
        tags,
        response: { 200: UnreadCount, 401: Problem },
      },
      handler: async ({ actor }) => notifications.unreadCount(actor),
    })

    app.post('/notifications/mark-as-read', {
      config: { ...changing, idempotency: 'kept' },
      schema: {
        operationId: 'markNotificationsRead',
        summary: 'Mark some notifications read, or all when none is named',
        tags,
        body: nullable(MarkAsRead),
        response: { 200: UnreadCount, 401: Problem, 422: Problem },
      },
      handler: async ({ actor, body }) => notifications.markAsRead(actor, body?.notification_ids),
    })

    app.patch('/notifications/:id', {
      config: { ...changing, idempotency: 'kept' },
      schema: {
        operationId: 'updateNotification',
        summary: 'Mark one notification read, or unread again',
        tags,
        params: Params,
        body: NotificationPatch,
        response: { 200: Notification, 404: Problem, 422: Problem },
      },
      handler: async ({ actor, params, body }) => notifications.setRead(actor, params.id, body.read),
    })

    app.delete('/notifications/:id', {
      config: changing,
      schema: {
        operationId: 'removeNotification',
        summary: 'Remove one notification',
        tags,
        params: Params,
        response: { 204: Type.Null(), 404: Problem },
      },
      handler: async ({ actor, params }, reply) => {
        await notifications.remove(actor, params.id)
        return reply.code(204).send(null)
      },
    })
  }
