import type { Selectable } from 'kysely'
import type { Db, ErasuresTable } from '../../platform/db/schema.ts'

export type ErasureRow = Selectable<ErasuresTable>

export async function insertErasure(db: Db, row: ErasureRow): Promise<void> {
  await db.insertInto('erasures').values(row).execute()
}

export const findErasure = (db: Db, userId: string): Promise<ErasureRow | undefined> =>
  db.selectFrom('erasures').selectAll().where('user_id', '=', userId).executeTakeFirst()

export async function wasAnyoneErasedSince(db: Db, at: string): Promise<boolean> {
  const row = await db.selectFrom('erasures').select('user_id').where('erased_at', '>=', at).limit(1).executeTakeFirst()
  return row !== undefined
}
