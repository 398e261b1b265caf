import { v4 } from 'uuid'
import type { Migration } from '../migration.ts'

export const platform: Migration = {
  async up(db, { types, tableOptions }) {
    await db.schema
      .createTable('installation')
      .ifNotExists()
      .addColumn('name', types.key(64), (column) => column.notNull())
      .addColumn('value', types.text, (column) => column.notNull())
      .addPrimaryKeyConstraint('installation_pkey', ['name'])
      .modifyEnd(tableOptions)
      .execute()
    const epoch = await db.selectFrom('installation').select('value').where('name', '=', 'epoch').executeTakeFirst()
    if (!epoch) await db.insertInto('installation').values({ name: 'epoch', value: v4() }).execute()

    await db.schema
      .createTable('streams')
      .ifNotExists()
      .addColumn('id', types.key(128), (column) => column.notNull())
      .addColumn('head', types.bigint, (column) => column.notNull())
      .addColumn('tail', types.bigint, (column) => column.notNull())
      .addColumn('changed_at', types.bigint, (column) => column.notNull())
      .addPrimaryKeyConstraint('streams_pkey', ['id'])
      .modifyEnd(tableOptions)
      .execute()
    await db.schema.createIndex('streams_changed_at_index').ifNotExists().on('streams').column('changed_at').execute()

    // No reference to streams: its row is locked already, and a check per event would cost what it cannot find.
    await db.schema
      .createTable('events')
      .ifNotExists()
      .addColumn('stream_id', types.key(128), (column) => column.notNull())
      .addColumn('seq', types.bigint, (column) => column.notNull())
      .addColumn('type', types.key(64), (column) => column.notNull())
      .addColumn('refs', types.json, (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('events_pkey', ['stream_id', 'seq'])
      .modifyEnd(tableOptions)
      .execute()
  },
}
