import type { Db } from '../../platform/db/schema.ts'
import type { UserRow } from './accounts.repository.ts'

export interface AccountFilter {
  /** Beginning of a name, display name or address, in canonical form. */
  prefix?: string | undefined
  status?: string | undefined
  kind?: string | undefined
  role?: string | undefined
  createdAfter?: string | undefined
  /** Ids below this one: the newest come first, and ids sort by time. */
  before?: string | undefined
  limit: number
}

/** Accounts as an administrator looks for them, the newest first. */
export async function listAccounts(db: Db, filter: AccountFilter): Promise<UserRow[]> {
  let query = db.selectFrom('users').selectAll('users').orderBy('users.id', 'desc').limit(filter.limit)
  const { prefix, status, kind, role, createdAfter, before } = filter
  if (prefix !== undefined && prefix !== '') {
    const end = `${prefix}\u{10ffff}`
    query = query.where((where) =>
      where.or(
        (['username_key', 'display_name_key', 'email_key'] as const).map((column) =>
          where.and([where(column, '>=', prefix), where(column, '<', end)]),
        ),
      ),
    )
  }
  if (status !== undefined) query = query.where('users.status', '=', status)
  if (kind !== undefined) query = query.where('users.kind', '=', kind)
  if (createdAfter !== undefined) query = query.where('users.created_at', '>', createdAfter)
  if (before !== undefined) query = query.where('users.id', '<', before)
  if (role !== undefined) {
    query = query.where('users.id', 'in', (sub) =>
      sub.selectFrom('user_roles').select('user_roles.user_id').where('user_roles.role', '=', role),
    )
  }
  return query.execute()
}

/** The roles of many accounts in one query. */
export async function listRolesOf(db: Db, userIds: readonly string[]): Promise<Map<string, string[]>> {
  const roles = new Map<string, string[]>(userIds.map((id) => [id, []]))
  if (userIds.length === 0) return roles
  const rows = await db
    .selectFrom('user_roles')
    .selectAll()
    .where('user_id', 'in', [...userIds])
    .orderBy('role')
    .execute()
  for (const { user_id, role } of rows) roles.get(user_id)?.push(role)
  return roles
}
