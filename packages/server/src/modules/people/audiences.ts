import type { Db } from '../../platform/db/schema.ts'
import { listPrivacy } from '../accounts/index.ts'
import { listBlocks } from './blocks.repository.ts'
import { listFriendships } from './friends.repository.ts'

/** Of these people, those who let others know how far they have read. */
export async function listReceiptSenders(db: Db, userIds: readonly string[]): Promise<Set<string>> {
  const privacy = await listPrivacy(db, userIds)
  return new Set([...privacy].filter(([, settings]) => settings.send_read_receipts).map(([id]) => id))
}

/** A person’s friends; their number is bounded. */
export const listFriendIds = async (db: Db, userId: string): Promise<string[]> =>
  (await listFriendships(db, userId)).map(({ friend_id }) => friend_id)

/** Whom a person has blocked, and who has blocked them: neither learns what the other does. */
export async function listHiddenFrom(db: Db, userId: string): Promise<string[]> {
  const blocks = await listBlocks(db, [userId])
  return blocks.map(({ blocker_id, blocked_id }) => (blocker_id === userId ? blocked_id : blocker_id))
}
