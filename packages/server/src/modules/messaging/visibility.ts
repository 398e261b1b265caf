import type { Db } from '../../platform/db/schema.ts'
import { listMembershipsById } from './conversations.repository.ts'
import { listHides } from './marks.repository.ts'
import type { MessageRow } from './messages.repository.ts'

/** Blocks in which one of these people takes part. */
export type ListBlocks = (
  db: Db,
  userIds: readonly string[],
) => Promise<readonly { blocker_id: string; blocked_id: string }[]>

/** Of these messages, those that the reader can see now; what was deleted for everyone is among them. */
export async function seenBy(
  db: Db,
  listBlocks: ListBlocks,
  readerId: string,
  rows: readonly MessageRow[],
): Promise<MessageRow[]> {
  if (rows.length === 0) return []
  const [members, hides, blocks] = await Promise.all([
    listMembershipsById(db, readerId, [...new Set(rows.map((row) => row.conversation_id))]),
    listHides(
      db,
      rows.map(({ id }) => id),
    ),
    listBlocks(db, [readerId]),
  ])
  return rows.filter(
    (row) =>
      members.some((member) => member.id === row.conversation_id && row.seq > member.visible_from) &&
      !hides.some((hide) => hide.message_id === row.id && hide.user_id === readerId) &&
      !blocks.some((block) => block.blocker_id === readerId && block.blocked_id === row.sender_id),
  )
}
