import type { Selectable } from 'kysely'
import { prepared } from '../../platform/db/prepared.ts'
import type { Db, PasskeysTable } from '../../platform/db/schema.ts'

export type PasskeyRow = Selectable<PasskeysTable>

export async function insertPasskey(db: Db, row: PasskeyRow): Promise<void> {
  await db.insertInto('passkeys').values(row).execute()
}

export async function findPasskeyByCredential(db: Db, credentialHash: string): Promise<PasskeyRow | undefined> {
  return db.selectFrom('passkeys').selectAll().where('credential_hash', '=', credentialHash).executeTakeFirst()
}

export async function findPasskey(db: Db, userId: string, id: string): Promise<PasskeyRow | undefined> {
  return db.selectFrom('passkeys').selectAll().where('id', '=', id).where('user_id', '=', userId).executeTakeFirst()
}

export async function listPasskeys(db: Db, userId: string): Promise<PasskeyRow[]> {
  return db.selectFrom('passkeys').selectAll().where('user_id', '=', userId).orderBy('id').execute()
}

const idsOf = prepared((db, { userId }: { userId: string }) =>
  db.selectFrom('passkeys').select('id').where('user_id', '=', userId),
)

export async function countPasskeys(db: Db, userId: string): Promise<number> {
  return (await idsOf(db, { userId })).rows.length
}

/**
 * True when the counter went on. An authenticator that counts must count up; one that does not stays at 0. Of two
 * assertions side by side with one number, one passes.
 */
export async function advancePasskey(
  db: Db,
  id: string,
  use: { counter: number; backed_up: number; last_used_at: string },
): Promise<boolean> {
  const result = await db
    .updateTable('passkeys')
    .set(use)
    .where('id', '=', id)
    .where('counter', use.counter === 0 ? '=' : '<', use.counter)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function renamePasskey(db: Db, userId: string, id: string, name: string): Promise<boolean> {
  const result = await db
    .updateTable('passkeys')
    .set({ name })
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function deletePasskey(db: Db, userId: string, id: string): Promise<boolean> {
  const result = await db.deleteFrom('passkeys').where('id', '=', id).where('user_id', '=', userId).executeTakeFirst()
  return result.numDeletedRows === 1n
}

export async function deletePasskeys(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('passkeys').where('user_id', '=', userId).execute()
}
