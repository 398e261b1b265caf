import type { Migration } from '../migration.ts'

export const tables: Migration = {
  async up(db, { types, tableOptions }) {
    await db.schema
      .createTable('data_tables')
      .ifNotExists()
      .addColumn('name', types.key(128), (column) => column.notNull())
      .addColumn('settings', types.longText, (column) => column.notNull())
      .addColumn('version', types.integer, (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addColumn('updated_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('data_tables_pkey', ['name'])
      .modifyEnd(tableOptions)
      .execute()
  },
}
