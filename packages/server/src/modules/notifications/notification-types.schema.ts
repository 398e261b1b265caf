import { Type } from 'typebox'

export const channels = ['in_app', 'email', 'push'] as const
export type Channel = (typeof channels)[number]
export type Channels = Readonly<Record<Channel, boolean>>

const everywhere: Channels = { in_app: true, email: true, push: true }
const notByMail: Channels = { ...everywhere, email: false }
const notByPush: Channels = { ...everywhere, push: false }
const nowhere: Channels = { in_app: false, email: false, push: false }

/** Everything people are told of, and how, unless they chose otherwise. A new one is a line here and its words. */
export const notificationTypes = {
  message_mention: everywhere,
  message_reply: everywhere,
  conversation_invite: everywhere,
  friend_request: everywhere,
  friend_accepted: notByMail,
  message_reaction: nowhere,
  report_resolved: notByPush,
  system: everywhere,
} satisfies Record<string, Channels>

export type NotificationType = keyof typeof notificationTypes
export const notificationTypeNames = Object.keys(notificationTypes) as NotificationType[]

/** A row may be older than the table above. */
export const isNotificationType = (name: string): name is NotificationType => Object.hasOwn(notificationTypes, name)

export const NotificationTypeName = Type.Union(notificationTypeNames.map((name) => Type.Literal(name)))
