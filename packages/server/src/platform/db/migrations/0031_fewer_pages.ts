import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** A message is written to fewer pages: one that answers nothing is in no index of answers, and an event has one place. */
export const fewerPages: Migration = {
  async up(db, { types, clusteredOptions, hasPartialIndexes }) {
    if (hasPartialIndexes) {
      await db.schema.dropIndex('messages_thread_id_seq_index').ifExists().execute()
      await db.schema
        .createIndex('messages_thread_id_seq_index')
        .on('messages')
        .columns(['thread_id', 'seq'])
        .where('thread_id', 'is not', null)
        .execute()
    }
    if (!clusteredOptions) return
    await db.schema
      .createTable('events_by_key')
      .addColumn('stream_id', types.key(128), (column) => column.notNull())
      .addColumn('seq', types.bigint, (column) => column.notNull())
      .addColumn('type', types.key(64), (column) => column.notNull())
      .addColumn('refs', types.json, (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('events_pkey', ['stream_id', 'seq'])
      .modifyEnd(clusteredOptions)
      .execute()
    // In the order of the key, so that pages are filled one after the other.
    await sql`insert into events_by_key (stream_id, seq, type, refs, created_at)
      select stream_id, seq, type, refs, created_at from events order by stream_id, seq`.execute(db)
    await db.schema.dropTable('events').execute()
    await db.schema.alterTable('events_by_key').renameTo('events').execute()
  },
}
