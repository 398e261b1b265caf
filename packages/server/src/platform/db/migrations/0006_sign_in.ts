import type { Migration } from '../migration.ts'
import { addColumns } from './add-columns.ts'

export const signIn: Migration = {
  async up(db, { types, tableOptions }) {
    await addColumns(db, 'users', {
      kind: [types.key(16), (column) => column.notNull().defaultTo('person')],
      erase_at: [types.timestamp],
      pending_email: [types.string(320)],
      mfa_enabled: [types.boolean, (column) => column.notNull().defaultTo(0)],
    })
    await db.schema
      .createIndex('users_status_created_at_index')
      .ifNotExists()
      .on('users')
      .columns(['status', 'created_at'])
      .execute()
    await addColumns(db, 'sessions', {
      device_id: [types.id],
      impersonator_id: [types.id],
      impersonator_session_id: [types.id],
    })

    await db.schema
      .createIndex('sessions_impersonator_session_id_index')
      .ifNotExists()
      .on('sessions')
      .column('impersonator_session_id')
      .execute()

    await db.schema
      .createTable('one_time_tokens')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('purpose', types.key(32), (column) => column.notNull())
      .addColumn('subject', types.key(128), (column) => column.notNull())
      .addColumn('token_hash', types.key(64), (column) => column.notNull())
      .addColumn('code_hash', types.key(64))
      .addColumn('attempts_left', types.integer, (column) => column.notNull())
      .addColumn('sealed', types.text, (column) => column.notNull())
      .addColumn('expires_at', types.timestamp, (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('one_time_tokens_pkey', ['id'])
      .addUniqueConstraint('one_time_tokens_token_hash', ['token_hash'])
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('one_time_tokens_subject_purpose_index')
      .ifNotExists()
      .on('one_time_tokens')
      .columns(['subject', 'purpose'])
      .execute()
    await db.schema
      .createIndex('one_time_tokens_expires_at_index')
      .ifNotExists()
      .on('one_time_tokens')
      .column('expires_at')
      .execute()

    await db.schema
      .createTable('login_throttles')
      .ifNotExists()
      .addColumn('key', types.key(64), (column) => column.notNull())
      .addColumn('failures', types.integer, (column) => column.notNull())
      .addColumn('total_failures', types.integer, (column) => column.notNull())
      .addColumn('locked_until', types.timestamp)
      .addColumn('updated_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('login_throttles_pkey', ['key'])
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('login_throttles_updated_at_index')
      .ifNotExists()
      .on('login_throttles')
      .column('updated_at')
      .execute()

    await db.schema
      .createTable('devices')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('user_id', types.id, (column) => column.notNull())
      .addColumn('token_hash', types.key(64), (column) => column.notNull())
      .addColumn('user_agent', types.string(512), (column) => column.notNull())
      .addColumn('ip', types.string(64), (column) => column.notNull())
      .addColumn('failures', types.integer, (column) => column.notNull())
      .addColumn('trusted_until', types.timestamp)
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addColumn('last_seen_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('devices_pkey', ['id'])
      .addUniqueConstraint('devices_token_hash', ['token_hash'])
      .addForeignKeyConstraint('devices_user_id_fkey', ['user_id'], 'users', ['id'], (key) => key.onDelete('cascade'))
      .modifyEnd(tableOptions)
      .execute()
    await db.schema.createIndex('devices_user_id_index').ifNotExists().on('devices').column('user_id').execute()

    await db.schema
      .createTable('reserved_names')
      .ifNotExists()
      .addColumn('username_key', types.key(128), (column) => column.notNull())
      .addColumn('expires_at', types.timestamp, (column) => column.notNull())
      .addColumn('held_by', types.key(64))
      .addColumn('email_key', types.key(400))
      .addColumn('password_hash', types.string(255))
      .addPrimaryKeyConstraint('reserved_names_pkey', ['username_key'])
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('reserved_names_email_key_index')
      .ifNotExists()
      .on('reserved_names')
      .column('email_key')
      .execute()
  },
}
