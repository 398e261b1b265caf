import type { CompiledQuery } from 'kysely'
import type { Db } from '../schema.ts'

/** One after the other: where the database is in this process, or takes one statement at a time. */
export async function writeInTurn(db: Db, statements: readonly CompiledQuery[]): Promise<void> {
  for (const statement of statements) await db.executeQuery(statement)
}

const mostTexts = 500
const texts = new Map<string, string>()

/**
 * As parts of one statement, for PostgreSQL: all of them see what was there before it, and what refers to another's row is
 * checked at its end.
 */
export async function writeAsOne(db: Db, statements: readonly CompiledQuery[]): Promise<void> {
  const [first, ...others] = statements
  if (!first) return
  if (others.length === 0) {
    await db.executeQuery(first)
    return
  }
  const key = statements.map(({ sql }) => sql).join(';')
  const known = texts.get(key)
  if (known === undefined && texts.size >= mostTexts) texts.clear()
  const sql = known ?? joined(statements)
  texts.set(key, sql)
  await db.executeQuery({ ...first, sql, parameters: statements.flatMap(({ parameters }) => [...parameters]) })
}

function joined(statements: readonly CompiledQuery[]): string {
  let before = 0
  const parts = statements.map(({ sql, parameters }, index) => {
    const first = before
    before += parameters.length
    return `part_${index} as (${sql.replace(/\$(\d+)/g, (_, number: string) => `$${Number(number) + first}`)})`
  })
  return `with ${parts.join(', ')} select 1`
}
