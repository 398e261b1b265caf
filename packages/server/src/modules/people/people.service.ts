import type { Actor } from '../../platform/actor.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { isId } from '../../platform/ids.ts'
import { findPublicUser, type PublicUser, searchKey, searchPublicUsers } from '../accounts/index.ts'

export interface PeopleDependencies {
  database: DatabaseHandle
  cursors: Cursors
}

const list = 'people'

/** People as others see them. */
export class PeopleService {
  readonly #deps: PeopleDependencies

  constructor(deps: PeopleDependencies) {
    this.#deps = deps
  }

  async search(
    actor: Actor,
    query: { search?: string; limit?: number; cursor?: string },
  ): Promise<{ data: PublicUser[]; page: Page }> {
    const { database, cursors } = this.#deps
    const limit = query.limit ?? 20
    const prefix = searchKey(query.search?.trim().replace(/^@/, '')) ?? ''
    const [after] = query.cursor === undefined ? [] : cursors.decode<[string]>(list, query.cursor)
    const found = await searchPublicUsers(database.db, { prefix, exceptId: actor.userId, after, limit: limit + 1 })
    const data = found.slice(0, limit)
    const last = data.at(-1)
    const hasMore = found.length > limit && last !== undefined
    const next = hasMore ? cursors.encode(list, [last.username.toLowerCase()]) : null
    return { data, page: { limit, next_cursor: next, prev_cursor: null, has_more: hasMore } }
  }

  /** By id or `@username`. Throws not_found. */
  async get(name: string): Promise<PublicUser> {
    const by = name.startsWith('@')
      ? { usernameKey: name.slice(1).toLowerCase() }
      : isId(name)
        ? { id: name }
        : undefined
    const user = by && (await findPublicUser(this.#deps.database.db, by))
    if (!user) throw platformErrors.not_found({ detail: 'There is no such user' })
    return user
  }
}
