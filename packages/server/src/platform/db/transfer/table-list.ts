import { listModuleTables } from '../module-tables.ts'
import { isOwnTable, ownTables } from '../own-tables.ts'
import type { Db } from '../schema.ts'

export interface TransferTable {
  name: string
  columns: readonly string[]
  /** What its rows are ordered by, alike on every engine. */
  key: readonly string[]
}

/** About processes that run right now: worth nothing to others, or later. */
export const fleeting: ReadonlySet<string> = new Set(['presence_instances', 'presence_connections'])
/** What an engine keeps for itself: row numbers of a search index, points of a spatial one. */
const ofTheEngine: Readonly<Record<string, readonly string[]>> = {
  message_search: ['doc'],
  places: ['location'],
  user_locations: ['location'],
}
const keys: Readonly<Record<string, readonly string[]>> = { message_search: ['message_id'] }

/** Our tables that this database has, those that others refer to first. */
export async function listTransferTables(
  db: Db,
  primaryKeys: ReadonlyMap<string, readonly string[]>,
): Promise<TransferTable[]> {
  const there = new Map((await db.introspection.getTables()).map((table) => [table.name, table]))
  const all = [...ownTables, ...(await listModuleTables(db)).map(({ name }) => name)]
  return all
    .filter((name) => there.has(name) && !fleeting.has(name))
    .map((name) => {
      const left = ofTheEngine[name] ?? []
      const columns = (there.get(name)?.columns ?? [])
        .map((column) => column.name)
        .filter((each) => !left.includes(each))
      const key = keys[name] ?? primaryKeys.get(name)
      if (!key) throw new Error(`The table ${name} has no primary key.`)
      return { name, columns: columns.sort(), key }
    })
}

/** Tables of others that lie beside ours: what they hold is not ours to understand. */
export async function listForeignTables(db: Db): Promise<string[]> {
  const tables = await db.introspection.getTables()
  const ofModules = new Set((await listModuleTables(db)).map(({ name }) => name))
  return tables
    .filter(
      ({ name, isView }) =>
        !isView && !isOwnTable(name) && !ofModules.has(name) && !/^_atrium_|^spatial_ref_sys$/.test(name),
    )
    .map(({ name }) => name)
    .sort()
}
