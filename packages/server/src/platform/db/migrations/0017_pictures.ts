import type { Migration } from '../migration.ts'
import { addColumns } from './add-columns.ts'

/** Pictures of people and conversations, and files in messages. Files are referred to without a key: they go on their own. */
export const pictures: Migration = {
  async up(db, { types, tableOptions }) {
    await addColumns(db, 'users', { avatar_file_id: [types.id] })
    await addColumns(db, 'conversations', { picture_file_id: [types.id] })
    await addColumns(db, 'messages', { attachments: [types.text] })
    for (const [table, column] of [
      ['users', 'avatar_file_id'],
      ['conversations', 'picture_file_id'],
    ] as const) {
      await db.schema.createIndex(`${table}_${column}_index`).ifNotExists().on(table).column(column).execute()
    }

    // The key is what lets a file into one message only.
    await db.schema
      .createTable('message_attachments')
      .ifNotExists()
      .addColumn('file_id', types.id, (column) => column.notNull())
      .addColumn('message_id', types.id, (column) => column.notNull())
      .addPrimaryKeyConstraint('message_attachments_pkey', ['file_id'])
      .addForeignKeyConstraint('message_attachments_message_id_fkey', ['message_id'], 'messages', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('message_attachments_message_id_index')
      .ifNotExists()
      .on('message_attachments')
      .column('message_id')
      .execute()
  },
}
