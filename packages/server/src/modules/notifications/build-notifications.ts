import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { Logger } from '../../platform/log.ts'
import type { MailsService } from '../mails/index.ts'
import type { PushSender } from '../push/index.ts'
import { DigestService, type IsOnline } from './digest.service.ts'
import { type ListBlocks, NotificationsService } from './notifications.service.ts'
import { PreferencesService } from './preferences.service.ts'
import { purgeNotifications } from './purge.ts'
import { pushNotifications } from './pushing.ts'
import { noPreviews, notificationEvents, type Previews } from './rendering.ts'

export interface NotificationsFoundation {
  config: { mail: { driver: string }; emailVerification: string; publicUrl: URL }
  database: DatabaseHandle
  cursors: Cursors
  mails: MailsService
  now: Clock
  log: Logger
  pushSender: PushSender
  /** Text of messages, as their readers may see it; none without. */
  previews?: Previews
  /** Which of these people are connected; nobody without. */
  isOnline?: IsOnline
  listBlocks?: ListBlocks
}

/** Everything of this room, put together. */
export function buildNotifications(foundation: NotificationsFoundation) {
  const { config, database, now, previews = noPreviews, isOnline = async () => new Set<string>() } = foundation
  const { publicUrl } = config
  const mailing = config.mail.driver !== 'off'
  const mailsUnverified = config.emailVerification === 'off'
  return {
    notifications: new NotificationsService({
      ...{ ...foundation, previews, mailing },
      push: pushNotifications(database, previews, foundation.pushSender),
    }),
    notificationPreferences: new PreferencesService({ database, now }),
    notificationDigest: new DigestService({ ...foundation, isOnline, mailsUnverified, publicUrl }),
    notificationEvents: notificationEvents(previews),
    purgeNotifications: () => purgeNotifications(database, now),
  }
}
