import type { Migration } from '../migration.ts'
import { addColumns } from './add-columns.ts'

/** Groups, channels and what one can do with a message. Rows that carry a seq do not refer to users: see 0003. */
export const conversations: Migration = {
  async up(db, { types, tableOptions, search }) {
    await addColumns(db, 'conversations', {
      description: [types.string(1000)],
      is_public: [types.boolean, (column) => column.notNull().defaultTo(0)],
      history_open: [types.boolean, (column) => column.notNull().defaultTo(1)],
      posting: [types.key(16), (column) => column.notNull().defaultTo('members')],
      member_count: [types.integer, (column) => column.notNull().defaultTo(2)],
      has_archived: [types.boolean, (column) => column.notNull().defaultTo(0)],
      deleted_at: [types.timestamp],
    })
    await db.schema
      .createIndex('conversations_is_public_title_index')
      .ifNotExists()
      .on('conversations')
      .columns(['is_public', 'title', 'id'])
      .execute()
    await db.schema
      .createIndex('conversations_deleted_at_index')
      .ifNotExists()
      .on('conversations')
      .column('deleted_at')
      .execute()
    await addColumns(db, 'conversation_members', {
      delivered_seq: [types.bigint, (column) => column.notNull().defaultTo(0)],
      muted_until: [types.timestamp],
      pinned_at: [types.timestamp],
      archived_at: [types.timestamp],
    })
    await db.schema
      .createIndex('conversation_members_conversation_id_role_index')
      .ifNotExists()
      .on('conversation_members')
      .columns(['conversation_id', 'role'])
      .execute()
    await db.schema
      .createIndex('conversation_members_conversation_id_visible_from_index')
      .ifNotExists()
      .on('conversation_members')
      .columns(['conversation_id', 'visible_from'])
      .execute()
    await addColumns(db, 'messages', {
      format: [types.key(16), (column) => column.notNull().defaultTo('plain')],
      reply_to_id: [types.id],
      thread_id: [types.id],
      reply_count: [types.integer, (column) => column.notNull().defaultTo(0)],
      mentions: [types.text],
    })
    await db.schema
      .createIndex('messages_thread_id_seq_index')
      .ifNotExists()
      .on('messages')
      .columns(['thread_id', 'seq'])
      .execute()

    await db.schema
      .createTable('message_edits')
      .ifNotExists()
      .addColumn('message_id', types.id, (column) => column.notNull())
      .addColumn('version', types.integer, (column) => column.notNull())
      .addColumn('text', types.text, (column) => column.notNull())
      .addColumn('edited_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('message_edits_pkey', ['message_id', 'version'])
      .addForeignKeyConstraint('message_edits_message_id_fkey', ['message_id'], 'messages', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()

    await db.schema
      .createTable('message_reactions')
      .ifNotExists()
      .addColumn('message_id', types.id, (column) => column.notNull())
      .addColumn('emoji', types.key(64), (column) => column.notNull())
      .addColumn('user_id', types.id, (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('message_reactions_pkey', ['message_id', 'emoji', 'user_id'])
      .addForeignKeyConstraint('message_reactions_message_id_fkey', ['message_id'], 'messages', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('message_reactions_user_id_index')
      .ifNotExists()
      .on('message_reactions')
      .column('user_id')
      .execute()

    await db.schema
      .createTable('message_mentions')
      .ifNotExists()
      .addColumn('conversation_id', types.id, (column) => column.notNull())
      // Ids, and `all`.
      .addColumn('user_id', types.key(36), (column) => column.notNull())
      .addColumn('number', types.bigint, (column) => column.notNull())
      .addColumn('message_id', types.id, (column) => column.notNull())
      .addPrimaryKeyConstraint('message_mentions_pkey', ['conversation_id', 'user_id', 'number'])
      .addForeignKeyConstraint('message_mentions_message_id_fkey', ['message_id'], 'messages', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('message_mentions_message_id_index')
      .ifNotExists()
      .on('message_mentions')
      .column('message_id')
      .execute()

    await db.schema
      .createTable('message_hides')
      .ifNotExists()
      .addColumn('user_id', types.id, (column) => column.notNull())
      .addColumn('message_id', types.id, (column) => column.notNull())
      .addPrimaryKeyConstraint('message_hides_pkey', ['user_id', 'message_id'])
      .addForeignKeyConstraint('message_hides_message_id_fkey', ['message_id'], 'messages', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('message_hides_message_id_index')
      .ifNotExists()
      .on('message_hides')
      .column('message_id')
      .execute()

    await db.schema
      .createTable('conversation_invites')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('conversation_id', types.id, (column) => column.notNull())
      .addColumn('code_hash', types.key(64), (column) => column.notNull())
      .addColumn('created_by', types.id, (column) => column.notNull())
      .addColumn('max_uses', types.integer)
      .addColumn('uses', types.integer, (column) => column.notNull())
      .addColumn('expires_at', types.timestamp)
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('conversation_invites_pkey', ['id'])
      .addUniqueConstraint('conversation_invites_code_hash', ['code_hash'])
      .addForeignKeyConstraint(
        'conversation_invites_conversation_id_fkey',
        ['conversation_id'],
        'conversations',
        ['id'],
        (key) => key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('conversation_invites_conversation_id_index')
      .ifNotExists()
      .on('conversation_invites')
      .column('conversation_id')
      .execute()

    await db.schema
      .createTable('conversation_bans')
      .ifNotExists()
      .addColumn('conversation_id', types.id, (column) => column.notNull())
      .addColumn('user_id', types.id, (column) => column.notNull())
      .addColumn('banned_by', types.id, (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('conversation_bans_pkey', ['conversation_id', 'user_id'])
      .addForeignKeyConstraint(
        'conversation_bans_conversation_id_fkey',
        ['conversation_id'],
        'conversations',
        ['id'],
        (key) => key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()

    await db.schema
      .createTable('conversation_pins')
      .ifNotExists()
      .addColumn('conversation_id', types.id, (column) => column.notNull())
      .addColumn('message_id', types.id, (column) => column.notNull())
      .addColumn('pinned_by', types.id, (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('conversation_pins_pkey', ['conversation_id', 'message_id'])
      .addForeignKeyConstraint('conversation_pins_message_id_fkey', ['message_id'], 'messages', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()

    await db.schema
      .createTable('bookmarks')
      .ifNotExists()
      .addColumn('user_id', types.id, (column) => column.notNull())
      .addColumn('message_id', types.id, (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('bookmarks_pkey', ['user_id', 'message_id'])
      .addForeignKeyConstraint('bookmarks_message_id_fkey', ['message_id'], 'messages', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('bookmarks_user_id_created_at_index')
      .ifNotExists()
      .on('bookmarks')
      .columns(['user_id', 'created_at'])
      .execute()

    await search.createTable(db, 'message_search', 'message_id', 'terms')
  },
}
