import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { isId } from '../../platform/ids.ts'
import { findAccountId, findPublicUser, type PublicUser, searchKey, searchPublicUsers } from '../accounts/index.ts'
import { isBlockedFrom } from './blocks.repository.ts'
import { noSuchPerson } from './people.errors.ts'
import type { Relations } from './relations.ts'

export interface PeopleDependencies {
  database: DatabaseHandle
  cursors: Cursors
  relations: Relations
  now: Clock
}

const list = 'people'

/** People as others see them: who has blocked somebody does not exist for them, and the other way round. */
export class PeopleService {
  readonly #deps: PeopleDependencies

  constructor(deps: PeopleDependencies) {
    this.#deps = deps
  }

  async search(
    actor: Actor,
    query: { search?: string; limit?: number; cursor?: string },
  ): Promise<{ data: PublicUser[]; page: Page }> {
    const { database, cursors, now } = this.#deps
    const limit = query.limit ?? 20
    const prefix = searchKey(query.search?.trim().replace(/^@/, '')) ?? ''
    const [after] = query.cursor === undefined ? [] : cursors.decode<[string]>(list, query.cursor)
    const found = await searchPublicUsers(database.db, {
      prefix,
      exceptId: actor.userId,
      unless: isBlockedFrom(actor.userId),
      now: now().toISOString(),
      after,
      limit: limit + 1,
    })
    const data = found.slice(0, limit)
    const last = data.at(-1)
    const hasMore = found.length > limit && last !== undefined
    const next = hasMore ? cursors.encode(list, [last.username.toLowerCase()]) : null
    return { data, page: { limit, next_cursor: next, prev_cursor: null, has_more: hasMore } }
  }

  /**
   * By id or `@username`, as `viewerId` sees them, or as a stranger does. Who does not want to be found is found by name
   * only by those they know. Throws not_found.
   */
  async get(name: string, viewerId?: string): Promise<PublicUser> {
    const { database, relations, now } = this.#deps
    const by = parseName(name)
    const found = by && (await findPublicUser(database.db, by, now().toISOString()))
    if (!found) throw noSuchPerson()
    const { user, isSearchable } = found
    if (user.id === viewerId) return user
    if (viewerId !== undefined && (await relations.isBlocked(database.db, viewerId, user.id))) throw noSuchPerson()
    if (isSearchable || 'id' in by) return user
    const isKnown = viewerId !== undefined && (await relations.areAcquainted(database.db, viewerId, user.id))
    if (!isKnown) throw noSuchPerson()
    return user
  }

  /**
   * The id of an account in whatever state, hidden or not: for blocking and reporting, which must work on who hid first.
   * Throws not_found.
   */
  async identify(name: string): Promise<string> {
    const by = parseName(name)
    const id = by && (await findAccountId(this.#deps.database.db, by))
    if (id === undefined) throw noSuchPerson()
    return id
  }
}

function parseName(name: string): { id: string } | { usernameKey: string } | undefined {
  if (name.startsWith('@')) return { usernameKey: name.slice(1).toLowerCase() }
  return isId(name) ? { id: name } : undefined
}
