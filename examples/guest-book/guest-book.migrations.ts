import type { Migration } from '@atrium/server'

export const entries: Migration = {
  async up(db, { types, tableOptions }) {
    await db.schema
      .createTable('guest_book_entries')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('author_id', types.id, (column) => column.notNull())
      .addColumn('text', types.string(500), (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('guest_book_entries_pkey', ['id'])
      .addForeignKeyConstraint('guest_book_entries_author_id_fkey', ['author_id'], 'users', ['id'])
      .modifyEnd(tableOptions)
      .execute()
    for (const columns of [['author_id', 'created_at'], ['created_at']]) {
      await db.schema
        .createIndex(`guest_book_entries_${columns.join('_')}_index`)
        .ifNotExists()
        .on('guest_book_entries')
        .columns(columns)
        .execute()
    }
  },
}
