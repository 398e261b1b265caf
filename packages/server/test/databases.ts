import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
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

/** A fresh, empty database, on `server` where that is another one than the run's. */
export async function createTestDatabase(
  engine: Engine = testEngine,
  server: string = engine === 'sqlite' ? '' : adminUrl(engine),
): Promise<TestDatabase> {
  const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  const dataDir = mkdtempSync(join(parent, 'atrium-test-'))
  const removeFolder = () => rmSync(dataDir, { recursive: true, force: true })
  if (engine === 'sqlite') return { url: '', dataDir, drop: async () => removeFolder() }

  const name = `atrium_test_${randomBytes(8).toString('hex')}`
  // With a language's order, as in many installations: what must not depend on it shows when it does.
  const language = engine === 'postgres' ? ` template template0 locale_provider icu icu_locale 'en'` : ''
  await administer(engine, server, `create database ${name}${language}`)
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

/** The same, opened and with its schema. */
export async function openTestDatabase(options: Partial<OpenDatabaseOptions> = {}): Promise<TestHandle> {
  const database = await createTestDatabase()
  const handle = await openDatabase(parseDatabaseUrl(database.url, database.dataDir), { log: silent, ...options })
  await migrate(handle)
  const drop = async () => {
    await handle.close()
    await database.drop()
  }
  return { ...database, handle, drop }
}
