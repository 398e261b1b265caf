import type { Migration } from '../migration.ts'

/** Where the index of words has no order, a search looks through the newest messages of conversations by this one. */
export const newestOfEach: Migration = {
  async up(db, { search }) {
    if (!search.unordered) return
    await db.schema
      .createIndex('messages_conversation_id_id_index')
      .ifNotExists()
      .on('messages')
      .columns(['conversation_id', 'id'])
      .execute()
  },
}
