import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEngine } from '../../../../scripts/engines.mjs'
import { administer, createTestDatabase, silent, type TestDatabase } from '../../test/databases.ts'
import { ask, idsOf, secretKey as key, nowhere, roomy, wellPlace } from '../../test/doctor-place.ts'
import { createTestApp, type TestApp } from '../../test/test-app.ts'
import { backUp } from '../backups.ts'
import { openDatabase } from '../platform/db/database.ts'
import { parseDatabaseUrl } from '../platform/db/database-url.ts'
import { migrate } from '../platform/db/migrate.ts'
import { migrations } from '../platform/db/migrations/index.ts'

const { folder, well, drop } = wellPlace()
let app: TestApp
const databases: TestDatabase[] = []
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(async () => {
  drop()
  await app.drop()
  await Promise.all(databases.map((each) => each.drop()))
})

describe('W10: the database', () => {
  const here = () => ({ SECRET_KEY: key, DATA_DIR: app.config.dataDir })

  it('backup_never, and backup_old', async () => {
    expect(await idsOf(here())).toEqual(['backup_never'])
    const tools = { config: app.config, log: silent, version: '0', now: () => new Date(), onProgress: () => {} }
    await backUp(join(folder, 'one.atrium'), tools)
    expect(await idsOf(here())).toEqual([])
    expect(await idsOf(here(), roomy, () => new Date(Date.now() + 30 * 86_400_000))).toEqual(['backup_old'])
  })

  it('secret_key_wrong, until the old one is named', async () => {
    await app.services.auditChain.seal()
    const changed = { ...here(), SECRET_KEY: 'another-key-of-32-characters-9q8w7e' }
    expect(await idsOf(changed)).toEqual(['secret_key_wrong'])
    expect(await idsOf({ ...changed, SECRET_KEYS_OLD: key })).toEqual([])
  })

  it('migrations_pending', async () => {
    const place = await createTestDatabase('sqlite')
    databases.push(place)
    const handle = await openDatabase(parseDatabaseUrl('', place.dataDir), { log: silent })
    const first = Object.keys(migrations).slice(0, 5)
    await migrate(handle, Object.fromEntries(Object.entries(migrations).filter(([name]) => first.includes(name))))
    await handle.close()
    const findings = (await ask({ ...well(), DATA_DIR: place.dataDir })).findings
    expect(findings.map(({ id }) => id)).toEqual(['migrations_pending'])
  })

  it('migrations_pending of a module, by its name', async () => {
    const module = join(folder, 'guest-book.mjs')
    writeFileSync(
      module,
      "export default { name: 'guest-book', migrations: { '0001_entries': { up: async () => {} } }, build: () => ({}) }",
    )
    const { findings } = await ask({ ...here(), MODULES: module })
    expect(findings).toMatchObject([{ id: 'migrations_pending', detail: 'guest-book/0001_entries' }])
  })

  it('database_log', async () => {
    const place = await createTestDatabase('sqlite')
    databases.push(place)
    const handle = await openDatabase(parseDatabaseUrl('', place.dataDir), { log: silent })
    const findings = async () => idsOf({ ...well(), DATA_DIR: place.dataDir })
    expect(await findings()).not.toContain('database_log')
    truncateSync(join(place.dataDir, 'atrium.db-wal'), 300 * 1024 * 1024)
    expect(await findings()).toContain('database_log')
    await handle.close()
  })

  it('database_newer', async () => {
    const place = await createTestDatabase('sqlite')
    databases.push(place)
    const handle = await openDatabase(parseDatabaseUrl('', place.dataDir), { log: silent })
    await migrate(handle, { ...migrations, '9999_of_tomorrow': { up: async () => {} } })
    await handle.close()
    expect(await idsOf({ ...well(), DATA_DIR: place.dataDir })).toEqual(['database_newer'])
  })

  it('database_refused: a file that is no database', async () => {
    const file = join(folder, 'broken.db')
    writeFileSync(file, 'this is no database, however long it may be '.repeat(100))
    expect(await idsOf({ ...well(), DATABASE_URL: `sqlite:///${file}` })).toEqual(['database_refused'])
  })

  it('database_unreachable', async () => {
    expect(await idsOf({ ...well(), DATABASE_URL: `postgres://a:b@${nowhere}/a` })).toEqual(['database_unreachable'])
    expect(await idsOf({ ...well(), DATABASE_URL: `mariadb://a:b@${nowhere}/a` })).toEqual(['database_unreachable'])
  })
})

