import type { Migration } from '../migration.ts'

export const webhooks: Migration = {
  async up(db, { types, tableOptions }) {
    await db.schema
      .createTable('webhooks')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('name', types.string(100), (column) => column.notNull())
      .addColumn('url', types.string(2048), (column) => column.notNull())
      .addColumn('events', types.text, (column) => column.notNull())
      .addColumn('success', types.boolean)
      .addColumn('sealed_secret', types.text, (column) => column.notNull())
      .addColumn('enabled', types.boolean, (column) => column.notNull())
      .addColumn('disabled_reason', types.string(400))
      .addColumn('position', types.bigint, (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addColumn('updated_at', types.timestamp, (column) => column.notNull())
      .addColumn('version', types.integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('webhooks_pkey', ['id'])
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createTable('webhook_deliveries')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('webhook_id', types.id, (column) => column.notNull())
      .addColumn('event_id', types.id)
      .addColumn('type', types.key(64), (column) => column.notNull())
      .addColumn('status', types.key(16), (column) => column.notNull())
      .addColumn('attempts', types.integer, (column) => column.notNull())
      .addColumn('next_attempt_at', types.timestamp, (column) => column.notNull())
      .addColumn('lease_id', types.id)
      .addColumn('response_status', types.integer)
      .addColumn('last_error', types.string(400))
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addColumn('delivered_at', types.timestamp)
      .addPrimaryKeyConstraint('webhook_deliveries_pkey', ['id'])
      .addForeignKeyConstraint('webhook_deliveries_webhook_id_fkey', ['webhook_id'], 'webhooks', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(tableOptions)
      .execute()
    for (const columns of [['webhook_id', 'id'], ['status', 'next_attempt_at'], ['created_at']]) {
      await db.schema
        .createIndex(`webhook_deliveries_${columns.join('_')}_index`)
        .ifNotExists()
        .on('webhook_deliveries')
        .columns(columns)
        .execute()
    }
  },
}
