import type { Migration } from '../migration.ts'
import { addColumns } from './add-columns.ts'

export const trust: Migration = {
  async up(db, { types, tableOptions }) {
    await db.schema
      .createTable('erasures')
      .ifNotExists()
      .addColumn('user_id', types.id, (column) => column.notNull())
      .addColumn('erased_at', types.timestamp, (column) => column.notNull())
      .addColumn('receipt', types.text, (column) => column.notNull())
      .addColumn('sha256', types.string(64), (column) => column.notNull())
      .addColumn('signature', types.string(64), (column) => column.notNull())
      .addColumn('event_id', types.id, (column) => column.notNull())
      .addPrimaryKeyConstraint('erasures_pkey', ['user_id'])
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('erasures_erased_at_index')
      .ifNotExists()
      .on('erasures')
      .columns(['erased_at'])
      .execute()
    await addColumns(db, 'webhooks', {
      old_sealed_secret: [types.text],
      old_secret_until: [types.timestamp],
    })
  },
}
