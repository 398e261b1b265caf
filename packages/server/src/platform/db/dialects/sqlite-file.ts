import { closeSync, existsSync, mkdirSync, openSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { PlaceTester } from '../../geo/place-test.ts'
import { PatternMatcher } from '../tables/pattern.ts'
import { lowered } from '../tables/tables-dialect.ts'
import { pause } from '../time-limit.ts'
import { DatabaseRefusedError, errorCode } from './dialect.ts'
import { StatementClock } from './statement-clock.ts'

export type SqliteConnection = SqliteDatabase.Database

/** Set on each connection and read back: SQLite ignores what it does not know, and a build may have other defaults. */
export const required = {
  journal_mode: 'wal',
  synchronous: 2,
  foreign_keys: 1,
  busy_timeout: 5000,
  secure_delete: 1,
} as const

/** Bounds what a burst leaves behind in the write-ahead log. */
const walKeptBytes = 64 * 1024 * 1024

/** 0 where there is none. */
export const walBytes = (file: string): number => statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0

/** Makes the folder and the file, for nobody but this user, when they are not there yet. */
export function prepareFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    closeSync(openSync(file, 'a', 0o600))
  } catch (error) {
    throw new DatabaseRefusedError(`The database file ${file} cannot be written (${errorCode(error)}).`, {
      cause: error,
    })
  }
}

export async function openConnection(file: string, mode: 'write' | 'read'): Promise<SqliteConnection> {
  try {
    const connection = new SqliteDatabase(file, { timeout: required.busy_timeout })
    try {
      await enterWal(connection)
      connection.pragma('synchronous = FULL')
      connection.pragma('foreign_keys = ON')
      // What is deleted is overwritten with zeros, and not only forgotten.
      connection.pragma('secure_delete = ON')
      connection.pragma(`journal_size_limit = ${walKeptBytes}`)
      connection.pragma(`query_only = ${mode === 'read' ? 'ON' : 'OFF'}`)
      assertPragmas(connection, file)
      addFunctions(connection)
      if (mode === 'write') connection.exec('begin immediate; rollback')
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  } catch (error) {
    throw refusal(file, error)
  }
}

/** A file that is read and never written, nor brought into another mode. */
export function openReadOnly(file: string): SqliteConnection {
  try {
    const connection = new SqliteDatabase(file, { timeout: required.busy_timeout, readonly: true, fileMustExist: true })
    try {
      connection.pragma('query_only = ON')
      addFunctions(connection)
      connection.prepare('select count(*) from sqlite_schema').get()
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  } catch (error) {
    const code = errorCode(error)
    if (!code.startsWith('SQLITE_READONLY') && !code.startsWith('SQLITE_CANTOPEN')) throw refusal(file, error)
    const message = `The database file ${file} cannot be read (${code}). One in WAL mode needs a folder that can be written.`
    throw new DatabaseRefusedError(message, { cause: error })
  }
}

const clocks = new WeakMap<SqliteConnection, StatementClock>()

/** Of the statement that is running on the connection. */
export const clockOf = (connection: SqliteConnection): StatementClock | undefined => clocks.get(connection)

/** What tables of others are asked with, and SQLite has not: letters beyond ASCII in lower case, base64, patterns, points. */
function addFunctions(connection: SqliteConnection): void {
  const deterministic = { deterministic: true }
  const clock = new StatementClock()
  clocks.set(connection, clock)
  // Asked anew for each row, as it is not said to be deterministic.
  connection.function('atrium_in_time', () => {
    clock.tick()
    return 1
  })
  connection.function('atrium_lower', deterministic, (text) => {
    clock.tick()
    return typeof text === 'string' ? lowered(text) : text
  })
  const matcher = new PatternMatcher()
  connection.function('atrium_matches', deterministic, (text, pattern, use) =>
    text === null ? null : Number(matcher.matches(String(text), String(pattern), Number(use))),
  )
  const places = new PlaceTester()
  // Of a constant, so SQLite asks for it once in a statement.
  connection.function('atrium_place_test', deterministic, (test) => places.prepare(String(test)))
  connection.function('atrium_lies', deterministic, (value, test) => {
    clock.tick()
    return Number(places.passes(value, Number(test)))
  })
  connection.function('atrium_base64', deterministic, (bytes) =>
    Buffer.isBuffer(bytes) ? bytes.toString('base64') : bytes,
  )
}

/** Changing the journal mode does not wait for other connections as other statements do. */
async function enterWal(connection: SqliteConnection): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      connection.pragma('journal_mode = WAL')
      return
    } catch (error) {
      if (!errorCode(error).startsWith('SQLITE_BUSY') || attempt === 50) throw error
      await pause(20 + Math.random() * 80)
    }
  }
}

function assertPragmas(connection: SqliteConnection, file: string): void {
  for (const [name, value] of Object.entries(required)) {
    const actual = connection.pragma(name, { simple: true })
    if (actual !== value) {
      throw new DatabaseRefusedError(`SQLite does not take ${name} = ${value} on ${file} (it stays ${actual}).`)
    }
  }
  // Reads the file's header and its schema, so that a damaged file is found now and not by a user.
  connection.prepare('select count(*) from sqlite_schema').get()
}

/** A copy of one moment, page by page, beside whoever reads and writes. */
export async function copyDatabase(file: string, target: string): Promise<void> {
  const connection = await openConnection(file, 'read')
  try {
    await connection.backup(target)
  } finally {
    connection.close()
  }
}

function refusal(file: string, error: unknown): unknown {
  const code = errorCode(error)
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
    const message = `The database file ${file} is damaged or no SQLite database. Restore it from a backup.`
    return new DatabaseRefusedError(message, { cause: error })
  }
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_IOERR')) {
    return new DatabaseRefusedError(`The database file ${file} cannot be written (${code}).`, { cause: error })
  }
  return error
}

/** The garbage collector closes connections, and with them their locks. */
const heldLocks = new Set<SqliteConnection>()

/**
 * Keeps other servers off this file until closed. The lock is the operating system's and ends with the process, however
 * it ends; it lies on a file beside the database, so that commands and backups still reach the database itself.
 */
export function lockServer(file: string): { close(): void } {
  const lockFile = `${existsSync(file) ? realpathSync(file) : file}.lock`
  try {
    prepareFile(lockFile)
    const lock = new SqliteDatabase(lockFile, { timeout: 1000 })
    try {
      lock.pragma('locking_mode = EXCLUSIVE')
      lock.exec('begin exclusive')
      heldLocks.add(lock)
      return {
        close: () => {
          heldLocks.delete(lock)
          lock.close()
        },
      }
    } catch (error) {
      lock.close()
      throw error
    }
  } catch (error) {
    if (!errorCode(error).startsWith('SQLITE_BUSY')) throw refusal(lockFile, error)
    const message = `Another Atrium server is using the database file ${file}. Stop it first, or name another file.`
    throw new DatabaseRefusedError(message, { cause: error })
  }
}
