import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** Words are found by their beginnings without reading all words that begin so; previews of large conversations stay small. */
export const search: Migration = {
  async up(db, { types, tableOptions }) {
    await db.schema
      .createTable('message_search_progress')
      .ifNotExists()
      .addColumn('id', types.key(16), (column) => column.notNull())
      .addColumn('message_id', types.id)
      .addPrimaryKeyConstraint('message_search_progress_pkey', ['id'])
      .modifyEnd(tableOptions)
      .execute()
    // Where there are messages, a job gives them the terms they do not have yet; its row goes when it is done.
    await db
      .insertInto('message_search_progress')
      .columns(['id', 'message_id'])
      .expression((from) =>
        from
          .selectFrom('message_search')
          .select([sql.lit('beginnings').as('id'), sql<string | null>`null`.as('message_id')])
          .where((where) =>
            where.not(where.exists(where.selectFrom('message_search_progress').select('message_search_progress.id'))),
          )
          .limit(1),
      )
      .execute()
    await db.schema
      .createIndex('conversation_members_conversation_id_joined_at_index')
      .ifNotExists()
      .on('conversation_members')
      .columns(['conversation_id', 'joined_at', 'user_id'])
      .execute()
  },
}
