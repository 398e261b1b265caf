import type { Migration } from '../migration.ts'

/** There are few of them and for a short time, so nothing but the key is an index. */
export const browserReports: Migration = {
  async up(db, { types, tableOptions }) {
    await db.schema
      .createTable('browser_reports')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('user_id', types.id)
      .addColumn('user_agent', types.text, (column) => column.notNull())
      .addColumn('comment', types.text)
      .addColumn('findings', types.text, (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('browser_reports_pkey', ['id'])
      .modifyEnd(tableOptions)
      .execute()
  },
}
