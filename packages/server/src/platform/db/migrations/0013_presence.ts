import type { Migration } from '../migration.ts'

export const presence: Migration = {
  async up(db, { types, tableOptions }) {
    // No reference to users: written for many people at once, while their rows may be locked.
    await db.schema
      .createTable('presence')
      .ifNotExists()
      .addColumn('user_id', types.id, (column) => column.notNull())
      .addColumn('state', types.key(16), (column) => column.notNull())
      .addColumn('text', types.string(200))
      .addColumn('until', types.timestamp)
      .addColumn('last_seen_at', types.timestamp)
      .addPrimaryKeyConstraint('presence_pkey', ['user_id'])
      .modifyEnd(tableOptions)
      .execute()

    await db.schema
      .createTable('presence_instances')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('beat_at', types.bigint, (column) => column.notNull())
      .addPrimaryKeyConstraint('presence_instances_pkey', ['id'])
      .modifyEnd(tableOptions)
      .execute()

    await db.schema
      .createTable('presence_connections')
      .ifNotExists()
      .addColumn('user_id', types.id, (column) => column.notNull())
      .addColumn('instance_id', types.id, (column) => column.notNull())
      .addPrimaryKeyConstraint('presence_connections_pkey', ['user_id', 'instance_id'])
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('presence_connections_instance_id_index')
      .ifNotExists()
      .on('presence_connections')
      .column('instance_id')
      .execute()
  },
}
