import type { Selectable } from 'kysely'
import type { Db, RolesTable } from '../../platform/db/schema.ts'

export type RoleRow = Selectable<RolesTable>

export async function listRoleRows(db: Db): Promise<RoleRow[]> {
  return db.selectFrom('roles').selectAll().orderBy('name').execute()
}
