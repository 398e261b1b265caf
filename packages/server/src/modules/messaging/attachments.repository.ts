import type { Db } from '../../platform/db/schema.ts'

/** Throws a unique violation when one of the files is in a message already. */
export async function insertAttachments(db: Db, messageId: string, fileIds: readonly string[]): Promise<void> {
  const rows = fileIds.map((file_id) => ({ file_id, message_id: messageId }))
  await db.insertInto('message_attachments').values(rows).execute()
}

export async function deleteAttachments(db: Db, messageId: string): Promise<void> {
  await db.deleteFrom('message_attachments').where('message_id', '=', messageId).execute()
}

export async function deleteAttachment(db: Db, fileId: string): Promise<void> {
  await db.deleteFrom('message_attachments').where('file_id', '=', fileId).execute()
}

/** The one message that shows a file. */
export async function findMessageWith(db: Db, fileId: string): Promise<string | undefined> {
  const query = db.selectFrom('message_attachments').select('message_id').where('file_id', '=', fileId)
  return (await query.executeTakeFirst())?.message_id
}

/** Of these files those in messages that the person may read now, with who sent them; blocks are not looked at. */
export const readableAttachmentsQuery = (db: Db, userId: string, fileIds: readonly string[]) =>
  db
    .selectFrom('message_attachments')
    .innerJoin('messages', 'messages.id', 'message_attachments.message_id')
    .innerJoin('conversation_members', (join) =>
      join
        .onRef('conversation_members.conversation_id', '=', 'messages.conversation_id')
        .on('conversation_members.user_id', '=', userId),
    )
    .select(['message_attachments.file_id', 'messages.sender_id'])
    .where('message_attachments.file_id', 'in', [...fileIds])
    .where('messages.deleted_at', 'is', null)
    .whereRef('messages.seq', '>', 'conversation_members.visible_from')
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('message_hides')
            .select('message_hides.message_id')
            .where('message_hides.user_id', '=', userId)
            .whereRef('message_hides.message_id', '=', 'messages.id'),
        ),
      ),
    )

/** Of these files those that are pictures of conversations which the person may know of. */
export const readablePicturesQuery = (db: Db, userId: string, fileIds: readonly string[]) =>
  db
    .selectFrom('conversations')
    .leftJoin('conversation_members', (join) =>
      join
        .onRef('conversation_members.conversation_id', '=', 'conversations.id')
        .on('conversation_members.user_id', '=', userId),
    )
    .select('conversations.picture_file_id')
    .where('conversations.picture_file_id', 'in', [...fileIds])
    .where('conversations.deleted_at', 'is', null)
    .where((where) =>
      where.or([where('conversation_members.user_id', 'is not', null), where('conversations.is_public', '=', 1)]),
    )
