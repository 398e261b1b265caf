import type { Clock } from '../clock.ts'
import type { DatabaseHandle } from '../db/database.ts'
import type { UnitOfWork } from '../db/unit-of-work.ts'
import type { Logger } from '../log.ts'
import { IdempotencyKeys } from './idempotency-keys.ts'

/** A database and the keys in it. */
export interface KeyStore {
  database: Pick<DatabaseHandle, 'together' | 'unitOfWork'>
  keys: IdempotencyKeys
}

interface Dependencies {
  database: DatabaseHandle
  /** The tables' database; without `books` nothing of ours can be kept in it. */
  openRows(): Promise<{ handle: DatabaseHandle; books: unknown }>
  log: Logger
  now: Clock
}

/** The keys of all databases: each lies where the effect of its request is, so that both are committed together. */
export class Idempotency {
  readonly own: KeyStore
  readonly #deps: Dependencies

  constructor(deps: Dependencies) {
    const { database, now } = deps
    this.own = { database, keys: new IdempotencyKeys({ database, table: 'idempotency_keys', now }) }
    this.#deps = deps
  }

  /** Of the tables' database; undefined where it cannot keep any. */
  async rows(): Promise<KeyStore | undefined> {
    const { handle, books } = await this.#deps.openRows()
    if (books === undefined) return undefined
    const keys = new IdempotencyKeys({ database: handle, table: '_atrium_idempotency', now: this.#deps.now })
    return { database: handle, keys }
  }

  /** With the account. What the other database has goes after the commit, or with its day. */
  async forget({ tx, afterCommit }: Pick<UnitOfWork, 'tx' | 'afterCommit'>, userId: string): Promise<void> {
    await this.own.keys.forget(tx, userId)
    afterCommit(async () => {
      const store = await this.rows()
      await store?.database.unitOfWork(({ tx: other }) => store.keys.forget(other, userId))
    })
  }

  async purge(): Promise<number> {
    const own = await this.own.keys.purge()
    try {
      return own + ((await (await this.rows())?.keys.purge()) ?? 0)
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'idempotency keys of the tables are purged another time')
      return own
    }
  }
}
