import type { Migration } from '../migration.ts'

export const secondFactors: Migration = {
  async up(db, { types, tableOptions }) {
    await db.schema
      .createTable('totp_credentials')
      .ifNotExists()
      .addColumn('user_id', types.id, (column) => column.notNull())
      .addColumn('sealed_secret', types.string(255), (column) => column.notNull())
      .addColumn('confirmed_at', types.timestamp)
      .addColumn('last_step', types.bigint, (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('totp_credentials_pkey', ['user_id'])
      .addForeignKeyConstraint('totp_credentials_user_id_fkey', ['user_id'], 'users', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createTable('recovery_codes')
      .ifNotExists()
      .addColumn('user_id', types.id, (column) => column.notNull())
      .addColumn('code_hash', types.key(64), (column) => column.notNull())
      .addPrimaryKeyConstraint('recovery_codes_pkey', ['user_id', 'code_hash'])
      .addForeignKeyConstraint('recovery_codes_user_id_fkey', ['user_id'], 'users', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createTable('passkeys')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('user_id', types.id, (column) => column.notNull())
      .addColumn('credential_hash', types.key(64), (column) => column.notNull())
      .addColumn('credential_id', types.text, (column) => column.notNull())
      .addColumn('public_key', types.text, (column) => column.notNull())
      .addColumn('counter', types.bigint, (column) => column.notNull())
      .addColumn('transports', types.string(255), (column) => column.notNull())
      .addColumn('aaguid', types.key(64), (column) => column.notNull())
      .addColumn('backup_eligible', types.boolean, (column) => column.notNull())
      .addColumn('backed_up', types.boolean, (column) => column.notNull())
      .addColumn('name', types.string(255), (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addColumn('last_used_at', types.timestamp)
      .addPrimaryKeyConstraint('passkeys_pkey', ['id'])
      .addUniqueConstraint('passkeys_credential_hash', ['credential_hash'])
      .addForeignKeyConstraint('passkeys_user_id_fkey', ['user_id'], 'users', ['id'], (key) => key.onDelete('cascade'))
      .modifyEnd(tableOptions)
      .execute()
    await db.schema.createIndex('passkeys_user_id_index').ifNotExists().on('passkeys').column('user_id').execute()
  },
}
