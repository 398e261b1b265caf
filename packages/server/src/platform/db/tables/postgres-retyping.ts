import { sql } from 'kysely'
import type { Db } from '../schema.ts'
import { literal, typeOf } from './postgres-tables.ts'
import { assertAllThere, nextValues, sameKey } from './retyping.ts'
import type { Retyping, Sql } from './tables-dialect.ts'

export const retypeInPostgres = (session: Db, change: Retyping): Promise<void> =>
  session.transaction().execute((tx) => retype(tx, change))

/** Whoever else would write waits: what is read here is what is changed. */
async function retype(tx: Db, change: Retyping): Promise<void> {
  const { table, key, from, next } = change
  const on = sql.id(table)
  const column = sql.id(from.name)
  const place = sql.id(nextValues)
  await sql`lock table ${on} in access exclusive mode`.execute(tx)
  const type = await typeFor(tx, change)
  const keys = key.map(({ name }, index) => sql`${sql.id(name)} as ${sql.id(`k${index}`)}`)
  await sql`create temp table ${place} on commit drop as select ${sql.join(keys)} from ${on} with no data`.execute(tx)
  await sql`alter table ${place} add column v ${type}`.execute(tx)
  const count = await change.fill(tx)
  await sql`alter table ${on} add column ${place} ${type}`.execute(tx)
  await withoutTriggers(tx, table, async () => {
    await sql`update ${on} set ${place} = ${sql.id(nextValues, 'v')} from ${sql.id('pg_temp', nextValues)} as ${place}
      where ${sameKey(change)}`.execute(tx)
  })
  await assertAllThere(tx, table, nextValues, count)
  await sql`set constraints all immediate`.execute(tx)
  if (next.nullable) await sql`alter table ${on} alter column ${column} drop not null`.execute(tx)
  await sql`alter table ${on} alter column ${column} drop default, alter column ${column} type ${type} using ${place}`.execute(
    tx,
  )
  const parts: Sql[] = [sql`drop column ${place}`]
  if (next.default !== null) parts.push(sql`alter column ${column} set default ${literal(next, next.default)}`)
  if (!next.nullable) parts.push(sql`alter column ${column} set not null`)
  await sql`alter table ${on} ${sql.join(parts)}`.execute(tx)
}

/** A text goes on comparing as it did. */
async function typeFor(tx: Db, { table, from, next }: Retyping): Promise<Sql> {
  if (next.type !== 'text' || from.type !== 'text') return typeOf(next)
  const { rows } = await sql<{ schema: string; name: string }>`
    select n.nspname as schema, c.collname as name
    from pg_attribute a join pg_collation c on c.oid = a.attcollation join pg_namespace n on n.oid = c.collnamespace
    where a.attrelid = quote_ident(${table})::regclass and a.attname = ${from.name}`.execute(tx)
  const [known] = rows
  const bare = sql.raw(next.length === undefined ? 'text' : `varchar(${next.length})`)
  return known ? sql`${bare} collate ${sql.id(known.schema, known.name)}` : bare
}

/** Nothing has happened to the rows that others would have to hear of. */
async function withoutTriggers(tx: Db, table: string, work: () => Promise<void>): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select tgname as name from pg_trigger
    where tgrelid = quote_ident(${table})::regclass and not tgisinternal and tgenabled = 'O'`.execute(tx)
  for (const { name } of rows) await sql`alter table ${sql.id(table)} disable trigger ${sql.id(name)}`.execute(tx)
  await work()
  for (const { name } of rows) await sql`alter table ${sql.id(table)} enable trigger ${sql.id(name)}`.execute(tx)
}
