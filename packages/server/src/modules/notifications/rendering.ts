import type { Db } from '../../platform/db/schema.ts'
import type { EventRenderer } from '../../platform/events/event-types.ts'
import { listContacts, listPublicUsers, type PublicUser } from '../accounts/index.ts'
import { type MailLanguage, nearestLanguage } from '../mails/index.ts'
import { isNotificationType } from './notification-types.schema.ts'
import { german } from './notification-words.de.ts'
import { english } from './notification-words.en.ts'
import type { NotificationText, NotificationWords } from './notification-words.ts'
import { countUnreadNotifications, listNotificationsById, type NotificationRow } from './notifications.repository.ts'
import { type Notification, notificationCreated, notificationRead } from './notifications.schema.ts'

/** The beginnings of messages as this reader may see them today; what was deleted or is hidden is missing. */
export type Previews = (db: Db, readerId: string, messageIds: readonly string[]) => Promise<ReadonlyMap<string, string>>

export const noPreviews: Previews = async () => new Map()

const languages: Readonly<Record<MailLanguage, NotificationWords>> = { en: english, de: german }
const longestPreview = 200

/**
 * Notifications as their readers see them now, in the order given. `namedBy` username where what somebody calls themselves
 * must not become an advertisement.
 */
export async function renderNotifications(
  db: Db,
  previews: Previews,
  rows: readonly NotificationRow[],
  { namedBy = 'display_name' }: { namedBy?: 'display_name' | 'username' } = {},
): Promise<Notification[]> {
  const actorIds = rows.flatMap(({ actor_id }) => (actor_id === null ? [] : [actor_id]))
  const [actors, readers, texts] = await Promise.all([
    listPublicUsers(db, actorIds),
    listContacts(
      db,
      rows.map(({ user_id }) => user_id),
    ),
    readPreviews(db, previews, rows),
  ])
  const people = new Map(actors.map((user) => [user.id, user]))
  const locales = new Map(readers.map(({ id, locale }) => [id, locale]))
  return rows.map((row) =>
    toNotification(row, {
      words: languages[nearestLanguage(locales.get(row.user_id))],
      actor: people.get(row.actor_id ?? '') ?? null,
      namedBy,
      preview: texts.get(row.user_id)?.get(messageOf(row) ?? ''),
    }),
  )
}

async function readPreviews(db: Db, previews: Previews, rows: readonly NotificationRow[]) {
  const wanted = new Map<string, Set<string>>()
  for (const row of rows) {
    const message = messageOf(row)
    if (message === undefined) continue
    wanted.set(row.user_id, (wanted.get(row.user_id) ?? new Set()).add(message))
  }
  // A list and a stream are one person's; only pushes are for several, and those for as many as one message tells.
  const found = [...wanted].map(async ([reader, ids]) => [reader, await previews(db, reader, [...ids])] as const)
  return new Map(await Promise.all(found))
}

const dataOf = (row: NotificationRow) => JSON.parse(row.data) as Record<string, unknown>

function messageOf(row: NotificationRow): string | undefined {
  const { message_id } = dataOf(row)
  return typeof message_id === 'string' ? message_id : undefined
}

interface Surroundings {
  words: NotificationWords
  actor: PublicUser | null
  namedBy: 'display_name' | 'username'
  preview: string | undefined
}

function toNotification(row: NotificationRow, { words, actor, namedBy, preview }: Surroundings): Notification {
  const data = dataOf(row)
  const { title, body }: NotificationText = words.types[isNotificationType(row.type) ? row.type : 'system']
  const values = { ...data, actor: actor ? (actor[namedBy] ?? actor.username) : words.someone, preview }
  return {
    id: row.id,
    type: row.type,
    title: fillIn(title, values) ?? title.replace(/\s*\{\w+\}/g, ''),
    body: body === null ? null : fillIn(body, values),
    actor,
    target:
      row.target_type === null || row.target_id === null
        ? null
        : { type: row.target_type, id: row.target_id, url: row.target_url ?? '/' },
    data,
    read_at: row.read_at,
    created_at: row.created_at,
  }
}

/** Null when a value is missing. What a value says is never looked at again. */
function fillIn(text: string, values: Record<string, unknown>): string | null {
  let isWhole = true
  const filled = text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (typeof value === 'string' || typeof value === 'number') return oneLine(String(value))
    isWhole = false
    return ''
  })
  return isWhole ? filled : null
}

function oneLine(value: string): string {
  const characters = [...value.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()]
  return characters.length > longestPreview ? `${characters.slice(0, longestPreview).join('')}…` : characters.join('')
}

export const notificationEvents = (previews: Previews): EventRenderer[] => [
  {
    types: [notificationCreated],
    async render(db, events) {
      const ids = events.map(({ refs }) => String(refs.notification_id))
      const rows = await listNotificationsById(db, ids)
      const rendered = new Map((await renderNotifications(db, previews, rows)).map((each) => [each.id, each]))
      return ids.map((id) => rendered.get(id))
    },
  },
  {
    types: [notificationRead],
    async render(db, events) {
      // They go to their owner only, so these are never of more than one person.
      const counts = new Map<string, number>()
      for (const id of new Set(events.map(({ refs }) => String(refs.user_id)))) {
        counts.set(id, await countUnreadNotifications(db, id))
      }
      return events.map(({ refs }) => ({
        ids: String(refs.ids).split(','),
        unread_count: counts.get(String(refs.user_id)) ?? 0,
      }))
    },
  },
]
