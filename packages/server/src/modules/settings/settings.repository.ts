import type { Selectable } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { Db, SettingChangesTable, SettingsTable } from '../../platform/db/schema.ts'

export type SettingRow = Selectable<SettingsTable>
export type SettingChangeRow = Selectable<SettingChangesTable>

export const listSettings = (db: Db): Promise<SettingRow[]> =>
  db.selectFrom('settings').selectAll().orderBy('name').execute()

/** In the order of their names; nobody else changes them until the transaction ends. */
export const lockSettings = (tx: Db, { lock }: Pick<Dialect, 'lock'>): Promise<SettingRow[]> =>
  lock.forUpdate(tx.selectFrom('settings').selectAll().orderBy('name')).execute()

/** Instead of what was stored under these names. */
export async function replaceSettings(tx: Db, names: readonly string[], rows: readonly SettingRow[]): Promise<void> {
  if (names.length > 0)
    await tx
      .deleteFrom('settings')
      .where('name', 'in', [...names])
      .execute()
  if (rows.length > 0)
    await tx
      .insertInto('settings')
      .values([...rows])
      .execute()
}

export async function insertChanges(tx: Db, rows: readonly SettingChangeRow[]): Promise<void> {
  if (rows.length > 0)
    await tx
      .insertInto('setting_changes')
      .values([...rows])
      .execute()
}

/** Newest first. */
export function settingChanges(
  db: Db,
  { name, before, limit }: { name?: string | undefined; before?: string | undefined; limit: number },
) {
  let query = db.selectFrom('setting_changes').selectAll()
  if (name !== undefined) query = query.where('name', '=', name)
  if (before !== undefined) query = query.where('id', '<', before)
  return query.orderBy('id', 'desc').limit(limit)
}
