import type { Dialect } from './dialects/dialect.ts'
import type { Db } from './schema.ts'

/** Lies in each database whose changes are answered once: an answer is kept in the transaction of its change. */
export async function createIdempotencyTable(
  db: Db,
  table: string,
  { types, tableOptions }: Pick<Dialect, 'types' | 'tableOptions'>,
): Promise<void> {
  await db.schema
    .createTable(table)
    .ifNotExists()
    .addColumn('id', types.key(64), (column) => column.notNull())
    .addColumn('user_id', types.id, (column) => column.notNull())
    .addColumn('fingerprint', types.key(64), (column) => column.notNull())
    .addColumn('holder', types.id, (column) => column.notNull())
    .addColumn('lease_until', types.timestamp, (column) => column.notNull())
    .addColumn('status', types.integer)
    .addColumn('headers', types.text)
    .addColumn('body', types.longText)
    .addColumn('created_at', types.timestamp, (column) => column.notNull())
    .addPrimaryKeyConstraint(`${table}_pkey`, ['id'])
    .modifyEnd(tableOptions)
    .execute()
  for (const column of ['user_id', 'created_at']) {
    await db.schema.createIndex(`${table}_${column}_index`).ifNotExists().on(table).column(column).execute()
  }
}
