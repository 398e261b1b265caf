import { sql } from 'kysely'
import type { Db } from '../schema.ts'
import type { Retyping, Sql } from './tables-dialect.ts'

/** What the values of a column become: the key of a row in k0, k1, …, its value in v. Gone with the connection. */
export const nextValues = '_atrium_next'

/** The rows of the table and what is kept for them. */
export const sameKey = ({ key, table }: Retyping): Sql =>
  sql.join(
    key.map(({ name }, index) => sql`${sql.id(nextValues, `k${index}`)} = ${sql.id(table, name)}`),
    sql` and `,
  )

/** Whatever went wrong on the way: no value is lost. */
export async function assertAllThere(db: Db, table: string, column: string, expected: number): Promise<void> {
  const { rows } = await sql<{ count: number | string }>`
    select count(${sql.id(column)}) as count from ${sql.id(table)}`.execute(db)
  if (Number(rows[0]?.count) !== expected) throw new Error('Not every value came into the new column')
}
