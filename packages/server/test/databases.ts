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

async function administer(engine: Engine, server: string, statement: string): Promise<void> {
  if (engine === 'postgres') {
    const client = new pg.Client({ connectionString: server })
    await client.connect()
    await client.query(statement)
    await client.end()
  } else {
    const connection = await mysql.createConnection(server)
    await connection.query(statement)
    await connection.end()
  }
}

/** One of this process whose schema is complete: a copy of it is made in a tenth of the time the migrations take. */
let model: Promise<TestDatabase> | undefined

async function createModel(): Promise<TestDatabase> {
  const database = await createTestDatabase()
  const handle = await openDatabase(parseDatabaseUrl(database.url, database.dataDir), { log: silent })
  await migrate(handle)
  await handle.close()
  process.once('exit', () => rmSync(database.dataDir, { recursive: true, force: true }))
  return database
}

/** A fresh database of this run's engine, with its schema where that can be copied. */
export async function createMigratedDatabase(): Promise<TestDatabase> {
  if (testEngine === 'mariadb') return createTestDatabase()
  model ??= createModel()
  const source = await model
  if (testEngine === 'postgres') return createTestDatabase('postgres', adminUrl('postgres'), nameOf(source))
  const database = await createTestDatabase()
  for (const file of readdirSync(source.dataDir)) copyFileSync(join(source.dataDir, file), join(database.dataDir, file))
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
