import type { Migration } from '../migration.ts'

/** What administrators set and say. */
export const adminConsole: Migration = {
  async up(db, { types, tableOptions }) {
    await db.schema
      .createTable('settings')
      .ifNotExists()
      .addColumn('name', types.key(64), (column) => column.notNull())
      .addColumn('value', types.text, (column) => column.notNull())
      .addColumn('updated_by', types.id)
      .addColumn('updated_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('settings_pkey', ['name'])
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createTable('setting_changes')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('name', types.key(64), (column) => column.notNull())
      .addColumn('old_value', types.text)
      .addColumn('new_value', types.text)
      .addColumn('changed_by', types.id)
      .addColumn('changed_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('setting_changes_pkey', ['id'])
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createTable('announcements')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('level', types.key(16), (column) => column.notNull())
      .addColumn('text', types.text, (column) => column.notNull())
      .addColumn('starts_at', types.timestamp, (column) => column.notNull())
      .addColumn('ends_at', types.timestamp)
      .addColumn('dismissible', types.boolean, (column) => column.notNull())
      .addColumn('created_by', types.id, (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addColumn('updated_at', types.timestamp, (column) => column.notNull())
      .addColumn('version', types.integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('announcements_pkey', ['id'])
      .modifyEnd(tableOptions)
      .execute()
    const indexes: [table: string, columns: string[]][] = [
      ['setting_changes', ['name', 'id']],
      ['sessions', ['ip', 'id']],
    ]
    for (const [table, columns] of indexes) {
      await db.schema
        .createIndex(`${table}_${columns.join('_')}_index`)
        .ifNotExists()
        .on(table)
        .columns(columns)
        .execute()
    }
  },
}
