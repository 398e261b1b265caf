import type { Db } from './schema.ts'

/** Changes when the history was replaced (restore, move): positions of another epoch mean nothing. */
export async function readEpoch(db: Db): Promise<string> {
  const row = await db.selectFrom('installation').select('value').where('name', '=', 'epoch').executeTakeFirstOrThrow()
  return row.value
}

/** From now on positions that clients kept mean nothing. */
export async function replaceEpoch(db: Db, epoch: string): Promise<void> {
  await db.updateTable('installation').set({ value: epoch }).where('name', '=', 'epoch').execute()
}

export async function findFact(db: Db, name: string): Promise<string | undefined> {
  const row = await db.selectFrom('installation').select('value').where('name', '=', name).executeTakeFirst()
  return row?.value
}

/** Whoever comes second violates `installation_pkey`. */
export async function insertFact(db: Db, name: string, value: string): Promise<void> {
  await db.insertInto('installation').values({ name, value }).execute()
}

/** True for the one who replaced what was read. */
export async function replaceFact(db: Db, name: string, before: string, value: string): Promise<boolean> {
  const result = await db
    .updateTable('installation')
    .set({ value })
    .where('name', '=', name)
    .where('value', '=', before)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}
