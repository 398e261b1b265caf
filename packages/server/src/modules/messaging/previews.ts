import type { Db } from '../../platform/db/schema.ts'
import { attachmentsOf } from './attachments.ts'
import { listMembershipsById } from './conversations.repository.ts'
import { listHides } from './marks.repository.ts'
import { listMessagesById } from './messages.repository.ts'
import type { ListBlocks } from './messaging-events.ts'

/** Words of messages by id, of those that the reader can see now. */
export const messagePreviews =
  (listBlocks: ListBlocks) =>
  async (db: Db, readerId: string, messageIds: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    const rows = await listMessagesById(db, messageIds)
    const [members, hides, blocks] = await Promise.all([
      listMembershipsById(db, readerId, [...new Set(rows.map((row) => row.conversation_id))]),
      listHides(
        db,
        rows.map(({ id }) => id),
      ),
      listBlocks(db, [readerId]),
    ])
    const shown = rows.filter(
      (row) =>
        row.deleted_at === null &&
        members.some((member) => member.id === row.conversation_id && row.seq > member.visible_from) &&
        !hides.some((hide) => hide.message_id === row.id && hide.user_id === readerId) &&
        !blocks.some((block) => block.blocker_id === readerId && block.blocked_id === row.sender_id),
    )
    // What came without words is known by its files.
    const filesOf = await attachmentsOf(
      db,
      shown.filter(({ text }) => text === ''),
    )
    const namesOf = (row: (typeof shown)[number]) =>
      filesOf(row)
        .map(({ name }) => name)
        .join(', ')
    return new Map(shown.map((row) => [row.id, row.text || namesOf(row)]))
  }
