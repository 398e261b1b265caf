import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { createTestDatabase, silent, type TestDatabase, testEngine } from '../../../test/databases.ts'
import { migrateElsewhere, schemaOf } from '../../../test/migrating.ts'
import { type DatabaseHandle, openDatabase } from './database.ts'
import { parseDatabaseUrl } from './database-url.ts'
import { migrate, migrationStatus } from './migrate.ts'
import type { Migrations } from './migration.ts'
import { migrations } from './migrations/index.ts'
import type { Db } from './schema.ts'

const names = Object.keys(migrations)
/** SQLite runs a statement, and all that follow it, before the process can think of anything else. */
const canDieInside = testEngine !== 'sqlite'
const cleanUp: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end()
})

async function createDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase()
  cleanUp.push(database.drop)
  return database
}

async function open(database: TestDatabase): Promise<DatabaseHandle> {
  const handle = await openDatabase(parseDatabaseUrl(database.url, database.dataDir), { log: silent })
  cleanUp.push(handle.close)
  return handle
}

describe('migrate', () => {
  it('applies what is missing, once', async () => {
    const handle = await open(await createDatabase())
    expect(await migrationStatus(handle)).toEqual(names.map((name) => ({ name, applied_at: null })))
    expect(await migrate(handle)).toEqual(names)
    expect(await migrate(handle)).toEqual([])
    const applied_at = expect.stringMatching(/Z$/)
    expect(await migrationStatus(handle)).toEqual(names.map((name) => ({ name, applied_at })))
    expect(await handle.db.selectFrom('installation').selectAll().execute()).toEqual([
      { name: 'epoch', value: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    ])
  })

  it('refuses a database that is newer', async () => {
    const handle = await open(await createDatabase())
    const newer: Migrations = { ...migrations, '9999_future': { up: async () => {} } }
    expect(await migrate(handle, newer)).toContain('9999_future')
    await expect(migrate(handle)).rejects.toThrow('newer than this version of Atrium (it has 9999_future)')
    await expect(migrationStatus(handle)).rejects.toThrow('newer than this version')
  })

  it('continues where a failed migration stopped', async () => {
    const handle = await open(await createDatabase())
    let isBroken = true
    const half: Migrations = {
      ...migrations,
      '9000_half': {
        async up(db: Db, { types, tableOptions }) {
          const create = db.schema.createTable('half').ifNotExists().addColumn('id', types.id)
          await create.modifyEnd(tableOptions).execute()
          if (isBroken) throw new Error('power cut')
          await db.schema.createIndex('half_id_index').ifNotExists().on('half').column('id').execute()
        },
      },
    }
    await expect(migrate(handle, half)).rejects.toThrow('power cut')
    expect((await migrationStatus(handle, half)).at(-1)?.applied_at).toBeNull()
    isBroken = false
    expect(await migrate(handle, half)).toEqual(['9000_half'])
  })
})

describe('processes', () => {
  it('that start at once all come up, and one of them migrates', async () => {
    const database = await createDatabase()
    const outcomes = await Promise.all([1, 2, 3].map(() => migrateElsewhere(database)))
    expect(outcomes.map(({ complaint }) => complaint)).toEqual(['', '', ''])
    expect(outcomes.flatMap(({ applied }) => applied)).toEqual(names)
    const handle = await open(database)
    const { rows } = await sql<{ name: string }>`select name from migrations order by name`.execute(handle.db)
    expect(rows.map(({ name }) => name)).toEqual(names)
  })

  it('that are killed anywhere leave what a restart completes (F30)', { timeout: 240_000 }, async () => {
    const fresh = await open(await createDatabase())
    await migrate(fresh)
    const database = await createDatabase()
    // Where a rollback takes all back, every place is like every other.
    const step = fresh.dialect.transactionalDdl ? 7 : 1
    let kills = 0
    for (const until of names) {
      // Each restart dies further on than the one before, until one gets through.
      for (let dieAt = 1; ; dieAt += step) {
        const outcome = await migrateElsewhere(database, { until, dieAt, sent: canDieInside && dieAt % 2 === 0 })
        expect(outcome.complaint).toBe('')
        if (outcome.applied) break
        expect(outcome.signal).toBe('SIGKILL')
        kills++
      }
    }
    expect(kills).toBeGreaterThan(30 / step)
    const handle = await open(database)
    expect(await migrate(handle)).toEqual([])
    expect(await schemaOf(handle, testEngine)).toEqual(await schemaOf(fresh, testEngine))
    expect(await handle.db.selectFrom('installation').select('name').execute()).toEqual([{ name: 'epoch' }])
  })
})

it('unique keys are named after their table and columns, for isUniqueViolation', async () => {
  const handle = await open(await createDatabase())
  await migrate(handle)
  for (const { name, table, columns } of await uniqueKeys(handle)) expect(name).toBe(`${table}_${columns.join('_')}`)

  async function uniqueKeys({ db }: DatabaseHandle) {
    const query = {
      // SQLite keeps no names: it derives them from the columns.
      sqlite: sql<{ name: string; table: string; columns: string }>`
        select t.name || '_' || group_concat(c.name, '_') as name, t.name as "table", group_concat(c.name) as columns
        from sqlite_schema t, pragma_index_list(t.name) i, pragma_index_info(i.name) c
        where t.type = 'table' and i.origin = 'u' group by t.name, i.name`,
      postgres: sql<{ name: string; table: string; columns: string }>`
        select conname as name, conrelid::regclass::text as "table",
          (select string_agg(attname, ',' order by position)
            from unnest(conkey) with ordinality as k(number, position)
            join pg_attribute on attrelid = conrelid and attnum = k.number) as columns
        from pg_constraint where contype = 'u' and connamespace = 'public'::regnamespace`,
      mariadb: sql<{ name: string; table: string; columns: string }>`
        select index_name as name, table_name as \`table\`, group_concat(column_name order by seq_in_index) as columns
        from information_schema.statistics
        where table_schema = database() and non_unique = 0 and index_name <> 'PRIMARY' group by table_name, index_name`,
    }[testEngine]
    const { rows } = await query.execute(db)
    expect(rows.length).toBeGreaterThan(4)
    return rows.map((row) => ({ ...row, columns: row.columns.split(',') }))
  }
})
