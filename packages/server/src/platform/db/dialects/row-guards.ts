import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../schema.ts'

export interface ErasableRows {
  /** A table that `appendOnly` guards. */
  table: string
  /** All of its columns. */
  columns: readonly string[]
  /** What an update may empty, and what it leaves there; every other column stays as it is. */
  emptied: Readonly<Record<string, null | string>>
  /** The row must be about somebody, in one of these columns, whose account is erased. */
  of: readonly string[]
}

/** What the engine itself sees to, whoever writes. */
export interface RowGuards {
  /** From now on each new row of `table` gets one in `beside`, with its id as `column`. Can be repeated. */
  followInserts(db: Db, table: string, beside: string, column: string): Promise<void>
  /** Opens the guard of an append-only table for the erasure of a person, and for nothing else. Can be repeated. */
  allowErasure(db: Db, rows: ErasableRows): Promise<void>
}

type Same = (column: string) => RawBuilder<unknown>

const value = (side: 'old' | 'new', column: string) => sql`${sql.raw(side)}.${sql.ref(column)}`

function isErasure({ columns, emptied, of }: ErasableRows, same: Same): RawBuilder<unknown> {
  const empty = (column: string) => {
    const left = emptied[column]
    return left === null || left === undefined
      ? sql`${value('new', column)} is null`
      : sql`${value('new', column)} = ${sql.lit(left)}`
  }
  const each = columns.map((column) => (column in emptied ? sql`(${same(column)} or ${empty(column)})` : same(column)))
  const nothing = sql.join(Object.keys(emptied).map(same), sql` and `)
  const people = sql.join(of.map((column) => value('old', column)))
  return sql`(${sql.join(each, sql` and `)} and not (${nothing})
    and exists (select 1 from users where id in (${people}) and status = 'deleted'))`
}

const triggerOf = (table: string, event: string) => sql.id(`${table}_${event}`)

const insertBeside = (beside: string, column: string) =>
  sql`insert into ${sql.table(beside)} (${sql.ref(column)}) values (new.id)`

export const sqliteGuards: RowGuards = {
  async followInserts(db, table, beside, column) {
    await sql`create trigger if not exists ${triggerOf(table, 'follow')} after insert on ${sql.table(table)}
      begin ${insertBeside(beside, column)}; end`.execute(db)
  },
  async allowErasure(db, rows) {
    const same: Same = (column) => sql`${value('new', column)} is ${value('old', column)}`
    const name = triggerOf(rows.table, 'no_update')
    await sql`drop trigger if exists ${name}`.execute(db)
    await sql`create trigger ${name} before update on ${sql.table(rows.table)} when not ${isErasure(rows, same)}
      begin select raise(abort, ${sql.lit(`${rows.table} is append-only`)}); end`.execute(db)
  },
}

export const postgresGuards: RowGuards = {
  async followInserts(db, table, beside, column) {
    const run = sql.id(`${table}_follow`)
    await sql`create or replace function ${run}() returns trigger language plpgsql as $body$
      begin ${insertBeside(beside, column)}; return null; end $body$`.execute(db)
    await sql`create or replace trigger ${run} after insert on ${sql.table(table)}
      for each row execute function ${run}()`.execute(db)
  },
  async allowErasure(db, rows) {
    const same: Same = (column) => sql`${value('new', column)} is not distinct from ${value('old', column)}`
    const allow = sql.id(`${rows.table}_erasure`)
    await sql`create or replace function ${allow}() returns trigger language plpgsql as $body$
      begin
        if ${isErasure(rows, same)} then return new; end if;
        raise exception using errcode = 'restrict_violation', message = ${sql.lit(`${rows.table} is append-only`)};
      end $body$`.execute(db)
    const refuse = sql.id(`${rows.table}_append_only`)
    const on = sql.table(rows.table)
    await sql`create or replace trigger ${triggerOf(rows.table, 'no_change')} before delete on ${on}
      for each row execute function ${refuse}()`.execute(db)
    await sql`create or replace trigger ${triggerOf(rows.table, 'no_update')} before update on ${on}
      for each row execute function ${allow}()`.execute(db)
  },
}

export const mariadbGuards: RowGuards = {
  async followInserts(db, table, beside, column) {
    await sql`create or replace trigger ${triggerOf(table, 'follow')} after insert on ${sql.table(table)}
      for each row ${insertBeside(beside, column)}`.execute(db)
  },
  async allowErasure(db, rows) {
    const same: Same = (column) => sql`(${value('new', column)} <=> ${value('old', column)})`
    await sql`create or replace trigger ${triggerOf(rows.table, 'no_update')} before update on ${sql.table(rows.table)}
      for each row if not ${isErasure(rows, same)}
      then signal sqlstate '45000' set message_text = ${sql.lit(`${rows.table} is append-only`)}; end if`.execute(db)
  },
}
