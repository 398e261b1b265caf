import { sql } from 'kysely'
import type { Db } from '../schema.ts'
import { definitionIn, isClause, nameOf, partsOf, wordsOf } from './column-definition.ts'
import { assertAllThere, nextValues, sameKey } from './retyping.ts'
import { literal, ownCheck, typeOf } from './sqlite-tables.ts'
import { type NewColumn, type Retyping, RetypingRefused } from './tables-dialect.ts'

/**
 * SQLite has no statement for it: another table takes the place of this one, by the procedure its documentation gives.
 * Without foreign keys, because rows that point here would go with the old table, and without the repair of other
 * statements, because they name the table that comes back.
 */
export async function retypeInSqlite(session: Db, change: Retyping): Promise<void> {
  const { rows } = await sql<{ foreign_keys: number }>`pragma foreign_keys`.execute(session)
  try {
    await sql`pragma foreign_keys = off`.execute(session)
    await sql`pragma legacy_alter_table = on`.execute(session)
    // Said by hand: after a transaction of its own the session takes no other statement.
    await sql`begin immediate`.execute(session)
    await rebuild(session, change)
    await sql`commit`.execute(session)
  } catch (error) {
    // Some errors have taken it back already.
    await sql`rollback`.execute(session).catch(() => {})
    throw error
  } finally {
    await sql`pragma legacy_alter_table = off`.execute(session)
    await sql`pragma foreign_keys = ${sql.lit(rows[0]?.foreign_keys ?? 1)}`.execute(session)
  }
}

async function rebuild(tx: Db, change: Retyping): Promise<void> {
  const { table, key, from } = change
  const keys = key.map((_, index) => sql`${sql.id(`k${index}`)}`)
  await sql`drop table if exists ${sql.id('temp', nextValues)}`.execute(tx)
  await sql`create temp table ${sql.id(nextValues)} (${sql.join(keys)}, v, primary key (${sql.join(keys)}))`.execute(tx)
  const count = await change.fill(tx)
  const { rows: parts } = await sql<{ type: string; sql: string }>`
    select type, sql from main.sqlite_schema where tbl_name = ${table} collate nocase and sql is not null`.execute(tx)
  const statement = parts.find(({ type }) => type === 'table')?.sql ?? ''
  const { rows: columns } = await sql<{ name: string }>`
    select name from pragma_table_xinfo(${table}) where hidden = 0 order by cid`.execute(tx)
  const counter = await counterOf(tx, table)
  const made = `_atrium_next_${table}`
  await sql.raw(retyped(statement, made, from.name, change.next)).execute(tx)
  const names = sql.join(columns.map(({ name }) => sql.id(name)))
  const values = columns.map(({ name }) => (name === from.name ? sql.id(nextValues, 'v') : sql.id(table, name)))
  await sql`insert into ${sql.id(made)} (${names}) select ${sql.join(values)}
    from ${sql.id('main', table)} left join ${sql.id('temp', nextValues)} on ${sameKey(change)}`.execute(tx)
  await sql`drop table ${sql.id(table)}`.execute(tx)
  await sql`alter table ${sql.id(made)} rename to ${sql.id(table)}`.execute(tx)
  for (const part of parts.filter(({ type }) => type === 'index' || type === 'trigger'))
    await sql.raw(part.sql).execute(tx)
  if (counter !== undefined) await sql`update sqlite_sequence set seq = ${counter} where name = ${table}`.execute(tx)
  await assertAllThere(tx, table, from.name, count)
  await sql`drop table ${sql.id('temp', nextValues)}`.execute(tx)
}

/** Keys of rows that are gone are not given again. */
async function counterOf(tx: Db, table: string): Promise<number | undefined> {
  const { rows: known } = await sql`select 1 from sqlite_schema where name = 'sqlite_sequence'`.execute(tx)
  if (known.length === 0) return undefined
  const { rows } = await sql<{ seq: number }>`select seq from sqlite_sequence where name = ${table}`.execute(tx)
  return rows[0]?.seq
}

/** The statement that makes the table, for one of another name whose column is another one. */
export function retyped(statement: string, name: string, column: string, next: NewColumn): string {
  const pieces = wordsOf(statement)
  const start = pieces.indexOf('(')
  let depth = 0
  const end = pieces.findIndex((piece, index) => {
    if (index >= start && piece === '(') depth++
    return index >= start && piece === ')' && --depth === 0
  })
  let isFound = false
  const parts = partsOf(pieces.slice(start + 1, end)).map((part) => {
    const definition = definitionIn(part)
    if (isFound || definition.name.toLowerCase() !== column.toLowerCase()) return part.join('')
    isFound = true
    const quoted = part.find((piece) => nameOf(piece).toLowerCase() === column.toLowerCase()) ?? ''
    const kept = definition.clauses.filter(
      (clause) => !isClause(clause, replaced) && !ownChecks.some((check) => check(quoted, clause)),
    )
    const fallback = next.default === null ? '' : ` default (${written(next)})`
    const words = [`${quoted} ${typeOf(next)}${next.nullable ? '' : ' not null'}${fallback}`, ...kept, ownCheck(next)]
    return ` ${words.filter((word) => word !== '').join(' ')}`
  })
  if (start < 0 || end < 0 || !isFound) throw new RetypingRefused('The statement that made the table is not understood')
  return `create table "${name.replaceAll('"', '""')}" (${parts.join(',')}\n)${pieces.slice(end + 1).join('')}`
}

const replaced = /^(default|null|not)\b/i

const bare = (text: string): string => text.replaceAll(/\s/g, '').toLowerCase()
const ownChecks = [
  (column: string, clause: string) => bare(clause) === bare(`check(${column} in (0, 1))`),
  (column: string, clause: string) => bare(clause) === bare(`check(json_valid(${column}))`),
]

const written = (next: NewColumn): string => literal(next, next.default ?? '')
