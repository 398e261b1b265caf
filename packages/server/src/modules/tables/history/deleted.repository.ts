import type { Kysely } from 'kysely'
import type { Dialect } from '../../../platform/db/dialects/dialect.ts'
import type { Db } from '../../../platform/db/schema.ts'
import type { RowImage } from '../rows/row-images.ts'
import { hashOf } from './revisions.repository.ts'

/** `_atrium_deleted`, in the database of the rows. */
interface DeletedTable {
  table_name: string
  row_hash: string
  /** JSON. */
  row_key: string
  /** The whole row as it was. */
  image: string
  deleted_by: string
  deleted_at: string
}

export interface DeletedRow {
  key: readonly string[]
  image: RowImage
  by: string
  at: string
  hash: string
}

/** Rows may be large. */
const rowsPerInsert = 20

const books = (db: Db) => db as unknown as Kysely<{ _atrium_deleted: DeletedTable }>

/** The rows are locked. What was deleted under the same keys before is forgotten. */
export async function addDeleted(
  tx: Db,
  table: string,
  rows: readonly { key: readonly string[]; image: RowImage }[],
  { by, at }: { by: string; at: string },
): Promise<void> {
  for (let start = 0; start < rows.length; start += rowsPerInsert) {
    const some = rows.slice(start, start + rowsPerInsert).map(({ key, image }) => ({
      ...{ table_name: table, row_hash: hashOf(key), row_key: JSON.stringify(key) },
      ...{ image: JSON.stringify(image), deleted_by: by, deleted_at: at },
    }))
    await deleteHashes(
      tx,
      table,
      some.map(({ row_hash }) => row_hash),
    )
    await books(tx).insertInto('_atrium_deleted').values(some).execute()
  }
}

async function deleteHashes(tx: Db, table: string, hashes: readonly string[]): Promise<number> {
  const { numDeletedRows } = await books(tx)
    .deleteFrom('_atrium_deleted')
    .where('table_name', '=', table)
    .where('row_hash', 'in', [...hashes])
    .executeTakeFirst()
  return Number(numDeletedRows)
}

export const forgetDeleted = (tx: Db, table: string, key: readonly string[]): Promise<number> =>
  deleteHashes(tx, table, [hashOf(key)])

/** Locked until the transaction ends. */
export async function lockDeleted(
  tx: Db,
  { lock }: Pick<Dialect, 'lock'>,
  table: string,
  key: readonly string[],
): Promise<DeletedRow | undefined> {
  const query = books(tx)
    .selectFrom('_atrium_deleted')
    .selectAll()
    .where('table_name', '=', table)
    .where('row_hash', '=', hashOf(key))
  const row = await lock.forUpdate(query).executeTakeFirst()
  return row && toDeleted(row)
}

/** Newest first. */
export async function listDeleted(
  db: Db,
  table: string,
  { limit, before }: { limit: number; before: { at: string; hash: string } | undefined },
): Promise<DeletedRow[]> {
  let query = books(db).selectFrom('_atrium_deleted').selectAll().where('table_name', '=', table)
  if (before) {
    query = query.where((row) =>
      row.or([
        row('deleted_at', '<', before.at),
        row.and([row('deleted_at', '=', before.at), row('row_hash', '<', before.hash)]),
      ]),
    )
  }
  const rows = await query.orderBy('deleted_at', 'desc').orderBy('row_hash', 'desc').limit(limit).execute()
  return rows.map(toDeleted)
}

/** At most `limit` of them; of one table, or deleted before a time. */
export async function purgeDeleted(
  tx: Db,
  which: { table: string } | { before: string },
  limit: number,
): Promise<number> {
  const query = books(tx).selectFrom('_atrium_deleted').select(['table_name', 'row_hash'])
  const rows = await ('table' in which
    ? query.where('table_name', '=', which.table)
    : query.where('deleted_at', '<', which.before)
  )
    .limit(limit)
    .execute()
  for (const [table, those] of Map.groupBy(rows, ({ table_name }) => table_name)) {
    await deleteHashes(
      tx,
      table,
      those.map(({ row_hash }) => row_hash),
    )
  }
  return rows.length
}

const toDeleted = ({ row_key, image, deleted_by, deleted_at, row_hash }: DeletedTable): DeletedRow => ({
  key: JSON.parse(row_key),
  image: JSON.parse(image),
  by: deleted_by,
  at: deleted_at,
  hash: row_hash,
})
