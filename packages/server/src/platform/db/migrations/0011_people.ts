import type { Migration } from '../migration.ts'
import { addColumns } from './add-columns.ts'

export const people: Migration = {
  async up(db, { types, tableOptions }) {
    await addColumns(db, 'users', {
      privacy: [types.text],
      searchable: [types.boolean, (column) => column.notNull().defaultTo(1)],
      banned_until: [types.timestamp],
    })

    await db.schema
      .createTable('friendships')
      .ifNotExists()
      .addColumn('user_id', types.id, (column) => column.notNull())
      .addColumn('friend_id', types.id, (column) => column.notNull())
      .addColumn('since', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('friendships_pkey', ['user_id', 'friend_id'])
      .addForeignKeyConstraint('friendships_user_id_fkey', ['user_id'], 'users', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .addForeignKeyConstraint('friendships_friend_id_fkey', ['friend_id'], 'users', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('friendships_friend_id_index')
      .ifNotExists()
      .on('friendships')
      .column('friend_id')
      .execute()

    await db.schema
      .createTable('friend_requests')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('from_id', types.id, (column) => column.notNull())
      .addColumn('to_id', types.id, (column) => column.notNull())
      .addColumn('open_key', types.key(80))
      .addColumn('status', types.key(16), (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addColumn('decided_at', types.timestamp)
      .addPrimaryKeyConstraint('friend_requests_pkey', ['id'])
      .addUniqueConstraint('friend_requests_open_key', ['open_key'])
      .addForeignKeyConstraint('friend_requests_from_id_fkey', ['from_id'], 'users', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .addForeignKeyConstraint('friend_requests_to_id_fkey', ['to_id'], 'users', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()
    for (const side of ['from_id', 'to_id']) {
      await db.schema
        .createIndex(`friend_requests_${side}_status_id_index`)
        .ifNotExists()
        .on('friend_requests')
        .columns([side, 'status', 'id'])
        .execute()
    }
    await db.schema
      .createIndex('friend_requests_decided_at_index')
      .ifNotExists()
      .on('friend_requests')
      .column('decided_at')
      .execute()

    await db.schema
      .createTable('blocks')
      .ifNotExists()
      .addColumn('blocker_id', types.id, (column) => column.notNull())
      .addColumn('blocked_id', types.id, (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('blocks_pkey', ['blocker_id', 'blocked_id'])
      .addForeignKeyConstraint('blocks_blocker_id_fkey', ['blocker_id'], 'users', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .addForeignKeyConstraint('blocks_blocked_id_fkey', ['blocked_id'], 'users', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()
    await db.schema.createIndex('blocks_blocked_id_index').ifNotExists().on('blocks').column('blocked_id').execute()
    await db.schema
      .createIndex('blocks_blocker_id_created_at_index')
      .ifNotExists()
      .on('blocks')
      .columns(['blocker_id', 'created_at', 'blocked_id'])
      .execute()

    // No reference to users: a report outlives who wrote it, and whom it is about.
    await db.schema
      .createTable('reports')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('reporter_id', types.id, (column) => column.notNull())
      .addColumn('target_type', types.key(16), (column) => column.notNull())
      .addColumn('target_id', types.id, (column) => column.notNull())
      .addColumn('open_key', types.key(128))
      .addColumn('target_user_id', types.id)
      .addColumn('conversation_id', types.id)
      .addColumn('excerpt', types.text)
      .addColumn('reason', types.key(32), (column) => column.notNull())
      .addColumn('comment', types.text)
      .addColumn('status', types.key(16), (column) => column.notNull())
      .addColumn('note', types.text)
      .addColumn('decided_by', types.id)
      .addColumn('decided_at', types.timestamp)
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addColumn('updated_at', types.timestamp, (column) => column.notNull())
      .addColumn('version', types.integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('reports_pkey', ['id'])
      .addUniqueConstraint('reports_open_key', ['open_key'])
      .modifyEnd(tableOptions)
      .execute()
    for (const columns of [['status', 'id'], ['target_user_id', 'id'], ['reporter_id'], ['decided_at']]) {
      await db.schema
        .createIndex(`reports_${columns.join('_')}_index`)
        .ifNotExists()
        .on('reports')
        .columns(columns)
        .execute()
    }

    await db.schema
      .createTable('bans')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('subject', types.key(128), (column) => column.notNull())
      .addColumn('user_id', types.id)
      .addColumn('network', types.key(64))
      .addColumn('reason', types.text, (column) => column.notNull())
      .addColumn('created_by', types.id, (column) => column.notNull())
      .addColumn('until', types.timestamp)
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('bans_pkey', ['id'])
      .addUniqueConstraint('bans_subject', ['subject'])
      .modifyEnd(tableOptions)
      .execute()
    for (const columns of [['network'], ['until']]) {
      await db.schema
        .createIndex(`bans_${columns.join('_')}_index`)
        .ifNotExists()
        .on('bans')
        .columns(columns)
        .execute()
    }
  },
}
