import { sql } from 'kysely'
import type { Db } from '../schema.ts'

/** So many numbers are counted one by one, which nobody can be overtaken by. */
const countedSingly = 10_000n

/**
 * Brings the counter of a column up to a number that is inserted past it: else some later row would get a number that is
 * there. It never goes back. No error comes of it, as that would end the transaction: a counter that this user may not
 * move stays where it is.
 */
export async function countPastInPostgres(db: Db, table: string, column: string, largest: bigint): Promise<void> {
  const { rows } = await sql<{ counter: string; last: string; step: string; most: string }>`
    select s.seqrelid::regclass::text as counter, s.seqincrement::text as step, s.seqmax::text as most,
      coalesce(pg_sequence_last_value(s.seqrelid::regclass), s.seqstart - s.seqincrement)::text as last
    from pg_sequence s
    where s.seqrelid = pg_get_serial_sequence(quote_ident(${table}), ${column})::regclass
      and has_sequence_privilege(s.seqrelid, 'usage') and has_sequence_privilege(s.seqrelid, 'update')`.execute(db)
  const [found] = rows
  if (!found) return
  const [last, step, most] = [BigInt(found.last), BigInt(found.step), BigInt(found.most)]
  if (step < 0n || largest <= last || largest > most) return
  const counter = sql`${found.counter}::regclass`
  // To the last number at or past it that the counter comes to.
  const steps = (largest - last + step - 1n) / step
  if (last + steps * step > most) return
  if (steps <= countedSingly) {
    await sql`select count(nextval(${counter})) from generate_series(1, ${sql.lit(Number(steps))})`.execute(db)
    return
  }
  // Others count on meanwhile, but not so far between the look and the step, which are one statement.
  await sql`select setval(${counter}, ${String(largest)}::bigint)
    where coalesce(pg_sequence_last_value(${counter}), 0) < ${String(largest)}::bigint`.execute(db)
}
