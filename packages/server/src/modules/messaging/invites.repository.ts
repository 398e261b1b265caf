import type { Selectable } from 'kysely'
import type { ConversationInvitesTable, Db } from '../../platform/db/schema.ts'

export type InviteRow = Selectable<ConversationInvitesTable>

export async function insertInvite(db: Db, invite: InviteRow): Promise<void> {
  await db.insertInto('conversation_invites').values(invite).execute()
}

export async function findInvite(db: Db, codeHash: string): Promise<InviteRow | undefined> {
  return db.selectFrom('conversation_invites').selectAll().where('code_hash', '=', codeHash).executeTakeFirst()
}

/** Oldest first. */
export async function listInvites(db: Db, conversationId: string, limit: number): Promise<InviteRow[]> {
  return db
    .selectFrom('conversation_invites')
    .selectAll()
    .where('conversation_id', '=', conversationId)
    .limit(limit)
    .execute()
}

/** Takes one of its uses; false when it has none left, has ended, or was withdrawn: the row count decides. */
export async function takeUse(db: Db, id: string, at: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('conversation_invites')
    .set((row) => ({ uses: row('uses', '+', 1) }))
    .where('id', '=', id)
    .where((where) => where.or([where('max_uses', 'is', null), where('uses', '<', where.ref('max_uses'))]))
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', at)]))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function deleteInvite(db: Db, conversationId: string, id: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('conversation_invites')
    .where('id', '=', id)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst()
  return numDeletedRows === 1n
}
