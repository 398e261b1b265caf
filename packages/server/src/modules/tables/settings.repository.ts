import type { DataTablesTable, Db } from '../../platform/db/schema.ts'

export const listSettings = (db: Db): Promise<DataTablesTable[]> =>
  db.selectFrom('data_tables').selectAll().orderBy('name').execute()

export const findSettings = (db: Db, name: string): Promise<DataTablesTable | undefined> =>
  db.selectFrom('data_tables').selectAll().where('name', '=', name).executeTakeFirst()

export async function insertSettings(db: Db, row: DataTablesTable): Promise<void> {
  await db.insertInto('data_tables').values(row).execute()
}

/** True for the one who replaced the version that was read. */
export async function replaceSettings(db: Db, row: DataTablesTable): Promise<boolean> {
  const result = await db
    .updateTable('data_tables')
    .set({ settings: row.settings, version: row.version, updated_at: row.updated_at })
    .where('name', '=', row.name)
    .where('version', '=', row.version - 1)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}
