import { sql } from 'kysely'
import type { Db } from '../schema.ts'
import { definitionIn, isClause, wordsOf } from './column-definition.ts'
import { literal, typeOf } from './mariadb-tables.ts'
import { assertAllThere, nextValues, sameKey } from './retyping.ts'
import { type Retyping, RetypingRefused, type Sql } from './tables-dialect.ts'

/**
 * The server's own conversion rounds and cuts off without a word, so it is given nothing to convert: the new values are
 * put into a column of their own, which takes the place of the old one in one statement, the only one that counts. Its
 * statements end transactions; what keeps others from writing meanwhile is the lock.
 */
export async function retypeInMariadb(session: Db, change: Retyping): Promise<void> {
  const { table } = change
  const on = sql.id(table)
  await assertNoTrigger(session, table)
  await sql`lock tables ${on} write`.execute(session)
  try {
    // A process may have ended on its way here.
    await dropNext(session, table)
    await retype(session, change)
  } finally {
    await dropNext(session, table)
    await sql`drop temporary table if exists ${sql.id(nextValues)}`.execute(session)
    await sql`unlock tables`.execute(session)
  }
}

const dropNext = (session: Db, table: string) =>
  sql`alter table ${sql.id(table)} drop column if exists ${sql.id(nextValues)}`.execute(session)

async function retype(session: Db, change: Retyping): Promise<void> {
  const { table, key, from, next } = change
  const on = sql.id(table)
  const place = sql.id(nextValues)
  const { type, clauses, indexes, before } = await partsOfTable(session, change)
  const keys = key.map(({ name }, index) => sql`${sql.id(name)} as ${sql.id(`k${index}`)}`)
  const names = key.map((_, index) => sql.id(`k${index}`))
  await sql`create temporary table ${place} (v ${type} null, primary key (${sql.join(names)}))
    engine = InnoDB default character set utf8mb4 collate utf8mb4_nopad_bin select ${sql.join(keys)} from ${on} limit 0`.execute(
    session,
  )
  const count = await change.fill(session)
  await sql`alter table ${on} add column ${place} ${type} null`.execute(session)
  await sql`update ${on} join ${place} on ${sameKey(change)}
    set ${sql.join([sql`${sql.id(table, nextValues)} = ${sql.id(nextValues, 'v')}`, ...(await touchedTimes(session, table))])}`.execute(
    session,
  )
  await assertAllThere(session, table, nextValues, count)
  const fallback = next.default === null ? sql`` : sql` default ${literal(next, next.default)}`
  const definition = sql`${type}${sql.raw(next.nullable ? ' null' : ' not null')}${fallback}${sql.raw(clauses)}`
  const position = before === undefined ? sql`first` : sql`after ${sql.id(before)}`
  const column = sql.id(from.name)
  const steps: Sql[] = [
    sql`drop column ${column}`,
    sql`change column ${place} ${column} ${definition} ${position}`,
    ...indexes.flatMap(({ drop, line }) => [sql.raw(`drop ${drop}`), sql.raw(`add ${line}`)]),
  ]
  await sql`alter table ${on} ${sql.join(steps)}`.execute(session)
}

/** What of the table has to be said again: the server itself has written it. */
async function partsOfTable(session: Db, { table, from, next }: Retyping) {
  const { rows } = await sql<Record<string, string>>`show create table ${sql.id(table)}`.execute(session)
  const lines = (rows[0]?.['Create Table'] ?? '').split('\n').map((line) => line.trim().replace(/,$/, ''))
  const quoted = `\`${from.name.replaceAll('`', '``')}\``
  const at = lines.findIndex((line) => line.startsWith(`${quoted} `))
  if (at < 0) throw new RetypingRefused('The statement that made the table is not understood')
  const { clauses } = definitionIn(wordsOf(lines[at] ?? '', 'escaped'))
  const isText = next.type === 'text' && from.type === 'text'
  const alphabet = isText ? clauses.filter((clause) => isClause(clause, /^(character|collate)\b/i)) : []
  const kept = clauses.filter(
    (clause) =>
      isClause(clause, /^(comment|check|invisible)\b/i) &&
      clause.toLowerCase() !== `check (json_valid(${quoted.toLowerCase()}))`,
  )
  return {
    type: sql`${typeOf(next)}${sql.raw(alphabet.map((clause) => ` ${clause}`).join(''))}`,
    clauses: kept.map((clause) => ` ${clause}`).join(''),
    indexes: lines.slice(at + 1).flatMap((line) => droppable(line, quoted)),
    before: at <= 1 ? undefined : definitionIn(wordsOf(lines[at - 1] ?? '', 'escaped')).name,
  }
}

/** Indexes and conditions over the column, which would go with it. */
function droppable(line: string, quoted: string): { drop: string; line: string }[] {
  const pieces = wordsOf(line, 'escaped')
  const name = pieces.find((piece) => piece.startsWith('`')) ?? ''
  const isNamed = pieces.slice(pieces.indexOf('(')).includes(quoted)
  if (!isNamed) return []
  if (/^((unique|fulltext|spatial) )?key /i.test(line)) return [{ drop: `index ${name}`, line }]
  return /^constraint `(?:[^`]|``)+` check /i.test(line) ? [{ drop: `constraint ${name}`, line }] : []
}

/** Times that the server would set because the row is touched. */
async function touchedTimes(session: Db, table: string): Promise<Sql[]> {
  const { rows } = await sql<{ name: string }>`
    select column_name as name from information_schema.columns
    where table_schema = database() and table_name = ${table} and extra like '%on update%'`.execute(session)
  return rows.map(({ name }) => sql`${sql.id(table, name)} = ${sql.id(table, name)}`)
}

/** It would be told of changes that are none, and there is no way to keep it quiet. */
async function assertNoTrigger(session: Db, table: string): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select trigger_name as name from information_schema.triggers
    where event_object_schema = database() and event_object_table = ${table} and event_manipulation = 'UPDATE'`.execute(
    session,
  )
  if (rows.length > 0) throw new RetypingRefused('A trigger of this table would see each row change; drop it first')
}
