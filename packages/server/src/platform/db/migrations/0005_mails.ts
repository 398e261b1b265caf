import type { Migration } from '../migration.ts'

export const mails: Migration = {
  async up(db, { types, tableOptions }) {
    await db.schema
      .createTable('mails')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('template', types.key(64), (column) => column.notNull())
      .addColumn('locale', types.key(16), (column) => column.notNull())
      .addColumn('to_address', types.string(320), (column) => column.notNull())
      .addColumn('user_id', types.id)
      .addColumn('sealed', types.longText)
      .addColumn('message_id', types.key(255), (column) => column.notNull())
      .addColumn('status', types.key(16), (column) => column.notNull())
      .addColumn('attempts', types.integer, (column) => column.notNull())
      .addColumn('next_attempt_at', types.timestamp, (column) => column.notNull())
      .addColumn('lease_id', types.id)
      .addColumn('last_error', types.string(500))
      .addColumn('expires_at', types.timestamp)
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addColumn('sent_at', types.timestamp)
      .addPrimaryKeyConstraint('mails_pkey', ['id'])
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('mails_status_next_attempt_at_index')
      .ifNotExists()
      .on('mails')
      .columns(['status', 'next_attempt_at'])
      .execute()
    await db.schema.createIndex('mails_user_id_index').ifNotExists().on('mails').column('user_id').execute()
  },
}
