import type { Migration } from '../migration.ts'

export const notifications: Migration = {
  async up(db, { types, tableOptions }) {
    // No reference to users: it would lock the account of everybody who is told of a message until its end.
    await db.schema
      .createTable('notifications')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('user_id', types.id, (column) => column.notNull())
      .addColumn('type', types.key(64), (column) => column.notNull())
      .addColumn('actor_id', types.id)
      .addColumn('target_type', types.key(32))
      .addColumn('target_id', types.key(64))
      .addColumn('target_url', types.string(500))
      .addColumn('data', types.text, (column) => column.notNull())
      .addColumn('unread', types.boolean, (column) => column.notNull())
      .addColumn('read_at', types.timestamp)
      .addColumn('mail_due_at', types.timestamp)
      .addColumn('mailed_at', types.timestamp)
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('notifications_pkey', ['id'])
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('notifications_user_id_id_index')
      .ifNotExists()
      .on('notifications')
      .columns(['user_id', 'id'])
      .execute()
    // What is unread lies together: counting it never reads what was read before.
    await db.schema
      .createIndex('notifications_user_id_unread_id_index')
      .ifNotExists()
      .on('notifications')
      .columns(['user_id', 'unread', 'id'])
      .execute()
    await db.schema
      .createIndex('notifications_mail_due_at_index')
      .ifNotExists()
      .on('notifications')
      .column('mail_due_at')
      .execute()
    await db.schema
      .createIndex('notifications_read_at_index')
      .ifNotExists()
      .on('notifications')
      .column('read_at')
      .execute()

    await db.schema
      .createTable('notification_preferences')
      .ifNotExists()
      .addColumn('user_id', types.id, (column) => column.notNull())
      .addColumn('types', types.text, (column) => column.notNull())
      .addColumn('quiet_hours', types.text)
      .addColumn('digest', types.key(16), (column) => column.notNull())
      .addColumn('push_previews', types.boolean, (column) => column.notNull())
      .addColumn('updated_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('notification_preferences_pkey', ['user_id'])
      .addForeignKeyConstraint('notification_preferences_user_id_fkey', ['user_id'], 'users', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()

    await db.schema
      .createTable('notification_digests')
      .ifNotExists()
      .addColumn('user_id', types.id, (column) => column.notNull())
      .addColumn('mailed_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('notification_digests_pkey', ['user_id'])
      .addForeignKeyConstraint('notification_digests_user_id_fkey', ['user_id'], 'users', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()

    await db.schema
      .createTable('push_subscriptions')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('user_id', types.id, (column) => column.notNull())
      .addColumn('session_id', types.id, (column) => column.notNull())
      .addColumn('endpoint', types.text, (column) => column.notNull())
      .addColumn('endpoint_hash', types.key(64), (column) => column.notNull())
      .addColumn('p256dh', types.key(128), (column) => column.notNull())
      .addColumn('auth', types.key(64), (column) => column.notNull())
      .addColumn('user_agent', types.string(500), (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('push_subscriptions_pkey', ['id'])
      .addUniqueConstraint('push_subscriptions_endpoint_hash', ['endpoint_hash'])
      .addForeignKeyConstraint('push_subscriptions_user_id_fkey', ['user_id'], 'users', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('push_subscriptions_user_id_index')
      .ifNotExists()
      .on('push_subscriptions')
      .column('user_id')
      .execute()
  },
}
