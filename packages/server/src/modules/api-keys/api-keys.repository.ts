import type { Selectable } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { ApiKeysTable, Db } from '../../platform/db/schema.ts'

export type ApiKeyRow = Selectable<ApiKeysTable>

/** What a request with a key is judged by: the key, and of its owner what can take rights away. */
export interface KeyState {
  key: ApiKeyRow
  status: string
  /** Until then the owner is shut out. */
  bannedUntil: string | null
  roles: string[]
}

export async function findKeyState(db: Db, hash: string): Promise<KeyState | undefined> {
  const rows = await db
    .selectFrom('api_keys')
    .innerJoin('users', 'users.id', 'api_keys.user_id')
    .leftJoin('user_roles', 'user_roles.user_id', 'api_keys.user_id')
    .selectAll('api_keys')
    .select(['users.status', 'users.banned_until', 'user_roles.role'])
    .where('api_keys.key_hash', '=', hash)
    .execute()
  const [first] = rows
  if (!first) return undefined
  const { status, banned_until: bannedUntil, role: _, ...key } = first
  return { key, status, bannedUntil, roles: rows.flatMap((row) => row.role ?? []).sort() }
}

export async function listKeys(db: Db, userId: string): Promise<ApiKeyRow[]> {
  return db.selectFrom('api_keys').selectAll().where('user_id', '=', userId).orderBy('id').execute()
}

export async function findKey(db: Db, userId: string, id: string): Promise<ApiKeyRow | undefined> {
  return db.selectFrom('api_keys').selectAll().where('id', '=', id).where('user_id', '=', userId).executeTakeFirst()
}

/** The row as of now, and nobody else's to change until the transaction ends. */
export async function lockKey(tx: Db, dialect: Dialect, userId: string, id: string): Promise<ApiKeyRow | undefined> {
  const query = tx.selectFrom('api_keys').selectAll().where('id', '=', id).where('user_id', '=', userId)
  return dialect.lock.forUpdate(query).executeTakeFirst()
}

export async function insertKey(tx: Db, row: ApiKeyRow): Promise<void> {
  await tx.insertInto('api_keys').values(row).execute()
}

export async function updateKey(tx: Db, id: string, change: Partial<ApiKeyRow>): Promise<void> {
  await tx.updateTable('api_keys').set(change).where('id', '=', id).execute()
}

export async function deleteKey(tx: Db, id: string): Promise<void> {
  await tx.deleteFrom('api_keys').where('id', '=', id).execute()
}

/** Written by whoever comes first in a minute; not a change of the key, so the version stays. */
export async function touchKey(
  tx: Db,
  id: string,
  use: { at: string; ip: string; unlessAfter: string },
): Promise<void> {
  await tx
    .updateTable('api_keys')
    .set({ last_used_at: use.at, last_used_ip: use.ip })
    .where('id', '=', id)
    .where((where) => where.or([where('last_used_at', 'is', null), where('last_used_at', '<=', use.unlessAfter)]))
    .execute()
}

/** The accounts of these keys, by key. */
export async function listKeyOwners(db: Db, ids: readonly string[]): Promise<(readonly [string, string])[]> {
  if (ids.length === 0) return []
  const rows = await db.selectFrom('api_keys').select(['id', 'user_id']).where('id', 'in', ids).execute()
  return rows.map(({ id, user_id }) => [id, user_id] as const)
}
