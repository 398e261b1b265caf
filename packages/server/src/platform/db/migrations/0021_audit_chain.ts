import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

const columns = [
  ...['id', 'at', 'type', 'category', 'outcome', 'success', 'source', 'actor_id', 'actor_kind', 'impersonator_id'],
  ...['user_id', 'session_id', 'ip', 'user_agent', 'method', 'path', 'request_id', 'resource_type', 'resource_id'],
  ...['detail', 'retention', 'keep_until'],
]

/**
 * A seal for each event of the audit log, each made of the one before. The database itself begins one with each event,
 * whichever version of ours wrote it; a job finishes it. Events that are there already are sealed by their ids, which
 * grow with time.
 */
export const auditChain: Migration = {
  async up(db, { types, tableOptions, guards }) {
    await db.schema
      .createTable('audit_seals')
      .ifNotExists()
      .addColumn('event_id', types.id, (column) => column.notNull())
      .addColumn('position', types.bigint)
      .addColumn('keep_until', types.timestamp)
      .addColumn('origin_salt', types.key(64))
      .addColumn('origin_hash', types.key(64))
      .addColumn('detail_salt', types.key(64))
      .addColumn('detail_hash', types.key(64))
      .addColumn('row_hash', types.key(64))
      .addColumn('hash', types.key(64))
      .addPrimaryKeyConstraint('audit_seals_pkey', ['event_id'])
      .modifyEnd(tableOptions)
      .execute()
    // Those without a position are the ones to seal, in the order of their ids.
    await db.schema
      .createIndex('audit_seals_position_event_id_index')
      .ifNotExists()
      .on('audit_seals')
      .columns(['position', 'event_id'])
      .execute()
    await db.schema
      .createTable('audit_chain')
      .ifNotExists()
      .addColumn('id', types.key(16), (column) => column.notNull())
      .addColumn('position', types.bigint, (column) => column.notNull())
      .addColumn('hash', types.key(64), (column) => column.notNull())
      .addColumn('signature', types.key(64))
      .addPrimaryKeyConstraint('audit_chain_pkey', ['id'])
      .modifyEnd(tableOptions)
      .execute()
    await sql`insert into audit_chain (id, position, hash) select 'head', 0, ${sql.lit('0'.repeat(64))}
      where not exists (select 1 from audit_chain)`.execute(db)

    await guards.followInserts(db, 'audit_events', 'audit_seals', 'event_id')
    await sql`insert into audit_seals (event_id) select id from audit_events
      where not exists (select 1 from audit_seals where event_id = audit_events.id)`.execute(db)
    await guards.allowErasure(db, {
      table: 'audit_events',
      columns,
      emptied: { ip: null, user_agent: null, detail: '{}' },
      of: ['user_id', 'actor_id'],
    })
  },
}
