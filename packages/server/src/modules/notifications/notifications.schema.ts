import { type Static, Type } from 'typebox'
import { defineEvent } from '../../platform/events/event-types.ts'
import { Id, nullable, pageOf, strict, Time } from '../../platform/http/schemas.ts'
import { PublicUser } from '../accounts/index.ts'
import { NotificationTypeName } from './notification-types.schema.ts'

export const NotificationTarget = Type.Object(
  { type: Type.String(), id: Type.String(), url: Type.String({ description: 'A path of the web app' }) },
  { title: 'NotificationTarget' },
)

export const Notification = Type.Object(
  {
    id: Id,
    type: Type.String({ description: 'New ones may be added: show title and body of those you do not know' }),
    title: Type.String({ description: 'In the language of the reader’s account' }),
    body: nullable(Type.String({ description: 'Made from today’s content: null once that was deleted' })),
    actor: Type.Union([PublicUser, Type.Null()]),
    target: Type.Union([NotificationTarget, Type.Null()]),
    data: Type.Record(Type.String(), Type.Unknown(), { description: 'Ids of what it is about' }),
    read_at: nullable(Time),
    created_at: Time,
  },
  { title: 'Notification' },
)
export type Notification = Static<typeof Notification>

export const NotificationList = Type.Object(
  { ...pageOf(Notification, '').properties, unread_count: Type.Integer({ description: 'Of all, not of this page' }) },
  { title: 'NotificationList' },
)
export type NotificationList = Static<typeof NotificationList>

export const NotificationQuery = Type.Object(
  {
    unread: Type.Optional(Type.Boolean({ description: 'true: only what was not read yet' })),
    type: Type.Optional(NotificationTypeName),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
    cursor: Type.Optional(Type.String({ maxLength: 500 })),
  },
  strict,
)
export type NotificationQuery = Static<typeof NotificationQuery>

export const UnreadCount = Type.Object({ unread_count: Type.Integer() }, { title: 'UnreadCount' })
export type UnreadCount = Static<typeof UnreadCount>

/** As many as one call may name. */
const Ids = Type.Array(Id, { maxItems: 500 })
export const MarkAsRead = Type.Object(
  { notification_ids: Type.Optional(Ids) },
  { ...strict, title: 'MarkAsRead', description: 'Without ids: all' },
)
export type MarkAsRead = Static<typeof MarkAsRead>
export const ReadNotifications = Type.Object(
  { ids: Type.Optional(Ids) },
  { ...strict, title: 'ReadNotifications', description: 'Without ids: all' },
)
export type ReadNotifications = Static<typeof ReadNotifications>

export const NotificationPatch = Type.Object({ read: Type.Boolean() }, { ...strict, title: 'NotificationPatch' })
export type NotificationPatch = Static<typeof NotificationPatch>

/** Also told when somebody marks one unread again: it replaces what a client holds of it. */
export const notificationCreated = defineEvent('notification.created', Notification)
/** Read or removed, here or on another device. */
export const notificationRead = defineEvent(
  'notification.read',
  Type.Object({ ids: Type.Array(Id), unread_count: Type.Integer() }, { title: 'NotificationsRead' }),
)
