import type { Migration } from '../migration.ts'

export const identities: Migration = {
  async up(db, { types, tableOptions }) {
    await db.schema
      .createTable('identities')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('user_id', types.id, (column) => column.notNull())
      .addColumn('provider', types.key(64), (column) => column.notNull())
      .addColumn('issuer', types.key(255), (column) => column.notNull())
      .addColumn('subject', types.key(255), (column) => column.notNull())
      .addColumn('email', types.string(320))
      .addColumn('display_name', types.string(255))
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addColumn('last_used_at', types.timestamp)
      .addPrimaryKeyConstraint('identities_pkey', ['id'])
      .addUniqueConstraint('identities_provider_issuer_subject', ['provider', 'issuer', 'subject'])
      .addForeignKeyConstraint('identities_user_id_fkey', ['user_id'], 'users', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()
    await db.schema.createIndex('identities_user_id_index').ifNotExists().on('identities').column('user_id').execute()
  },
}
