import { sql } from 'kysely'
import type { Db } from '../../../platform/db/schema.ts'
import type { TableAccess } from '../policy/table-access.ts'
import { rowEtag } from './row-etag.ts'
import { rowPath } from './row-key.ts'
import { matching, rowJson, whereOf } from './select.ts'
import { readerOf } from './write-checks.ts'

export interface WrittenRow {
  /** Undefined where the caller may write, and not read it. */
  json: string | undefined
  etag: string | undefined
  path: string | undefined
}

/** The rows as the caller reads them, in the order of the keys. */
export async function writtenRows(
  db: Db,
  access: TableAccess,
  table: string,
  keys: readonly (readonly string[])[],
  count: number,
  { exactAsText, isUnread = false }: { exactAsText: boolean; isUnread?: boolean },
): Promise<WrittenRow[]> {
  if (isUnread) return []
  const reader = readerOf(access, table)
  const paths = (index: number) => (keys[index] && reader ? rowPath(reader.entry, keys[index]) : undefined)
  const unread = Array.from({ length: count }, (_, index) => ({
    json: undefined,
    etag: undefined,
    path: paths(index),
  }))
  if (!reader || keys.length === 0 || reader.key.length === 0) return unread
  const { compiling: context } = access
  const alias = context.alias()
  const fields = [...reader.readable.values()]
  const whole = rowJson(fields, alias, context, false)
  const cells = reader.key.map(
    ({ column, ref }, index) => sql`${context.dialect.text(column, ref(alias))} as ${sql.id(`c${index}`)}`,
  )
  const where = whereOf([matching(reader.key, keys, alias, context), reader.visible(alias)])
  const { rows } = await sql<Record<string, string | null>>`
    select ${sql.join([
      sql`${whole} as ${sql.id('whole')}`,
      sql`${rowJson(fields, alias, context, exactAsText)} as ${sql.id('json')}`,
      ...cells,
    ])} from ${sql.id(reader.table)} as ${sql.id(alias)}${where}`.execute(db)
  const found = new Map(rows.map((row) => [JSON.stringify(cells.map((_, index) => row[`c${index}`])), row]))
  return unread.map(({ path }, index) => {
    const row = found.get(JSON.stringify(keys[index]))
    if (!row) return { json: undefined, etag: undefined, path: undefined }
    return { json: row.json ?? '{}', etag: rowEtag(row.whole ?? '{}'), path }
  })
}
