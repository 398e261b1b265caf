import type { Db } from '../../platform/db/schema.ts'
import { attachmentsOf } from './attachments.ts'
import { listMessagesById } from './messages.repository.ts'
import type { ListBlocks } from './visibility.ts'
import { seenBy } from './visibility.ts'

/** Words of messages by id, of those that the reader can see now. */
export const messagePreviews =
  (listBlocks: ListBlocks) =>
  async (db: Db, readerId: string, messageIds: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    const rows = await listMessagesById(db, messageIds)
    const shown = (await seenBy(db, listBlocks, readerId, rows)).filter(({ deleted_at }) => deleted_at === null)
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
