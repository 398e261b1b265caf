import { sql } from 'kysely'
import type { DatabaseHandle } from '../database.ts'
import { DatabaseRefusedError } from '../dialects/dialect.ts'
import { listModuleTables } from '../module-tables.ts'
import { ownTables } from '../own-tables.ts'
import type { Db } from '../schema.ts'
import { spatialTables } from '../schema-places.ts'
import type { Row } from './read-rows.ts'

/** What a database has before anybody has used it. */
const beginnings: Readonly<Record<string, string>> = {
  installation: "name <> 'epoch'",
  audit_chain: 'position > 0',
}
/** Their rows are there before ours, made by the database. */
const replaced = new Set(['installation', 'audit_chain', 'audit_seals'])

/** Throws DatabaseRefusedError for a database that somebody uses, or a server has been started on. */
export async function assertUnused(db: Db): Promise<void> {
  const there = new Set((await db.introspection.getTables()).map(({ name }) => name))
  const ofModules = (await listModuleTables(db)).map(({ name }) => name)
  for (const table of [...ownTables, ...ofModules].filter((name) => there.has(name))) {
    const beginning = beginnings[table]
    const where = beginning === undefined ? sql`` : sql`where ${sql.raw(beginning)}`
    const { rows } = await sql`select 1 from ${sql.table(table)} ${where} limit 1`.execute(db)
    if (rows.length > 0)
      throw new DatabaseRefusedError(
        `The database has been used already (${table}). An empty one is needed, that no server was started on.`,
      )
  }
}

const maxParameters = 20_000

/** Writes the rows of one table. */
export class TableLoader {
  readonly #db: Db
  readonly #handle: DatabaseHandle
  readonly #table: string
  readonly #columns: readonly string[]

  constructor(db: Db, handle: DatabaseHandle, table: string, columns: readonly string[]) {
    this.#db = db
    this.#handle = handle
    this.#table = table
    this.#columns = columns
  }

  async begin(): Promise<void> {
    if (replaced.has(this.#table)) await sql`delete from ${sql.table(this.#table)}`.execute(this.#db)
  }

  get batch(): number {
    return Math.max(1, Math.min(500, Math.floor(maxParameters / (this.#columns.length + 2))))
  }

  async add(rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return
    const isSpatial = (spatialTables as readonly string[]).includes(this.#table)
    const [lon, lat] = [this.#columns.indexOf('lon'), this.#columns.indexOf('lat')]
    const values = rows.map((row) => ({
      ...Object.fromEntries(this.#columns.map((column, i) => [column, row[i]])),
      ...(isSpatial ? this.#handle.dialect.geo.columns(Number(row[lon]), Number(row[lat])) : {}),
    }))
    await this.#db
      .insertInto(this.#table as never)
      .values(values as never)
      .execute()
  }
}
