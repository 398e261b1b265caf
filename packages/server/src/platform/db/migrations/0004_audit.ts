import type { Migration } from '../migration.ts'

export const audit: Migration = {
  async up(db, { types, tableOptions, appendOnly }) {
    await db.schema
      .createTable('audit_events')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('at', types.timestamp, (column) => column.notNull())
      .addColumn('type', types.key(64), (column) => column.notNull())
      .addColumn('category', types.key(32), (column) => column.notNull())
      .addColumn('outcome', types.key(16), (column) => column.notNull())
      .addColumn('success', types.boolean, (column) => column.notNull())
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
    // Newest first by whatever it is filtered by. Nothing but the time orders it: ids of other processes are no clock.
    const filters = ['user_id', 'actor_id', 'type', 'category', 'ip', 'success']
    for (const columns of [['at', 'id'], ...filters.map((column) => [column, 'at', 'id']), ['keep_until']]) {
      const name = `audit_events_${columns.join('_')}_index`
      await db.schema.createIndex(name).ifNotExists().on('audit_events').columns(columns).execute()
    }
    await appendOnly(db, 'audit_events', 'keep_until')
  },
}
