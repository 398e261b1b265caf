import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import { listConnected, listPresenceRows, type PresenceRow } from './presence.repository.ts'
import type { Presence, PresenceState } from './presence.schema.ts'

export type Audience = 'everyone' | 'friends' | 'nobody'

/** What stands between people, as far as presence asks. */
export interface PresenceRelations {
  /** All blocks in which one of them takes part, on either side. */
  listBlocks(db: Db, userIds: readonly string[]): Promise<readonly { blocker_id: string; blocked_id: string }[]>
  /** Who may see what of them. Who is missing is seen by nobody. */
  listPrivacy(
    db: Db,
    userIds: readonly string[],
  ): Promise<ReadonlyMap<string, { show_presence: Audience; show_last_seen: Audience }>>
  /** Of the first their friends among the second. */
  listFriendships(
    db: Db,
    userIds: readonly string[],
    friendIds: readonly string[],
  ): Promise<readonly { user_id: string; friend_id: string }[]>
}

/** Everybody may see everybody. */
export const openRelations: PresenceRelations = {
  listBlocks: async () => [],
  listPrivacy: async (_db, userIds) =>
    new Map(userIds.map((id) => [id, { show_presence: 'everyone', show_last_seen: 'everyone' }])),
  listFriendships: async () => [],
}

export interface PresenceViewsDependencies {
  database: DatabaseHandle
  relations: PresenceRelations
  now: Clock
}

export type ViewOf = (viewerId: string, userId: string) => Presence

const unseen = (user_id: string): Presence => ({ user_id, state: 'offline', last_seen_at: null, text: null })

/** How people are, as others may see it: one reading for many viewers. */
export class PresenceViews {
  readonly #deps: PresenceViewsDependencies

  constructor(deps: PresenceViewsDependencies) {
    this.#deps = deps
  }

  async read(viewerIds: readonly string[], userIds: readonly string[]): Promise<ViewOf> {
    if (userIds.length === 0) return (_viewer, userId) => unseen(userId)
    const { database, relations, now } = this.#deps
    const { db, dialect } = database
    const [rows, connected, privacy, blocks] = await Promise.all([
      listPresenceRows(db, userIds),
      listConnected(db, dialect, userIds),
      relations.listPrivacy(db, userIds),
      relations.listBlocks(db, userIds),
    ])
    const choosy = userIds.filter((id) => {
      const rules = privacy.get(id)
      return rules?.show_presence === 'friends' || rules?.show_last_seen === 'friends'
    })
    const friendships = choosy.length > 0 ? await relations.listFriendships(db, choosy, viewerIds) : []
    const friends = new Set(friendships.map(({ user_id, friend_id }) => pair(user_id, friend_id)))
    const blocked = new Set(blocks.flatMap(({ blocker_id: a, blocked_id: b }) => [pair(a, b), pair(b, a)]))
    const known = new Map(rows.map((row) => [row.user_id, row]))
    const here = new Set(connected)
    const at = now().toISOString()

    return (viewerId, userId) => {
      const rules = privacy.get(userId)
      if (!rules || blocked.has(pair(userId, viewerId))) return unseen(userId)
      const isOpen = (audience: Audience) =>
        viewerId === userId ||
        audience === 'everyone' ||
        (audience === 'friends' && friends.has(pair(userId, viewerId)))
      const row = known.get(userId)
      const { state, text } = chosen(row, at)
      const isShown = isOpen(rules.show_presence)
      const seen = here.has(userId) && isShown ? state : 'offline'
      return {
        user_id: userId,
        state: seen,
        last_seen_at: seen === 'offline' && isOpen(rules.show_last_seen) ? (row?.last_seen_at ?? null) : null,
        text: isShown ? text : null,
      }
    }
  }
}

const pair = (a: string, b: string): string => `${a}:${b}`

/** What somebody chose, as of now. */
export function chosen(
  row: PresenceRow | undefined,
  at: string,
): Pick<Presence, 'state' | 'text'> & { until: string | null } {
  if (!row || (row.until !== null && row.until <= at)) return { state: 'online', text: null, until: null }
  return { state: row.state as PresenceState, text: row.text, until: row.until }
}
