import type { Actor } from '../../platform/actor.ts'
import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { NewEvent } from '../../platform/events/streams.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import { isId, newId } from '../../platform/ids.ts'
import { listContacts, userStream } from '../accounts/index.ts'
import { chooseDrafts, type NotificationDraft } from './drafts.ts'
import {
  countUnreadNotifications,
  deleteAllOf,
  deleteNotifications,
  findNotification,
  insertNotifications,
  listNotifications,
  lockUnread,
  type NotificationRow,
  updateNotifications,
} from './notifications.repository.ts'
import {
  type Notification,
  type NotificationList,
  type NotificationQuery,
  notificationCreated,
  notificationRead,
  type UnreadCount,
} from './notifications.schema.ts'
import { preferencesOf } from './preferences.ts'
import { quietUntil } from './quiet-hours.ts'
import { type Previews, renderNotifications } from './rendering.ts'

export interface NotificationsDependencies {
  database: DatabaseHandle
  cursors: Cursors
  now: Clock
  previews: Previews
  /** Whether this installation sends mail. */
  mailing: boolean
  /** All blocks in which one of them takes part: who blocked the other is told nothing of what they do. */
  listBlocks?: ListBlocks | undefined
  /** Told after commit of what is to reach people's browsers; must neither wait nor throw. */
  push?: ((rows: readonly NotificationRow[]) => void) | undefined
}

export type ListBlocks = (
  db: Db,
  userIds: readonly string[],
) => Promise<readonly { blocker_id: string; blocked_id: string }[]>

/** Nobody is mailed of what they were about to read anyway. */
export const mailDelaySeconds = 600
const list = 'notifications'
const markBatch = 500
const idsPerEvent = 100

const noNotification = () => platformErrors.not_found({ detail: 'There is no such notification' })

/** What people are told, and what they have read of it. */
export class NotificationsService {
  readonly #deps: NotificationsDependencies

  constructor(deps: NotificationsDependencies) {
    this.#deps = deps
  }

  /**
   * Tells people of something in the transaction of its cause. The events are the caller's to append, with its own.
   * Of more than a hundred drafts the first hundred count.
   */
  async notify(uow: UnitOfWork, drafts: readonly NotificationDraft[]): Promise<NewEvent[]> {
    const { now, mailing, push } = this.#deps
    const chosen = chooseDrafts(uow, drafts)
    const wanted = await this.#wanted(uow.tx, chosen)
    if (wanted.length === 0) return []
    const time = now()
    const preferences = await preferencesOf(
      uow.tx,
      wanted.map(({ userId }) => userId),
    )
    const pushed: NotificationRow[] = []
    const rows = wanted.flatMap((draft) => {
      const { types, quietHours, digest } = preferences(draft.userId)
      const channels = types[draft.type]
      if (!channels.in_app) return []
      const isMailed = mailing && channels.email && digest !== 'off' && draft.quiet !== true
      const row = toRow(draft, time, isMailed ? isoAfter(time, mailDelaySeconds) : null)
      if (channels.push && draft.quiet !== true && !quietUntil(quietHours, time)) pushed.push(row)
      return [row]
    })
    if (rows.length === 0) return []
    await insertNotifications(uow.tx, rows)
    if (pushed.length > 0) uow.afterCommit(() => push?.(pushed))
    return rows.map(createdEvent)
  }

