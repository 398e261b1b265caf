import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { pause } from '../../platform/db/time-limit.ts'
import type { Logger } from '../../platform/log.ts'
import { type Contact, listContacts } from '../accounts/index.ts'
import type { MailsService } from '../mails/index.ts'
import { claimDigest, listDuePeople, listMailed, lockDue, postponeMail } from './digest.repository.ts'
import { isNotificationType } from './notification-types.schema.ts'
import { type NotificationRow, updateNotifications } from './notifications.repository.ts'
import { mailDelaySeconds } from './notifications.service.ts'
import { digests, type Preferences, preferencesOf } from './preferences.ts'
import { quietUntil } from './quiet-hours.ts'
import { noPreviews, renderNotifications } from './rendering.ts'

export type IsOnline = (userIds: readonly string[]) => Promise<ReadonlySet<string>>

export interface DigestDependencies {
  database: DatabaseHandle
  mails: MailsService
  isOnline: IsOnline
  /** Whether mail goes to addresses that were not proved. */
  mailsUnverified: boolean
  publicUrl: URL
  now: Clock
  log: Logger
}

const batch = 500
const rowsPerMail = 1_000
const itemsShown = 10
const retrySeconds = 3_600
/** Whoever could not be reached for so long finds it in the list. */
const mailLifeSeconds = 2 * 86_400

interface Candidate {
  contact: Contact
  preferences: Preferences
  mailedAt: string | undefined
}

/** Mails people what they have not read while they were away: one mail for all of it, at most so often. */
export class DigestService {
  readonly #deps: DigestDependencies

  constructor(deps: DigestDependencies) {
    this.#deps = deps
  }

  /** Everything that is due; several processes may do it at once. Answers how many mails it wrote. */
  async run(): Promise<number> {
    const now = this.#deps.now()
    for (let written = 0; ; await pause(0)) {
      const { userIds, isAll } = await listDuePeople(this.#deps.database.db, now.toISOString(), batch)
      written += await this.#treat(userIds, now)
      if (isAll) return written
    }
  }

  async #treat(userIds: readonly string[], now: Date): Promise<number> {
    if (userIds.length === 0) return 0
    const { database, isOnline, mailsUnverified } = this.#deps
    const [contacts, preferences, mailed, online] = await Promise.all([
      listContacts(database.db, userIds),
      preferencesOf(database.db, userIds),
      listMailed(database.db, userIds),
      isOnline(userIds),
    ])
    const isReachable = ({ id, kind, status, email_verified }: Contact) =>
      kind === 'person' &&
      status === 'active' &&
      (email_verified === 1 || mailsUnverified) &&
      preferences(id).digest !== 'off'
    const candidates = contacts.filter(isReachable)
    const reachable = new Set(candidates.map(({ id }) => id))
    const away = candidates.filter(({ id }) => !online.has(id))
    const present = [...reachable].filter((id) => online.has(id))
    await this.#postpone(
      userIds.filter((id) => !reachable.has(id)),
      now,
      null,
    )
    await this.#postpone(present, now, isoAfter(now, mailDelaySeconds))
    let written = 0
    for (const contact of away) {
      const candidate = { contact, preferences: preferences(contact.id), mailedAt: mailed.get(contact.id) }
      const until = notBefore(candidate, now)
      if (until !== undefined) await this.#postpone([contact.id], now, until)
      else if (await this.#tryToWrite(candidate, now)) written++
    }
    return written
  }

  async #postpone(userIds: readonly string[], now: Date, until: string | null): Promise<void> {
    if (userIds.length === 0) return
    await this.#deps.database.unitOfWork(({ tx }) => postponeMail(tx, userIds, now.toISOString(), until))
  }

  /** What cannot be written for one person must not keep it from all who come after. */
  async #tryToWrite(candidate: Candidate, now: Date): Promise<boolean> {
    try {
      return await this.#write(candidate, now)
    } catch (error) {
      this.#deps.log.warn({ err: error, user_id: candidate.contact.id }, 'unread notifications could not be mailed')
      await this.#postpone([candidate.contact.id], now, isoAfter(now, retrySeconds))
      return false
    }
  }

  /** False when another process did, or when everything was read meanwhile. */
  async #write(candidate: Candidate, now: Date): Promise<boolean> {
    const { database, mails, publicUrl } = this.#deps
    const { contact, preferences, mailedAt } = candidate
    const at = now.toISOString()
    const work = database.unitOfWork(async (uow) => {
      const due = await lockDue(uow.tx, database.dialect, contact.id, at, rowsPerMail)
      if (due.length === 0 || !(await claimDigest(uow.tx, contact.id, mailedAt, at))) return false
      const ids = due.map(({ id }) => id)
      await updateNotifications(uow.tx, ids, { mail_due_at: null, mailed_at: at })
      const told = due.filter((row) => isMailed(row, preferences)).reverse()
      if (told.length === 0) return false
      // No text of messages: a mail stays in mailboxes when they are long deleted.
      const shown = told.slice(0, itemsShown)
      const rendered = await renderNotifications(uow.tx, noPreviews, shown, { namedBy: 'username' })
      const more = told.length > shown.length ? [`… +${told.length - shown.length}`] : []
      await mails.enqueue(uow, {
        to: contact.email,
        template: 'notification_digest',
        data: {
          name: contact.display_name ?? contact.username,
          count: told.length,
          items: [...rendered.map(({ title }) => title), ...more],
          link: new URL('/notifications', publicUrl).href,
          settings_link: new URL('/account/notifications', publicUrl).href,
        },
        locale: contact.locale,
        userId: contact.id,
        expiresAt: isoAfter(now, mailLifeSeconds),
      })
      return true
    })
    return work.catch((error: unknown) => {
      if (database.dialect.isUniqueViolation(error, 'notification_digests_pkey')) return false
      throw error
    })
  }
}

const isMailed = ({ type }: NotificationRow, { types }: Preferences): boolean =>
  isNotificationType(type) && types[type].email

/** When a mail may be written, where that is later than now. */
function notBefore({ preferences, mailedAt }: Candidate, now: Date): string | undefined {
  const quiet = quietUntil(preferences.quietHours, now)
  if (quiet) return quiet.toISOString()
  const period = digests[preferences.digest]
  if (mailedAt === undefined || period === undefined) return undefined
  const next = isoAfter(new Date(mailedAt), period)
  return next > now.toISOString() ? next : undefined
}
