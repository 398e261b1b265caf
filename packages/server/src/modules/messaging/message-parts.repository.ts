import type { Selectable } from 'kysely'
import { prepared } from '../../platform/db/prepared.ts'
import type { Db, MessageEditsTable } from '../../platform/db/schema.ts'

interface MessagePlace {
  id: string
  conversation_id: string
  number: number
}

export async function insertMentions(db: Db, message: MessagePlace, userIds: readonly string[]): Promise<void> {
  if (userIds.length === 0) return
  const { id: message_id, conversation_id, number } = message
  await db
    .insertInto('message_mentions')
    .values(userIds.map((user_id) => ({ conversation_id, user_id, number, message_id })))
    .execute()
}

export async function deleteMentions(db: Db, messageId: string): Promise<void> {
  await db.deleteFrom('message_mentions').where('message_id', '=', messageId).execute()
}

export const insertedSearchTerms = prepared((db, { messageId, terms }: { messageId: string; terms: string }) =>
  db.insertInto('message_search').values({ message_id: messageId, terms }),
)

export async function updateSearchTerms(db: Db, messageId: string, terms: string): Promise<void> {
  await db.updateTable('message_search').set({ terms }).where('message_id', '=', messageId).execute()
}

export async function insertEdit(db: Db, edit: Selectable<MessageEditsTable>): Promise<void> {
  await db.insertInto('message_edits').values(edit).execute()
}

/** What a message said before, oldest first. */
export async function listEdits(db: Db, messageId: string, limit: number): Promise<Selectable<MessageEditsTable>[]> {
  return db
    .selectFrom('message_edits')
    .selectAll()
    .where('message_id', '=', messageId)
    .orderBy('version')
    .limit(limit)
    .execute()
}

/** Everything that hangs on a message, when its words go. */
export async function deleteMessageParts(db: Db, messageId: string): Promise<void> {
  await deleteMentions(db, messageId)
  await db.deleteFrom('message_search').where('message_id', '=', messageId).execute()
  await db.deleteFrom('message_edits').where('message_id', '=', messageId).execute()
  await db.deleteFrom('message_reactions').where('message_id', '=', messageId).execute()
  await db.deleteFrom('conversation_pins').where('message_id', '=', messageId).execute()
  await db.deleteFrom('bookmarks').where('message_id', '=', messageId).execute()
}

/** Throws a unique violation when it is hidden already. */
export async function insertHide(db: Db, userId: string, messageId: string): Promise<void> {
  await db.insertInto('message_hides').values({ user_id: userId, message_id: messageId }).execute()
}