  /** Without those who are gone, and those of whom one has blocked the other. */
  async #wanted(tx: Db, drafts: readonly NotificationDraft[]): Promise<NotificationDraft[]> {
    if (drafts.length === 0) return []
    const userIds = [...new Set(drafts.map(({ userId }) => userId))]
    const actorIds = drafts.flatMap(({ actorId }) => actorId ?? [])
    const contacts = await listContacts(tx, userIds)
    const blocks = actorIds.length > 0 ? await this.#deps.listBlocks?.(tx, [...new Set(actorIds)]) : undefined
    const apart = new Set(blocks?.flatMap((row) => [pair(row.blocker_id, row.blocked_id)]))
    const reachable = new Set(
      contacts.filter(({ status, kind }) => status !== 'deleted' && kind !== 'service').map(({ id }) => id),
    )
    return drafts.filter(({ userId, actorId }) => reachable.has(userId) && !apart.has(pair(userId, actorId ?? '')))
  }

  async list(actor: Actor, query: NotificationQuery): Promise<NotificationList> {
    const { database, cursors, previews } = this.#deps
    const limit = query.limit ?? 20
    const [before] = query.cursor === undefined ? [] : cursors.decode<[string]>(list, query.cursor)
    const [rows, unread_count] = await Promise.all([
      listNotifications(database.db, actor.userId, {
        unread: query.unread === true,
        type: query.type,
        before,
        limit: limit + 1,
      }),
      countUnreadNotifications(database.db, actor.userId),
    ])
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    const hasMore = rows.length > limit && last !== undefined
    const next_cursor = hasMore ? cursors.encode(list, [last.id]) : null
    return {
      data: await renderNotifications(database.db, previews, shown),
      page: { limit, next_cursor, prev_cursor: null, has_more: hasMore },
      unread_count,
    }
  }

  async unreadCount(actor: Actor): Promise<UnreadCount> {
    return { unread_count: await countUnreadNotifications(this.#deps.database.db, actor.userId) }
  }

  /** These, or all; what is not the actor's, or is read already, changes nothing. */
  async markAsRead(actor: Actor, ids?: readonly string[]): Promise<UnreadCount> {
    const { database } = this.#deps
    for (;;) {
      const marked = await database.unitOfWork((uow) => this.#markBatch(uow, actor.userId, ids))
      if (ids !== undefined || marked < markBatch) return this.unreadCount(actor)
    }
  }

  async #markBatch(uow: UnitOfWork, userId: string, ids: readonly string[] | undefined): Promise<number> {
    const found = await lockUnread(uow.tx, this.#deps.database.dialect, userId, { ids, limit: markBatch })
    if (found.length === 0) return 0
    const read_at = this.#deps.now().toISOString()
    await updateNotifications(uow.tx, found, { unread: 0, read_at, mail_due_at: null })
    await uow.append(readEvents(userId, found))
    return found.length
  }

  /** Throws not_found. */
  async setRead(actor: Actor, id: string, read: boolean): Promise<Notification> {
    const { database, previews } = this.#deps
    const row = await this.#change(actor, id, async (uow, found) => {
      if ((found.unread === 0) === read) return found
      const change = { unread: read ? 0 : 1, read_at: read ? this.#deps.now().toISOString() : null, mail_due_at: null }
      await updateNotifications(uow.tx, [id], change)
      await uow.append(read ? readEvents(actor.userId, [id]) : [createdEvent(found)])
      return { ...found, ...change }
    })
    const [rendered] = await renderNotifications(database.db, previews, [row])
    if (!rendered) throw noNotification()
    return rendered
  }

  /** Throws not_found. */
  async remove(actor: Actor, id: string): Promise<void> {
    await this.#change(actor, id, async (uow) => {
      await deleteNotifications(uow.tx, [id])
      await uow.append(readEvents(actor.userId, [id]))
    })
  }

  /** For an account that ends or changes hands. */
  async forgetAll(tx: Db, userId: string): Promise<void> {
    await deleteAllOf(tx, userId)
  }

  async #change<T>(
    actor: Actor,
    id: string,
    change: (uow: UnitOfWork, row: NotificationRow) => Promise<T>,
  ): Promise<T> {
    const { database } = this.#deps
    return database.unitOfWork(async (uow) => {
      const row = isId(id) ? await findNotification(uow.tx, database.dialect, actor.userId, id) : undefined
      if (!row) throw noNotification()
      return change(uow, row)
    })
  }
}

const pair = (a: string, b: string): string => [a, b].sort().join(':')

function toRow(draft: NotificationDraft, at: Date, mailDueAt: string | null): NotificationRow {
  return {
    id: newId(),
    user_id: draft.userId,
    type: draft.type,
    actor_id: draft.actorId,
    target_type: draft.target?.type ?? null,
    target_id: draft.target?.id ?? null,
    target_url: draft.target?.url ?? null,
    data: JSON.stringify(draft.data),
    unread: 1,
    read_at: null,
    mail_due_at: mailDueAt,
    mailed_at: null,
    created_at: at.toISOString(),
  }
}

const createdEvent = ({ id, user_id }: NotificationRow): NewEvent => ({
  stream: userStream(user_id),
  type: notificationCreated.type,
  refs: { notification_id: id, user_id },
})

/** Several, so that none grows beyond what a socket takes at once. */
function readEvents(userId: string, ids: readonly string[]): NewEvent[] {
  const events: NewEvent[] = []
  for (let first = 0; first < ids.length; first += idsPerEvent) {
    const refs = { user_id: userId, ids: ids.slice(first, first + idsPerEvent).join(',') }
    events.push({ stream: userStream(userId), type: notificationRead.type, refs })
  }
  return events
}
