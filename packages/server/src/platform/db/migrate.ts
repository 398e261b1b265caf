import type { Kysely } from 'kysely'
import type { DatabaseHandle } from './database.ts'
import { DatabaseRefusedError, type Dialect } from './dialects/dialect.ts'
import type { Migration, Migrations } from './migration.ts'
import { migrations as ourMigrations } from './migrations/index.ts'
import type { Db } from './schema.ts'
import { pause } from './time-limit.ts'

export interface MigrationStatus {
  name: string
  /** Null when it has not been applied yet. */
  applied_at: string | null
}

/** On SQLite each attempt waits for five seconds by itself. */
const patience = 60

type Books = 'migrations' | '_atrium_migrations' | 'module_migrations'

/** What is applied to a schema, and the table in which that is written. */
interface Plan {
  migrations: Migrations
  books: Books
  /** Which of the names in the books are ours to know; absent: all of them. */
  isOurs?: (name: string) => boolean
}

const booksOf = (db: Db) => db as unknown as Kysely<Record<Books, { name: string; applied_at: string }>>

/** Brings the schema up to date, one process at a time, and answers the names it applied. */
export async function migrate(
  handle: DatabaseHandle,
  migrations: Migrations = ourMigrations,
  books: Books = 'migrations',
): Promise<string[]> {
  const { dialect } = handle
  const plan = { migrations, books }
  return handle.migrationSession(async (session) => {
    await dialect.lockMigrations(session)
    const applied = await applyAll(session, dialect, plan)
    if (dialect.enableExtensions) await inTransaction(session, dialect, dialect.enableExtensions)
    return applied
  })
}

/** What is missing, in order; answers its names. The lock is held already. */
export async function applyAll(session: Db, dialect: Dialect, plan: Plan): Promise<string[]> {
  await createBooks(session, dialect, plan)
  const applied: string[] = []
  for (const [name, migration] of inOrder(plan.migrations)) {
    if (await apply(session, dialect, name, migration, plan)) applied.push(name)
  }
  return applied
}

/** All migrations of this version, applied or not. Throws, like `migrate`, when the database is newer. */
export async function migrationStatus(
  handle: DatabaseHandle,
  migrations: Migrations = ourMigrations,
): Promise<MigrationStatus[]> {
  const applied = await handle.migrationSession(async (session) => {
    const tables = await session.introspection.getTables()
    return tables.some((table) => table.name === 'migrations')
      ? listApplied(session, { migrations, books: 'migrations' })
      : new Map()
  })
  return inOrder(migrations).map(([name]) => ({ name, applied_at: applied.get(name) ?? null }))
}

const inOrder = (migrations: Migrations) => Object.entries(migrations).sort(([a], [b]) => (a < b ? -1 : 1))

async function createBooks(session: Db, dialect: Dialect, { books }: Plan): Promise<void> {
  const { types, tableOptions, transactionalDdl } = dialect
  const create = (db: Db) =>
    db.schema
      .createTable(books)
      .ifNotExists()
      .addColumn('name', types.key(100), (column) => column.notNull())
      .addColumn('applied_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint(`${books}_pkey`, ['name'])
      .modifyEnd(tableOptions)
      .execute()
  await (transactionalDdl ? inTransaction(session, dialect, create) : create(session))
}

async function apply(session: Db, dialect: Dialect, name: string, migration: Migration, plan: Plan): Promise<boolean> {
  const run = async (db: Db) => {
    if ((await listApplied(db, plan)).has(name)) return false
    await migration.up(db, dialect)
    await booksOf(db).insertInto(plan.books).values({ name, applied_at: new Date().toISOString() }).execute()
    return true
  }
  return dialect.transactionalDdl ? inTransaction(session, dialect, run) : run(session)
}

/** Another process may be migrating the same SQLite file: its transaction is waited for. */
export async function inTransaction<T>(session: Db, dialect: Dialect, work: (tx: Db) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await session.transaction().execute(work)
    } catch (error) {
      if (!dialect.isRetryable(error) || attempt === patience) throw error
      await pause(100)
    }
  }
}

/** Names and times of what was applied. A name this version does not have means that a newer one was here. */
export async function listApplied(
  db: Db,
  { migrations, books, isOurs = () => true }: Plan,
): Promise<Map<string, string>> {
  const rows = await booksOf(db).selectFrom(books).select(['name', 'applied_at']).execute()
  const unknown = rows.map((row) => row.name).filter((name) => !(name in migrations) && isOurs(name))
  if (unknown.length > 0) {
    const message = `The database is newer than this version of Atrium (it has ${unknown.sort().join(', ')}). Start the newer version.`
    throw new DatabaseRefusedError(message, { reason: 'newer' })
  }
  return new Map(rows.map((row) => [row.name, row.applied_at]))
}
