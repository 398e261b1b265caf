import { sql } from 'kysely'
import type { Db } from '../../../platform/db/schema.ts'
import { addDeleted } from '../history/deleted.repository.ts'
import type { TableAccess } from '../policy/table-access.ts'
import { keepsDeleted, type TableEntry } from '../registry.ts'
import { tablesErrors } from '../tables.errors.ts'
import { readImages, rowId } from './row-images.ts'
import { matching, whereOf } from './select.ts'

type Keys = readonly (readonly string[])[]

/**
 * Keeps rows that are locked and about to be deleted, where their table wants it. They leave the table itself, so that
 * nothing that reads it, ours or not, has to know of them. Rows that others point to are refused: a database that deleted
 * those along would take away what nobody can have back. Throws foreign_key_conflict.
 */
export async function setAside(db: Db, access: TableAccess, entry: TableEntry, keys: Keys): Promise<void> {
  if (!keepsDeleted(entry)) return
  if (!access.snapshot.books) throw tablesErrors.read_only_source()
  await assertAlone(db, access, entry, keys)
  const images = await readImages(db, access, entry, keys)
  const rows = keys.flatMap((key) => {
    const image = images.get(rowId(key))
    return image ? [{ key, image }] : []
  })
  const at = access.macros.now.toISOString()
  await addDeleted(db, entry.table.name, rows, { by: access.caller.userId, at })
}

async function assertAlone(db: Db, access: TableAccess, entry: TableEntry, keys: Keys): Promise<void> {
  const { compiling: context, snapshot } = access
  const { key } = access.whole(entry)
  for (const relation of entry.relations.values()) {
    if (relation.kind !== 'many' || !snapshot.tables.has(relation.table)) continue
    const [row, other] = [context.alias(), context.alias()]
    const same = relation.references.map(
      (name, index) => sql`${sql.id(other, name)} = ${sql.id(row, relation.columns[index] ?? '')}`,
    )
    // Those that go as well are in nobody's way.
    const stays = relation.table === entry.table.name ? sql`not ${matching(key, keys, other, context)}` : undefined
    const { rows } = await sql`
      select 1 as one from ${sql.id(entry.table.name)} as ${sql.id(row)} join ${sql.id(relation.table)} as ${sql.id(other)}
      on ${sql.join(same, sql` and `)}${whereOf([matching(key, keys, row, context), stays])} limit 1`.execute(db)
    if (rows.length > 0) throw tablesErrors.foreign_key_conflict()
  }
}
