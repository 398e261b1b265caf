import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, silent, type TestDatabase, testEngine } from '../../../test/databases.ts'
import { type OpenDatabaseOptions, openDatabase } from './database.ts'
import { parseDatabaseUrl } from './database-url.ts'
import { migrate } from './migrate.ts'

let database: TestDatabase

beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(() => database.drop())

const open = (url = database.url, options: Partial<OpenDatabaseOptions> = {}) =>
  openDatabase(parseDatabaseUrl(url, database.dataDir), { log: silent, ...options })

async function refusal(work: Promise<unknown>): Promise<{ message: string; milliseconds: number }> {
  const started = performance.now()
  const error = await work.then(() => undefined).catch((reason: unknown) => reason)
  return { message: (error as Error | undefined)?.message ?? '', milliseconds: performance.now() - started }
}

describe.runIf(testEngine === 'sqlite')('a SQLite file', () => {
  const program = fileURLToPath(new URL('../../../test/programs/migrate.ts', import.meta.url))
  const file = () => join(database.dataDir, 'atrium.db')

  it('is for its owner only, and so is a folder made for it', async () => {
    const folder = join(database.dataDir, 'new', 'folder')
    const handle = await open(`sqlite:///${folder}/app.db`, { serverLock: true })
    await migrate(handle)
    const mode = (path: string) => statSync(path).mode & 0o777
    expect(mode(folder)).toBe(0o700)
    for (const name of ['app.db', 'app.db-wal', 'app.db.lock']) expect(mode(join(folder, name))).toBe(0o600)
    await handle.close()
  })

  it('has one server; the next can start when it is gone, however it went (F31)', async () => {
    const args = ['--expose-gc', program, '', database.dataDir, JSON.stringify({ stay: true })]
    const server = spawn(process.execPath, args)
    await once(server.stdout, 'data')
    // Long enough for its garbage collector to have taken a lock that nobody refers to.
    await sleep(200)
    const { message, milliseconds } = await refusal(open('', { serverLock: true }))
    expect(message).toBe(
      `Another Atrium server is using the database file ${file()}. Stop it first, or name another file.`,
    )
    expect(milliseconds).toBeLessThan(2000)
    // Commands work beside the server.
    const command = await open()
    expect(await migrate(command)).toEqual([])
    await command.close()

    server.kill('SIGKILL')
    await once(server, 'exit')
    const next = await open('', { serverLock: true })
    const second = await refusal(open('', { serverLock: true }))
    expect(second.message).toContain('Another Atrium server')
    await next.close()
    await (await open('', { serverLock: true })).close()
  })

  it('that is damaged or something else is refused in one line', async () => {
    for (const content of ['This is a letter, not a database. '.repeat(200), `SQLite format 3\0${'x'.repeat(8000)}`]) {
      writeFileSync(file(), content)
      const { message } = await refusal(open())
      expect(message).toBe(`The database file ${file()} is damaged or no SQLite database. Restore it from a backup.`)
    }
  })

  it('that cannot be written is refused in one line', async () => {
    mkdirSync(join(database.dataDir, 'folder.db'))
    const { message } = await refusal(open(`sqlite:///${database.dataDir}/folder.db`))
    expect(message).toBe(`The database file ${database.dataDir}/folder.db cannot be written (EISDIR).`)
  })

  it.runIf(process.getuid?.() === 0)('in a folder that is read-only is refused in one line', async () => {
    await (await open()).close()
    expect(existsSync(file())).toBe(true)
    chmodSync(database.dataDir, 0o755)
    chmodSync(file(), 0o644)
    const server = spawn(process.execPath, [program, '', database.dataDir, '{}'], { uid: 65_534, gid: 65_534 })
    let complaint = ''
    server.stderr.on('data', (data) => {
      complaint += data
    })
    const [code] = await once(server, 'close')
    expect(complaint).toBe(`The database file ${file()} cannot be written (EACCES).\n`)
    expect(code).toBe(1)
  })
})

describe.runIf(testEngine !== 'sqlite')('a database server', () => {
  it('that is not there is reported as unavailable, in one line without the password', async () => {
    const url = new URL(database.url)
    url.port = '1'
    const { message } = await refusal(open(url.href))
    expect(message).toMatch(/^(PostgreSQL|MariaDB) cannot be reached: .*ECONNREFUSED/)
    expect(message).not.toContain(url.password)
  })

  it.runIf(testEngine === 'postgres')('that may lose commits is refused, unless that is wanted', async () => {
    const url = `${database.url}?options=-c%20synchronous_commit%3Doff`
    const { message } = await refusal(open(url))
    expect(message).toBe(
      'PostgreSQL runs with synchronous_commit off: it may lose what it has confirmed. Switch it on.',
    )
    const handle = await open(url, { allowUnsafeDurability: true })
    const { rows } = await sql`select current_setting('TimeZone') as zone`.execute(handle.db)
    expect(rows).toEqual([{ zone: 'UTC' }])
    await handle.close()
  })
})
