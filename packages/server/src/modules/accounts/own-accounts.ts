import type { Actor } from '../../platform/actor.ts'
import { MemoryCache } from '../../platform/cache/memory-cache.ts'
import type { Db } from '../../platform/db/schema.ts'
import { tablesWritten } from '../../platform/db/written-tables.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import { unchangingValue } from '../../platform/unchanging.ts'
import { findUser, type UserRow } from './accounts.repository.ts'
import type { User } from './accounts.schema.ts'
import { toUser } from './to-user.ts'

/** What an own account is made of, besides the roles that its caller came with. */
export const accountTables = ['users']

interface Known {
  row: UserRow
  roles: readonly string[]
  permissions: readonly string[]
  user: User
}

/**
 * Accounts as their owners read them again and again, as they were in the last seconds. Whatever is written to their
 * tables, by whatever statement, takes all of them out before its writer is answered; in other processes the bus does.
 * News of those may be lost, so an entry is never older than 5 s, the time it was read in included.
 */
export class OwnAccounts {
  readonly #db: Db
  readonly #cache = new MemoryCache<Known>({ name: 'accounts.own', maxEntries: 2_000, maxAgeMs: 4_500 })
  /** Raised by every removal: a read that began before one must not be kept after it. */
  #generation = 0

  constructor({ db, bus }: { db: Db; bus: EventBus }) {
    this.#db = db
    bus.subscribe(tablesWritten, ({ tables }) => {
      if (tables.some((table) => accountTables.includes(table))) this.#forget()
    })
  }

  /** Undefined where there is no such account. */
  async of({ userId, roles, permissions }: Actor): Promise<User | undefined> {
    const known = this.#cache.get(userId)
    if (known && isSame(known.roles, roles) && isSame(known.permissions, permissions)) return known.user
    const generation = this.#generation
    const row = known?.row ?? (await findUser(this.#db, userId))
    if (!row) return undefined
    const user = unchangingValue(toUser(row, roles, permissions))
    // With the age of its row: other roles do not make that younger.
    if (known) Object.assign(known, { roles, permissions, user })
    else if (generation === this.#generation) this.#cache.set(userId, { row, roles, permissions, user })
    return user
  }

  #forget(): void {
    this.#generation++
    this.#cache.clear()
  }
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((each, index) => each === b[index]))
