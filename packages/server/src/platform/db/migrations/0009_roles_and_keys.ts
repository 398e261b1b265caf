import type { Migration } from '../migration.ts'

export const rolesAndKeys: Migration = {
  async up(db, { types, tableOptions }) {
    // Who has a role: asked before the last administrator goes, and before a role is deleted.
    await db.schema
      .createIndex('user_roles_role_user_id_index')
      .ifNotExists()
      .on('user_roles')
      .columns(['role', 'user_id'])
      .execute()
    await db.schema
      .createTable('roles')
      .ifNotExists()
      .addColumn('name', types.key(64), (column) => column.notNull())
      .addColumn('description', types.string(255), (column) => column.notNull())
      .addColumn('permissions', types.text, (column) => column.notNull())
      .addColumn('inherits', types.text, (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addColumn('updated_at', types.timestamp, (column) => column.notNull())
      .addColumn('version', types.integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('roles_pkey', ['name'])
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createTable('api_keys')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('user_id', types.id, (column) => column.notNull())
      .addColumn('name', types.string(255), (column) => column.notNull())
      .addColumn('prefix', types.key(32), (column) => column.notNull())
      .addColumn('key_hash', types.key(64), (column) => column.notNull())
      .addColumn('scopes', types.text, (column) => column.notNull())
      .addColumn('allowed_ips', types.text, (column) => column.notNull())
      .addColumn('rate_limit', types.integer)
      .addColumn('expires_at', types.timestamp)
      .addColumn('last_used_at', types.timestamp)
      .addColumn('last_used_ip', types.string(64))
      .addColumn('created_by', types.id, (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addColumn('updated_at', types.timestamp, (column) => column.notNull())
      .addColumn('version', types.integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('api_keys_pkey', ['id'])
      .addUniqueConstraint('api_keys_key_hash', ['key_hash'])
      .addForeignKeyConstraint('api_keys_user_id_fkey', ['user_id'], 'users', ['id'], (key) => key.onDelete('cascade'))
      .modifyEnd(tableOptions)
      .execute()
    await db.schema.createIndex('api_keys_user_id_index').ifNotExists().on('api_keys').column('user_id').execute()
  },
}
