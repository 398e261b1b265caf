import { sql } from 'kysely'
import { spatialTables } from '../schema-places.ts'
import { type Dialect, errorCode } from './dialect.ts'
import { PostgresGeo } from './geo.ts'
import { postgresOddities } from './oddities.ts'
import { connect, isStalePlan, isUnavailable } from './postgres-connections.ts'
import { postgresGuards } from './row-guards.ts'
import { postgresSearch } from './search.ts'
import { postgresTransfer } from './transfer.ts'

/** Any number will do as long as it is always the same: "atrium" in ASCII. */
const migrationLockKey = '107123466962285'

const integer = sql`integer`
const bigint = sql`bigint`
const text = sql`text`

export function postgresDialect(url: string): Dialect {
  const geo = new PostgresGeo()
  return {
    connect: (options) => connect(url, options),
    types: {
      id: sql`uuid`,
      text,
      longText: text,
      string: (length) => sql`varchar(${sql.lit(length)})`,
      key: (length) => sql`varchar(${sql.lit(length)}) collate "C"`,
      integer,
      bigint,
      double: sql`double precision`,
      timestamp: sql`timestamptz(3)`,
      boolean: sql`smallint`,
      json: sql`jsonb`,
    },
    tableOptions: sql``,
    insertsAlone: false,
    hasPartialIndexes: true,
    guards: postgresGuards,
    transfer: postgresTransfer,
    search: postgresSearch,
    geo,
    oddities: postgresOddities,
    enableExtensions: (session) => geo.enable(session, spatialTables),
    transactionalDdl: true,
    isUniqueViolation: (error, constraint) =>
      errorCode(error) === '23505' &&
      (constraint === undefined || (error as { constraint?: string }).constraint === constraint),
    isRetryable: (error) => ['40001', '40P01'].includes(errorCode(error)) || isStalePlan(error),
    isUnavailable,
    isDiskFull: (error) => errorCode(error) === '53100',
    lock: { isOfRows: true, forUpdate: (query) => query.forUpdate(), forShare: (query) => query.forShare() },
    hasOwnClock: true,
    nowMs: sql<number>`floor(extract(epoch from statement_timestamp()) * 1000)::bigint`,
    leading: (column, value) => sql`${sql.ref(column)} = ${value}`,
    positions: (json) =>
      sql`(select value ->> 0 as stream_id, (value ->> 1)::bigint as position from jsonb_array_elements(${json}::jsonb))`,
    appendOnly: async (db, table, until) => {
      const refuse = sql.id(`${table}_append_only`)
      await sql`create or replace function ${refuse}() returns trigger language plpgsql as $body$
        begin
          if tg_op = 'DELETE' then
            if old.${sql.ref(until)} <= clock_timestamp() then return old; end if;
          end if;
          raise exception using errcode = 'restrict_violation', message = ${sql.lit(`${table} is append-only`)};
        end $body$`.execute(db)
      const on = sql.table(table)
      const trigger = (event: string) => sql.id(`${table}_no_${event}`)
      await sql`create or replace trigger ${trigger('change')} before update or delete on ${on}
        for each row execute function ${refuse}()`.execute(db)
      await sql`create or replace trigger ${trigger('truncate')} before truncate on ${on}
        for each statement execute function ${refuse}()`.execute(db)
    },
    lockMigrations: async (session) => {
      await sql`select pg_advisory_lock(${sql.raw(migrationLockKey)})`.execute(session)
    },
  }
}
