import type { Db } from './schema.ts'

/** Changes when the history was replaced (restore, move): positions of another epoch mean nothing. */
export async function readEpoch(db: Db): Promise<string> {
  const row = await db.selectFrom('installation').select('value').where('name', '=', 'epoch').executeTakeFirstOrThrow()
  return row.value
}
