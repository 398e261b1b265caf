import type { Migration } from '../migration.ts'

export const audit: Migration = {
  async up(db, { types, tableOptions }) {
    await db.schema
      .createTable('audit_events')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('at', types.timestamp, (column) => column.notNull())
      .addColumn('type', types.key(64), (column) => column.notNull())
      .addColumn('category', types.key(32), (column) => column.notNull())
      .addColumn('outcome', types.key(16), (column) => column.notNull())
      .addColumn('source', types.key(16), (column) => column.notNull())
      .addColumn('actor_id', types.id)
      .addColumn('actor_kind', types.key(16), (column) => column.notNull())
      .addColumn('impersonator_id', types.id)
      .addColumn('user_id', types.id)
      .addColumn('session_id', types.id)
      .addColumn('ip', types.key(64))
      .addColumn('user_agent', types.string(512))
      .addColumn('method', types.key(16))
      .addColumn('path', types.string(255))
      .addColumn('request_id', types.key(64))
      .addColumn('resource_type', types.key(64))
      .addColumn('resource_id', types.key(128))
      .addColumn('detail', types.text, (column) => column.notNull())
      .addColumn('retention', types.key(16), (column) => column.notNull())
      .addColumn('keep_until', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('audit_events_pkey', ['id'])
      .modifyEnd(tableOptions)
      .execute()
    const indexes: [string, string[]][] = [
      ['audit_events_user_id_id_index', ['user_id', 'id']],
      ['audit_events_actor_id_id_index', ['actor_id', 'id']],
      ['audit_events_type_id_index', ['type', 'id']],
      ['audit_events_ip_id_index', ['ip', 'id']],
      ['audit_events_keep_until_index', ['keep_until']],
    ]
    for (const [name, columns] of indexes) {
      await db.schema.createIndex(name).ifNotExists().on('audit_events').columns(columns).execute()
    }
  },
}
