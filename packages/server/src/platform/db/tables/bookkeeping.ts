import { sql } from 'kysely'
import type { Clock } from '../../clock.ts'
import { type AppendedEvent, appendEvents, createStream, type NewEvent } from '../../events/streams.ts'
import type { Logger } from '../../log.ts'
import type { DatabaseHandle } from '../database.ts'
import { readEpoch } from '../installation.ts'
import { listApplied, migrate } from '../migrate.ts'
import type { Db } from '../schema.ts'
import { bookkeepingMigrations } from './bookkeeping-migrations.ts'
import { bookkeepingNames } from './bookkeeping-names.ts'
import type { TablesDialect } from './tables-dialect.ts'

/** What we keep in a database of others, in the transactions that change its rows. */
export class Bookkeeping {
  /** The same database, whose `streams`, `events` and `installation` are those of rows. */
  readonly handle: DatabaseHandle
  /** Changes when the history was replaced: places in it mean nothing any more. */
  readonly epoch: string
  readonly #known = new Set<string>()

  constructor(handle: DatabaseHandle, epoch: string) {
    this.handle = {
      ...handle,
      db: handle.db.withPlugin(bookkeepingNames),
      unitOfWork: (work) => handle.unitOfWork((uow) => work({ ...uow, tx: this.inside(uow.tx) })),
    }
    this.epoch = epoch
  }

  /** An open transaction of this database, with the names of `handle`. */
  inside(tx: Db): Db {
    return tx.withPlugin(bookkeepingNames)
  }

  /** Last in the transaction `tx`, after every other lock, like `append` of a unit of work. */
  append(tx: Db, events: readonly NewEvent[], now: Clock): Promise<AppendedEvent[]> {
    return appendEvents(this.inside(tx), this.handle.dialect, events, now)
  }

  /** Outside of transactions: whoever changes a row finds the stream of its table. */
  async ensureStreams(ids: readonly string[]): Promise<void> {
    const { db, dialect, unitOfWork } = this.handle
    const wanted = ids.filter((id) => !this.#known.has(id))
    if (wanted.length === 0) return
    const found = await db.selectFrom('streams').select('id').where('id', 'in', wanted).execute()
    const existing = new Set(found.map(({ id }) => id))
    for (const id of wanted) {
      try {
        if (existing.has(id)) this.#known.add(id)
        else {
          await unitOfWork(async ({ tx, afterCommit }) => {
            await createStream(tx, id)
            afterCommit(() => this.#known.add(id))
          })
        }
      } catch (error) {
        // Another process was faster.
        if (!dialect.isUniqueViolation(error)) throw error
        this.#known.add(id)
      }
    }
  }

  hasStream(id: string): boolean {
    return this.#known.has(id)
  }
}

/**
 * Makes our tables in a database of others, one process at a time. Undefined where that is not allowed: then nothing is
 * kept of changes.
 */
export async function openBookkeeping(
  handle: DatabaseHandle,
  dialect: TablesDialect,
  log: Logger,
): Promise<Bookkeeping | undefined> {
  try {
    // Who may write and not create is content with what somebody else has made.
    if (!(await isMade(handle))) await migrate(handle, bookkeepingMigrations, '_atrium_migrations')
    await assertWritable(handle)
    return new Bookkeeping(handle, await readEpoch(handle.db.withPlugin(bookkeepingNames)))
  } catch (error) {
    if (!mayNotCreate(error, dialect)) throw error
    log.warn('the database of the tables lets nothing be created: no live events, revisions or repeatable requests')
    return undefined
  }
}

/** Somebody else may have made what this user may only read. */
async function assertWritable({ migrationSession }: DatabaseHandle): Promise<void> {
  const statement = sql`update ${sql.id('_atrium_installation')} set value = value where 1 = 0`
  await migrationSession((session) => statement.execute(session))
}

async function isMade(handle: DatabaseHandle): Promise<boolean> {
  const applied = await listApplied(handle.db, {
    migrations: bookkeepingMigrations,
    books: '_atrium_migrations',
  }).catch((error: unknown) => {
    if (handle.dialect.isUnavailable(error)) throw error
    return new Map<string, string>()
  })
  return Object.keys(bookkeepingMigrations).every((name) => applied.has(name))
}

const mayNotCreate = (error: unknown, dialect: TablesDialect): boolean => dialect.classify(error) === 'read_only'
