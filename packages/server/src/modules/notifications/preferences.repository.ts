import type { Selectable } from 'kysely'
import type { Db, NotificationPreferencesTable } from '../../platform/db/schema.ts'

export type PreferencesRow = Selectable<NotificationPreferencesTable>

export async function listPreferenceRows(db: Db, userIds: readonly string[]): Promise<PreferencesRow[]> {
  if (userIds.length === 0) return []
  return db
    .selectFrom('notification_preferences')
    .selectAll()
    .where('user_id', 'in', [...new Set(userIds)])
    .execute()
}

export async function insertPreferences(db: Db, row: PreferencesRow): Promise<void> {
  await db.insertInto('notification_preferences').values(row).execute()
}

/** False when the person has no row yet. */
export async function updatePreferences(db: Db, { user_id, ...change }: PreferencesRow): Promise<boolean> {
  const result = await db
    .updateTable('notification_preferences')
    .set(change)
    .where('user_id', '=', user_id)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}
