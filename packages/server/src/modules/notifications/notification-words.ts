import type { NotificationType } from './notification-types.schema.ts'

/**
 * `{actor}` is the name of who did it, `{preview}` the beginning of the message if the reader may see it today, any other
 * `{name}` a value of the notification's data. A body that lacks a value is left out.
 */
export interface NotificationText {
  title: string
  body: string | null
}

/** All words of one language. */
export interface NotificationWords {
  /** Instead of the name of somebody who has left. */
  someone: string
  types: Readonly<Record<NotificationType, NotificationText>>
}
