import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { PushMessage, PushSender } from '../push/index.ts'
import type { NotificationRow } from './notifications.repository.ts'
import type { Notification } from './notifications.schema.ts'
import { preferencesOf } from './preferences.ts'
import { noPreviews, type Previews, renderNotifications } from './rendering.ts'

/** Hands notifications to the browsers of their readers, in the words the list has at that moment. */
export const pushNotifications =
  (database: DatabaseHandle, previews: Previews, sender: PushSender) =>
  (rows: readonly NotificationRow[]): void => {
    const userIds = [...new Set(rows.map(({ user_id }) => user_id))]
    sender.offer(userIds, async (reachable) => {
      const told = rows.filter(({ user_id }) => reachable.has(user_id))
      const preferences = await preferencesOf(database.db, [...reachable])
      const withText = told.filter(({ user_id }) => preferences(user_id).pushPreviews)
      const without = told.filter(({ user_id }) => !preferences(user_id).pushPreviews)
      const [open, closed] = await Promise.all([
        renderNotifications(database.db, previews, withText),
        renderNotifications(database.db, noPreviews, without),
      ])
      return [
        ...withText.map((row, index) => toMessage(row, open[index])),
        ...without.map((row, index) => toMessage(row, closed[index])),
      ]
    })
  }

function toMessage({ user_id, id, type }: NotificationRow, rendered: Notification | undefined): PushMessage {
  const { title = '', body = null, target = null, created_at } = rendered ?? {}
  return { userId: user_id, payload: { id, type, title, body, url: target?.url ?? '/', created_at } }
}
