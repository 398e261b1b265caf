import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Db } from '../../../platform/db/schema.ts'
import type { RowImage } from '../rows/row-images.ts'

/** `_atrium_revisions`, in the database of the rows. */
interface RevisionsTable {
  table_name: string
  row_hash: string
  /** 1 for the first that is known of the row. */
  rev: number
  action: string
  /** The row as this change left it; of a deleted one as it was. */
  image: string
  changed_by: string
  created_at: string
}

export interface NewRevision {
  table: string
  key: readonly string[]
  action: 'insert' | 'update' | 'delete'
  before: RowImage | undefined
  after: RowImage | undefined
}

export interface Revision {
  rev: number
  action: string
  image: RowImage
  changedBy: string
  at: string
}

/** Of one row; what is older goes when a newer one comes. */
const keptPerRow = 200
/** Rows may be large. */
const rowsPerInsert = 20

const books = (db: Db) => db as unknown as Kysely<{ _atrium_revisions: RevisionsTable }>

export const hashOf = (key: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(key)).digest('base64url')

/** The rows are locked: nobody else counts up their revisions. */
export async function addRevisions(
  tx: Db,
  revisions: readonly NewRevision[],
  { at, by }: { at: string; by: string },
): Promise<void> {
  const rows: RevisionsTable[] = []
  for (const [table, those] of Map.groupBy(revisions, (revision) => revision.table)) {
    const newest = await newestRevisions(
      tx,
      table,
      those.map(({ key }) => hashOf(key)),
    )
    for (const { key, action, before, after } of those) {
      const row_hash = hashOf(key)
      let rev = newest.get(row_hash) ?? 0
      const add = (what: string, image: RowImage, changed_by: string) =>
        rows.push({
          ...{ table_name: table, row_hash, rev: ++rev, action: what },
          ...{ image: JSON.stringify(image), changed_by, created_at: at },
        })
      // Rows are older than their history: the first change keeps also what was before it.
      if (rev === 0 && before) add('found', before, '')
      const image = after ?? before
      if (image) add(action, image, by)
    }
  }
  for (let start = 0; start < rows.length; start += rowsPerInsert) {
    await books(tx)
      .insertInto('_atrium_revisions')
      .values(rows.slice(start, start + rowsPerInsert))
      .execute()
  }
  const long = rows.filter(({ rev }) => rev > keptPerRow)
  for (let start = 0; start < long.length; start += rowsPerInsert) {
    const some = long.slice(start, start + rowsPerInsert)
    await books(tx)
      .deleteFrom('_atrium_revisions')
      .where((row) =>
        row.or(
          some.map(({ table_name, row_hash, rev }) =>
            row.and([
              row('table_name', '=', table_name),
              row('row_hash', '=', row_hash),
              row('rev', '<=', rev - keptPerRow),
            ]),
          ),
        ),
      )
      .execute()
  }
}

async function newestRevisions(tx: Db, table: string, hashes: readonly string[]): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for (let start = 0; start < hashes.length; start += 500) {
    const rows = await books(tx)
      .selectFrom('_atrium_revisions')
      .select(['row_hash', sql<number>`max(rev)`.as('rev')])
      .where('table_name', '=', table)
      .where('row_hash', 'in', hashes.slice(start, start + 500))
      .groupBy('row_hash')
      .execute()
    for (const { row_hash, rev } of rows) found.set(row_hash, Number(rev))
  }
  return found
}

/** All that is kept of a row, newest first. */
export async function listRevisions(db: Db, table: string, key: readonly string[]): Promise<Revision[]> {
  const rows = await books(db)
    .selectFrom('_atrium_revisions')
    .selectAll()
    .where('table_name', '=', table)
    .where('row_hash', '=', hashOf(key))
    .orderBy('rev', 'desc')
    .limit(keptPerRow)
    .execute()
  return rows.map(toRevision)
}

export async function findRevision(
  db: Db,
  table: string,
  key: readonly string[],
  rev: number,
): Promise<Revision | undefined> {
  const row = await books(db)
    .selectFrom('_atrium_revisions')
    .selectAll()
    .where('table_name', '=', table)
    .where('row_hash', '=', hashOf(key))
    .where('rev', '=', rev)
    .executeTakeFirst()
  return row && toRevision(row)
}

const toRevision = ({ rev, action, image, changed_by, created_at }: RevisionsTable): Revision => ({
  rev,
  action,
  image: JSON.parse(image),
  changedBy: changed_by,
  at: created_at,
})
