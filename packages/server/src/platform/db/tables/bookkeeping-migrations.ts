import { v4 } from 'uuid'
import { createIdempotencyTable } from '../idempotency-table.ts'
import type { Migration, Migrations } from '../migration.ts'

/** What the platform keeps as streams, events and installation, under names of its own in a database of others. */
const rowStreams: Migration = {
  async up(db, { types, tableOptions }) {
    await db.schema
      .createTable('_atrium_installation')
      .ifNotExists()
      .addColumn('name', types.key(64), (column) => column.notNull())
      .addColumn('value', types.text, (column) => column.notNull())
      .addPrimaryKeyConstraint('_atrium_installation_pkey', ['name'])
      .modifyEnd(tableOptions)
      .execute()
    const facts = db.withTables<{ _atrium_installation: { name: string; value: string } }>()
    const epoch = await facts.selectFrom('_atrium_installation').select('value').where('name', '=', 'epoch').execute()
    if (epoch.length === 0) {
      await facts.insertInto('_atrium_installation').values({ name: 'epoch', value: v4() }).execute()
    }

    await db.schema
      .createTable('_atrium_streams')
      .ifNotExists()
      .addColumn('id', types.key(160), (column) => column.notNull())
      .addColumn('head', types.bigint, (column) => column.notNull())
      .addColumn('tail', types.bigint, (column) => column.notNull())
      .addColumn('changed_at', types.bigint, (column) => column.notNull())
      .addPrimaryKeyConstraint('_atrium_streams_pkey', ['id'])
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('_atrium_streams_changed_at_index')
      .ifNotExists()
      .on('_atrium_streams')
      .column('changed_at')
      .execute()

    await db.schema
      .createTable('_atrium_events')
      .ifNotExists()
      .addColumn('stream_id', types.key(160), (column) => column.notNull())
      .addColumn('seq', types.bigint, (column) => column.notNull())
      .addColumn('type', types.key(64), (column) => column.notNull())
      .addColumn('refs', types.json, (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('_atrium_events_pkey', ['stream_id', 'seq'])
      .modifyEnd(tableOptions)
      .execute()
  },
}

const rowRevisions: Migration = {
  async up(db, { types, tableOptions }) {
    await db.schema
      .createTable('_atrium_revisions')
      .ifNotExists()
      .addColumn('table_name', types.key(128), (column) => column.notNull())
      // Of the key: keys may be longer than any index takes.
      .addColumn('row_hash', types.key(43), (column) => column.notNull())
      .addColumn('rev', types.bigint, (column) => column.notNull())
      .addColumn('action', types.key(10), (column) => column.notNull())
      .addColumn('image', types.longText, (column) => column.notNull())
      .addColumn('changed_by', types.key(64), (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('_atrium_revisions_pkey', ['table_name', 'row_hash', 'rev'])
      .modifyEnd(tableOptions)
      .execute()
  },
}

const answers: Migration = {
  up: (db, dialect) => createIdempotencyTable(db, '_atrium_idempotency', dialect),
}

const deletedRows: Migration = {
  async up(db, { types, tableOptions }) {
    await db.schema
      .createTable('_atrium_deleted')
      .ifNotExists()
      .addColumn('table_name', types.key(128), (column) => column.notNull())
      // Of the key, as for revisions.
      .addColumn('row_hash', types.key(43), (column) => column.notNull())
      .addColumn('row_key', types.longText, (column) => column.notNull())
      .addColumn('image', types.longText, (column) => column.notNull())
      .addColumn('deleted_by', types.key(64), (column) => column.notNull())
      .addColumn('deleted_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('_atrium_deleted_pkey', ['table_name', 'row_hash'])
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('_atrium_deleted_table_index')
      .ifNotExists()
      .on('_atrium_deleted')
      .columns(['table_name', 'deleted_at', 'row_hash'])
      .execute()
    await db.schema
      .createIndex('_atrium_deleted_at_index')
      .ifNotExists()
      .on('_atrium_deleted')
      .column('deleted_at')
      .execute()
  },
}

/** Forward only, like ours; every name begins with the prefix that is never shown. */
export const bookkeepingMigrations: Migrations = {
  '0001_row_streams': rowStreams,
  '0002_row_revisions': rowRevisions,
  '0003_idempotency': answers,
  '0004_deleted_rows': deletedRows,
}
