import type { Selectable } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { Db, RolesTable } from '../../platform/db/schema.ts'

export type RoleRow = Selectable<RolesTable>

export async function listRoleRows(db: Db): Promise<RoleRow[]> {
  return db.selectFrom('roles').selectAll().orderBy('name').execute()
}

/** Every row, for a change that depends on the others: two such changes follow each other. */
export async function lockRoleRows(tx: Db, dialect: Dialect): Promise<RoleRow[]> {
  await dialect.lock.forUpdate(tx.selectFrom('roles').select('name').orderBy('name')).execute()
  // Read anew: a row that was added while this waited for the locks is not in the first answer.
  return dialect.lock.forUpdate(tx.selectFrom('roles').selectAll().orderBy('name')).execute()
}

/** Those of the names that exist; none of them can be deleted until the transaction ends. */
export async function lockRoleNames(tx: Db, dialect: Dialect, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return []
  const query = tx
    .selectFrom('roles')
    .select('name')
    .where('name', 'in', [...names])
    .orderBy('name')
  return (await dialect.lock.forShare(query).execute()).map((row) => row.name)
}

export async function insertRole(tx: Db, row: RoleRow): Promise<void> {
  await tx.insertInto('roles').values(row).execute()
}

export async function updateRole(tx: Db, row: RoleRow): Promise<void> {
  const { name, ...change } = row
  await tx.updateTable('roles').set(change).where('name', '=', name).execute()
}

export async function deleteRole(tx: Db, name: string): Promise<void> {
  await tx.deleteFrom('roles').where('name', '=', name).execute()
}
