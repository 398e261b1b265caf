import type { Migration } from '../migration.ts'

/**
 * Rows that carry a seq do not refer to users: the check would lock a user's row after the stream's, against the order of
 * locks (api.md 10.1, rule 2), and what somebody wrote outlives the account.
 */
export const messaging: Migration = {
  async up(db, { types, tableOptions }) {
    await db.schema
      .createTable('conversations')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('kind', types.key(32), (column) => column.notNull())
      .addColumn('title', types.string(255))
      .addColumn('direct_key', types.key(80))
      .addColumn('created_by', types.id, (column) => column.notNull())
      .addColumn('last_number', types.bigint, (column) => column.notNull())
      .addColumn('last_message_at', types.timestamp)
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addColumn('updated_at', types.timestamp, (column) => column.notNull())
      .addColumn('version', types.integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('conversations_pkey', ['id'])
      .addUniqueConstraint('conversations_direct_key', ['direct_key'])
      .modifyEnd(tableOptions)
      .execute()

    await db.schema
      .createTable('conversation_members')
      .ifNotExists()
      .addColumn('conversation_id', types.id, (column) => column.notNull())
      .addColumn('user_id', types.id, (column) => column.notNull())
      .addColumn('role', types.key(32), (column) => column.notNull())
      .addColumn('joined_at', types.timestamp, (column) => column.notNull())
      .addColumn('visible_from', types.bigint, (column) => column.notNull())
      .addColumn('last_read_seq', types.bigint, (column) => column.notNull())
      .addColumn('last_read_number', types.bigint, (column) => column.notNull())
      .addColumn('last_read_at', types.timestamp)
      .addPrimaryKeyConstraint('conversation_members_pkey', ['conversation_id', 'user_id'])
      .addForeignKeyConstraint(
        'conversation_members_conversation_id_fkey',
        ['conversation_id'],
        'conversations',
        ['id'],
        (key) => key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('conversation_members_user_id_conversation_id_index')
      .ifNotExists()
      .on('conversation_members')
      .columns(['user_id', 'conversation_id'])
      .execute()

    await db.schema
      .createTable('messages')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('conversation_id', types.id, (column) => column.notNull())
      .addColumn('seq', types.bigint, (column) => column.notNull())
      .addColumn('number', types.bigint, (column) => column.notNull())
      .addColumn('sender_id', types.id, (column) => column.notNull())
      .addColumn('client_id', types.key(128), (column) => column.notNull())
      .addColumn('text', types.text, (column) => column.notNull())
      .addColumn('edited_at', types.timestamp)
      .addColumn('deleted_at', types.timestamp)
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addColumn('version', types.integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('messages_pkey', ['id'])
      .addUniqueConstraint('messages_sender_id_client_id', ['sender_id', 'client_id'])
      .addUniqueConstraint('messages_conversation_id_seq', ['conversation_id', 'seq'])
      .addUniqueConstraint('messages_conversation_id_number', ['conversation_id', 'number'])
      .addForeignKeyConstraint('messages_conversation_id_fkey', ['conversation_id'], 'conversations', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()
  },
}
