import { sql } from 'kysely'
import type { DatabaseHandle } from '../database.ts'
import { DatabaseRefusedError } from '../dialects/dialect.ts'
import { replaceEpoch } from '../installation.ts'
import { migrate, migrationStatus } from '../migrate.ts'
import { migrations } from '../migrations/index.ts'
import { assertModulesHere, migrateModules, moduleMigrationStatus } from '../module-tables.ts'
import type { Db } from '../schema.ts'
import { sumTables, sumTablesOf, type TableSum } from './dump.ts'
import { assertUnused, TableLoader } from './load.ts'
import { readRows } from './read-rows.ts'
import { listTransferTables, type TransferTable } from './table-list.ts'

export interface Move {
  source: DatabaseHandle
  /** Nobody has used it yet. */
  target: DatabaseHandle
  /** The new name of the history: clients begin anew. */
  epoch: string
  onProgress(step: string, done: number, total: number): void
}

type Sums = Record<string, TableSum>

/**
 * Copies all our rows into another database, of whatever engine, and compares what arrived with what is there: all of them
 * or none. The source stays as it is. Throws DatabaseRefusedError, also where somebody wrote to the source meanwhile.
 */
export async function moveRows({ source, target, epoch, onProgress }: Move): Promise<Sums> {
  const applied = (await migrationStatus(source)).flatMap(({ name, applied_at }) => (applied_at === null ? [] : [name]))
  if (applied.length === 0)
    throw new DatabaseRefusedError('There is nothing to move: no server was ever started on this database.')
  const steps = (await moduleMigrationStatus(source)).flatMap(({ name, applied_at }) =>
    applied_at === null ? [] : [name],
  )
  assertModulesHere(target, steps)
  await target.migrationSession(assertUnused)
  await migrate(target, Object.fromEntries(Object.entries(migrations).filter(([name]) => applied.includes(name))))
  await migrateModules(target, steps)
  const sums = await target.migrationSession(async (session) => {
    await target.dialect.lockMigrations(session)
    return session.transaction().execute(async (tx) => {
      await assertUnused(tx)
      await source.snapshot((db) => copy(db, tx, { source, target, epoch, onProgress }))
      const arrived = await sumTablesOf(tx, target, (done, total) => onProgress('comparing', done, total))
      const now = await sumTables(source)
      const wrong = Object.keys(now).filter((name) => now[name]?.sha256 !== arrived[name]?.sha256)
      if (wrong.length > 0)
        throw new DatabaseRefusedError(
          `The two databases do not hold the same: ${wrong.join(', ')}. Stop every server of the old one, and try again.`,
        )
      await replaceEpoch(tx, epoch)
      return arrived
    })
  })
  await migrate(target)
  await migrateModules(target)
  return sums
}

async function copy(from: Db, to: Db, { source, target, onProgress }: Move): Promise<void> {
  const tables = await listTransferTables(from, await source.dialect.transfer.primaryKeys(from))
  const total = await countRows(from, tables)
  let done = 0
  for (const table of tables) {
    const loader = new TableLoader(to, target, table.name, table.columns)
    await loader.begin()
    for await (const rows of readRows(from, table)) {
      for (let start = 0; start < rows.length; start += loader.batch)
        await loader.add(rows.slice(start, start + loader.batch))
      done += rows.length
      onProgress('moving', done, total)
    }
  }
}

async function countRows(db: Db, tables: readonly TransferTable[]): Promise<number> {
  const counts = tables.map(({ name }) => sql`select count(*) as n from ${sql.table(name)}`)
  const { rows } = await sql<{ n: number }>`${sql.join(counts, sql` union all `)}`.execute(db)
  return rows.reduce((sum, { n }) => sum + Number(n), 0)
}
