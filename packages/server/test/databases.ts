import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { type DatabaseHandle, type OpenDatabaseOptions, openDatabase } from '../src/platform/db/database.ts'
import { parseDatabaseUrl } from '../src/platform/db/database-url.ts'
import { migrate } from '../src/platform/db/migrate.ts'
import { createLogger } from '../src/platform/log.ts'

export interface TestDatabase {
  /** For DATABASE_URL. */
  url: string
  /** A folder of its own, also where SQLite keeps its file. */
  dataDir: string
  drop(): Promise<void>
}

export interface TestHandle extends TestDatabase {
  handle: DatabaseHandle
}

export const silent = createLogger({ level: 'silent' })

export type Engine = 'sqlite' | 'postgres' | 'mariadb'

/** The engine this run is about, by ATRIUM_TEST_ENGINE. */
export const testEngine = (process.env.ATRIUM_TEST_ENGINE ?? 'sqlite') as Engine

/** A fresh, empty database, on `server` where that is another one than the run's; on PostgreSQL a copy of `template`. */
export async function createTestDatabase(
  engine: Engine = testEngine,
  server: string = engine === 'sqlite' ? '' : adminUrl(engine),
  template?: string,
): Promise<TestDatabase> {
  const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  const dataDir = mkdtempSync(join(parent, 'atrium-test-'))
  const removeFolder = () => rmSync(dataDir, { recursive: true, force: true })
  if (engine === 'sqlite') return { url: '', dataDir, drop: async () => removeFolder() }

  const name = `atrium_test_${randomBytes(8).toString('hex')}`
  // With a language's order, as in many installations: what must not depend on it shows when it does.
  const language = ` template template0 locale_provider icu icu_locale 'en'`
  const from = template ? ` template ${template}` : language
  await administer(engine, server, `create database ${name}${engine === 'postgres' ? from : ''}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const drop = async () => {
    await administer(engine, server, `drop database ${name}${engine === 'postgres' ? ' with (force)' : ''}`)
    removeFolder()
  }
  return { url: url.href, dataDir, drop }
}

function adminUrl(engine: Engine): string {
  const variable = `ATRIUM_TEST_${engine.toUpperCase()}`
  const url = process.env[variable]
  if (!url) throw new Error(`Set ${variable} to the URL of a server whose user may create databases.`)
  return url
}

/** An empty database with PostGIS in it, where the run's engine can have that. */
export async function createPostgisDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase('postgres')
  await administer('postgres', database.url, 'create extension postgis')
  return database
}

export async function administer(engine: Engine, server: string, statement: string): Promise<void> {
  if (engine === 'postgres') {
    const client = new pg.Client({ connectionString: server })
    await client.connect()
    await client.query(statement)
    await client.end()
  } else {
    const connection = await mysql.createConnection({ uri: server, multipleStatements: true })
    await connection.query(statement)
    await connection.end()
  }
}

interface Model extends TestDatabase {
  /** Statements that make an empty MariaDB database like it: that engine cannot copy one. */
  script: string
}

/** One of this process whose schema is complete: a copy of it is made in a tenth of the time the migrations take. */
let model: Promise<Model> | undefined

async function createModel(): Promise<Model> {
  const database = await createTestDatabase()
  const handle = await openDatabase(parseDatabaseUrl(database.url, database.dataDir), { log: silent })
  await migrate(handle)
  await handle.close()
  process.once('exit', () => rmSync(database.dataDir, { recursive: true, force: true }))
  return { ...database, script: testEngine === 'mariadb' ? await scriptOf(database) : '' }
}

async function scriptOf(database: TestDatabase): Promise<string> {
  const connection = await mysql.createConnection({ uri: database.url, rowsAsArray: true })
  const rows = async (statement: string) => (await connection.query(statement))[0] as string[][]
  const tables = await rows(`show full tables where table_type = 'BASE TABLE'`)
  const triggers = await rows('show triggers')
  const script = ['set foreign_key_checks = 0']
  for (const [table] of tables) script.push((await rows(`show create table ${table}`))[0]?.[1] ?? '')
  // Only these have rows without a server having run.
  for (const table of ['migrations', 'installation', 'audit_chain'])
    script.push(`insert into ${table} select * from ${nameOf(database)}.${table}`)
  for (const [trigger] of triggers)
    script.push((await rows(`show create trigger ${trigger}`))[0]?.[2]?.replace(/^CREATE DEFINER=\S+/, 'CREATE') ?? '')
  await connection.end()
  return [...script, 'set foreign_key_checks = 1'].join(';\n')
}

/** A fresh database of this run's engine, with its schema. */
export async function createMigratedDatabase(): Promise<TestDatabase> {
  model ??= createModel()
  const source = await model
  if (testEngine === 'postgres') return createTestDatabase('postgres', adminUrl('postgres'), nameOf(source))
  const database = await createTestDatabase()
  if (testEngine === 'mariadb') await administer('mariadb', database.url, source.script)
  else
    for (const file of readdirSync(source.dataDir))
      copyFileSync(join(source.dataDir, file), join(database.dataDir, file))
  return database
}

const nameOf = ({ url }: TestDatabase): string => new URL(url).pathname.slice(1)

/** The same, opened. */
export async function openTestDatabase(options: Partial<OpenDatabaseOptions> = {}): Promise<TestHandle> {
  const database = await createMigratedDatabase()
  const handle = await openDatabase(parseDatabaseUrl(database.url, database.dataDir), { log: silent, ...options })
  await migrate(handle)
  const drop = async () => {
    await handle.close()
    await database.drop()
  }
  return { ...database, handle, drop }
}
