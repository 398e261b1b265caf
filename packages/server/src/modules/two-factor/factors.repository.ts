import type { Selectable } from 'kysely'
import { prepared } from '../../platform/db/prepared.ts'
import type { Db, TotpCredentialsTable } from '../../platform/db/schema.ts'

export type TotpRow = Selectable<TotpCredentialsTable>

const totpOf = prepared((db, { userId }: { userId: string }) =>
  db.selectFrom('totp_credentials').selectAll().where('user_id', '=', userId),
)

export async function findTotp(db: Db, userId: string): Promise<TotpRow | undefined> {
  return (await totpOf(db, { userId })).rows[0]
}

export async function insertTotp(db: Db, row: TotpRow): Promise<void> {
  await db.insertInto('totp_credentials').values(row).execute()
}

/** True for the one caller that confirmed this very secret. */
export async function confirmTotp(db: Db, row: TotpRow, step: number, at: string): Promise<boolean> {
  const result = await db
    .updateTable('totp_credentials')
    .set({ confirmed_at: at, last_step: step })
    .where('user_id', '=', row.user_id)
    .where('sealed_secret', '=', row.sealed_secret)
    .where('confirmed_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** True for the one caller that used a code of this step, or of a later one. */
export async function takeStep(db: Db, row: TotpRow, step: number): Promise<boolean> {
  const result = await db
    .updateTable('totp_credentials')
    .set({ last_step: step })
    .where('user_id', '=', row.user_id)
    .where('sealed_secret', '=', row.sealed_secret)
    .where('confirmed_at', 'is not', null)
    .where('last_step', '<', step)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function deleteTotp(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('totp_credentials').where('user_id', '=', userId).execute()
}

export async function insertRecoveryCodes(db: Db, userId: string, hashes: readonly string[]): Promise<void> {
  await db
    .insertInto('recovery_codes')
    .values(hashes.map((code_hash) => ({ user_id: userId, code_hash })))
    .execute()
}

/** True for the one caller that used it up. */
export async function deleteRecoveryCode(db: Db, userId: string, hash: string): Promise<boolean> {
  const result = await db
    .deleteFrom('recovery_codes')
    .where('user_id', '=', userId)
    .where('code_hash', '=', hash)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

export async function deleteRecoveryCodes(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
}

export async function countRecoveryCodes(db: Db, userId: string): Promise<number> {
  const rows = await db.selectFrom('recovery_codes').select('code_hash').where('user_id', '=', userId).execute()
  return rows.length
}