const hasEngines = Boolean(process.env.ATRIUM_TEST_POSTGRES && process.env.ATRIUM_TEST_MARIADB)

describe.runIf(hasEngines)('W10: database servers', () => {
  const make = async (engine: 'postgres' | 'mariadb', ...statements: string[]) => {
    const database = await createTestDatabase(engine)
    databases.push(database)
    const name = new URL(database.url).pathname.slice(1)
    for (const statement of statements) await administer(engine, database.url, statement.replaceAll('$name', name))
    return { ...well(), DATABASE_URL: database.url }
  }

  it('database_credentials', async () => {
    for (const engine of ['postgres', 'mariadb'] as const) {
      const url = new URL((await make(engine)).DATABASE_URL)
      url.username = 'nobody_of_that_name'
      url.password = 'wrong'
      const ids = await idsOf({ ...well(), DATABASE_URL: url.href })
      expect(ids, engine).toEqual(['database_credentials'])
    }
  }, 60_000)

  it('database_geography, database_clock', async () => {
    const variables = await make('postgres')
    expect(await idsOf(variables)).toEqual(['migrations_pending', 'database_geography'])
    const late = () => new Date(Date.now() + 3_600_000)
    expect(await idsOf(variables, roomy, late)).toContain('database_clock')
    expect(await idsOf(await make('mariadb'), roomy, late)).toContain('database_clock')
  }, 60_000)

  it('database_durability', async () => {
    const variables = await make('postgres', 'alter database $name set synchronous_commit = off')
    expect(await idsOf(variables)).toEqual(['database_durability'])
  }, 60_000)

  it('database_encoding', async () => {
    const latin = await make('mariadb', 'alter database $name character set latin1')
    expect(await idsOf(latin)).toContain('database_encoding')
  }, 60_000)

  it('database_version', async () => {
    // A real server that says it is an old one: its own view of the settings stands behind ours.
    const variables = await make('postgres')
    const name = new URL(variables.DATABASE_URL).pathname.slice(1)
    const url = new URL(variables.DATABASE_URL)
    for (const statement of [
      `create view public.pg_settings as select name, case name when 'server_version_num' then '120022' else setting end as setting from pg_catalog.pg_settings`,
      `alter database ${name} set search_path = public, pg_catalog`,
    ])
      await administer('postgres', url.href, statement)
    const { findings } = await ask(variables)
    expect(findings).toMatchObject([{ id: 'database_version', detail: expect.stringMatching(/needs PostgreSQL \d+/) }])
  }, 60_000)

  it('database_packet', async () => {
    // Of its own: the setting is the whole server's.
    const engine = await startEngine('mariadb')
    try {
      await administer('mariadb', engine.url, 'set global max_allowed_packet = 1048576')
      const place = await createTestDatabase('mariadb', engine.url)
      const { findings } = await ask({ ...well(), DATABASE_URL: place.url })
      expect(findings).toContainEqual(
        expect.objectContaining({ id: 'database_packet', detail: expect.stringContaining('is 1048576') }),
      )
      await place.drop()
    } finally {
      await engine.stop()
    }
  }, 60_000)

  it('database_connections', async () => {
    const variables = await make('postgres')
    expect(await idsOf({ ...variables, WORKERS: '64', REDIS_URL: 'redis://localhost:1' })).toContain(
      'database_connections',
    )
  }, 60_000)

  it('instances_without_redis', async () => {
    const variables = await make('postgres')
    const handle = await openDatabase(parseDatabaseUrl(variables.DATABASE_URL, folder), { log: silent })
    await migrate(handle)
    const beat = (id: string) => ({ id, beat_at: Date.now() })
    const ids = ['01a200ec-0dd2-7206-8362-44695c1d3c98', '01a200ec-0dd2-7206-8362-44695c1d3c99']
    await handle.unitOfWork(({ tx }) => tx.insertInto('presence_instances').values(ids.map(beat)).execute())
    await handle.close()
    expect(await idsOf(variables)).toContain('instances_without_redis')
  }, 60_000)
})
