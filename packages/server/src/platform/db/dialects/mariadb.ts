import { sql } from 'kysely'
import { DatabaseRefusedError, DatabaseUnavailableError, type Dialect } from './dialect.ts'
import { mariadbGeo } from './geo.ts'
import { collation, connect, errorNumber, isUnavailable } from './mariadb-connections.ts'
import { mariadbOddities } from './oddities.ts'
import { mariadbGuards } from './row-guards.ts'
import { mariadbSearch } from './search.ts'
import { mariadbTransfer } from './transfer.ts'

const lockLimitSeconds = 3600

const tableOptions = sql`engine = InnoDB default character set utf8mb4 collate ${sql.raw(collation)}`

const text = sql`text`
const integer = sql`integer`
const bigint = sql`bigint`
const varchar = (length: number) => sql`varchar(${sql.lit(length)})`

export function mariadbDialect(url: string): Dialect {
  return {
    connect: (options) => connect(url, options),
    types: {
      // Not the native uuid: early 10.11 sorts it by other bytes first, and it has no index in joins with text.
      id: varchar(36),
      text,
      longText: sql`longtext`,
      string: varchar,
      key: varchar,
      integer,
      bigint,
      double: sql`double`,
      timestamp: sql`char(24) character set ascii collate ascii_bin`,
      boolean: sql`tinyint`,
      json: sql`json`,
    },
    tableOptions,
    insertsAlone: false,
    hasPartialIndexes: false,
    geo: mariadbGeo,
    oddities: mariadbOddities,
    guards: mariadbGuards,
    transfer: mariadbTransfer,
    search: mariadbSearch(varchar(36), tableOptions),
    transactionalDdl: false,
    isUniqueViolation: (error, constraint) => {
      if (errorNumber(error) !== 1062) return false
      const [, key] = /for key '(?:[^']*\.)?([^'.]*)'$/.exec((error as Error).message) ?? []
      // The server does not say whose primary key it was.
      return constraint === undefined || key === constraint || (key === 'PRIMARY' && constraint.endsWith('_pkey'))
    },
    isRetryable: (error) => [1213, 1205, 1020].includes(errorNumber(error)),
    isUnavailable,
    isDiskFull: (error) => [1021, 1114].includes(errorNumber(error)),
    lock: {
      isOfRows: true,
      forUpdate: (query) => query.forUpdate(),
      forShare: (query) => query.modifyEnd(sql`lock in share mode`),
    },
    hasOwnClock: true,
    nowMs: sql<number>`cast(unix_timestamp(now(3)) * 1000 as signed)`,
    leading: (column, value) => sql`(${sql.ref(column)} >= ${value} and ${sql.ref(column)} <= ${value})`,
    positions: (json) => sql`json_table(${json}, '$[*]' columns (
      stream_id varchar(128) character set utf8mb4 collate ${sql.raw(collation)} path '$[0]', position bigint path '$[1]'))`,
    appendOnly: async (db, table, until) => {
      const refuse = sql`signal sqlstate '45000' set message_text = ${sql.lit(`${table} is append-only`)}`
      const on = sql.table(table)
      const trigger = (event: string) => sql.id(`${table}_no_${event}`)
      const now = sql`concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z')`
      try {
        await sql`create or replace trigger ${trigger('update')} before update on ${on} for each row ${refuse}`.execute(
          db,
        )
        await sql`create or replace trigger ${trigger('delete')} before delete on ${on} for each row
          if old.${sql.ref(until)} > ${now} then ${refuse}; end if`.execute(db)
      } catch (error) {
        throw errorNumber(error) === 1419 || errorNumber(error) === 1142 ? noTriggers(error) : error
      }
    },
    lockMigrations: async (session) => {
      // Names of locks are the server's, not the database's.
      const name = sql`concat('atrium_migrate:', sha1(database()))`
      const { rows } = await sql<{
        taken: number | null
      }>`select get_lock(${name}, ${sql.lit(lockLimitSeconds)}) as taken`.execute(session)
      if (rows[0]?.taken !== 1) throw new DatabaseUnavailableError('Another process has been migrating for too long.')
    },
  }
}

/** Where a binary log is written, the server lets only administrators make triggers, unless it is told otherwise. */
const noTriggers = (cause: unknown) =>
  new DatabaseRefusedError(
    'MariaDB does not let this user make triggers, which protect the audit log. Grant TRIGGER on the database and, where a binary log is written, set log_bin_trust_function_creators = 1.',
    { cause },
  )
