import type { Selectable } from 'kysely'
import type { Db, IdentitiesTable } from '../../platform/db/schema.ts'

export type IdentityRow = Selectable<IdentitiesTable>

export async function findIdentity(
  db: Db,
  key: { provider: string; issuer: string; subject: string },
): Promise<IdentityRow | undefined> {
  return db
    .selectFrom('identities')
    .selectAll()
    .where('provider', '=', key.provider)
    .where('issuer', '=', key.issuer)
    .where('subject', '=', key.subject)
    .executeTakeFirst()
}

export async function insertIdentity(db: Db, row: IdentityRow): Promise<void> {
  await db.insertInto('identities').values(row).execute()
}

/** What the provider said this time. */
export async function touchIdentity(
  db: Db,
  id: string,
  seen: Pick<IdentityRow, 'email' | 'display_name' | 'last_used_at'>,
): Promise<void> {
  await db.updateTable('identities').set(seen).where('id', '=', id).execute()
}

export async function listIdentities(db: Db, userId: string): Promise<IdentityRow[]> {
  return db
    .selectFrom('identities')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('created_at')
    .orderBy('id')
    .limit(100)
    .execute()
}

/** Of one user: all, or the one with this id. Answers how many went. */
export async function deleteIdentities(db: Db, userId: string, id?: string): Promise<number> {
  let query = db.deleteFrom('identities').where('user_id', '=', userId)
  if (id !== undefined) query = query.where('id', '=', id)
  return Number((await query.executeTakeFirst()).numDeletedRows)
}
