import type { Migration } from '../migration.ts'

/** What takes the most room: the largest files, and the people with the most in them. */
export const largest: Migration = {
  async up(db) {
    const indexes: [table: string, columns: string[]][] = [
      ['files', ['size', 'id']],
      ['file_usage', ['bytes', 'owner_id']],
    ]
    for (const [table, columns] of indexes) {
      await db.schema
        .createIndex(`${table}_${columns.join('_')}_index`)
        .ifNotExists()
        .on(table)
        .columns(columns)
        .execute()
    }
  },
}
