import type { Db } from '../../platform/db/schema.ts'
import { tellStep } from '../../platform/decision-steps.ts'
import { isId } from '../../platform/ids.ts'
import { findConversation, findMembership, type MembershipRow } from './conversations.repository.ts'
import { listHides } from './marks.repository.ts'
import { findMessage, type MessageRow, type Reader } from './messages.repository.ts'
import { messagingErrors, noConversation, noMessage } from './messaging.errors.ts'
import type { ListBlocks } from './visibility.ts'

/**
 * The caller's membership as of now. Throws not_found; not_a_member for a channel that everyone may see.
 */
export async function memberOf(db: Db, conversationId: string, userId: string): Promise<MembershipRow> {
  const row = isId(conversationId) ? await findMembership(db, conversationId, userId) : undefined
  tellStep('rule', 'member of the conversation', row !== undefined, row ? { role: row.role } : {})
  if (row) return row
  const visible = isId(conversationId) && (await findConversation(db, conversationId))?.is_public === 1
  throw visible ? messagingErrors.not_a_member() : noConversation()
}

/** Whose messages this person does not want to see. */
export async function readerOf(
  db: Db,
  listBlocks: ListBlocks,
  userId: string,
  { visible_from }: Pick<MembershipRow, 'visible_from'>,
): Promise<Reader> {
  const blocks = await listBlocks(db, [userId])
  const blockedIds = blocks.filter(({ blocker_id }) => blocker_id === userId).map(({ blocked_id }) => blocked_id)
  return { userId, visibleFrom: visible_from, blockedIds }
}

/** A message that this person may see now, with the membership that says so. Throws not_found. */
export async function visibleMessage(
  db: Db,
  listBlocks: ListBlocks,
  messageId: string,
  userId: string,
): Promise<{ message: MessageRow; member: MembershipRow }> {
  const message = isId(messageId) ? await findMessage(db, messageId) : undefined
  const member = message && (await findMembership(db, message.conversation_id, userId))
  if (!message || !member || message.seq <= member.visible_from) throw noMessage()
  const [{ blockedIds }, hides] = await Promise.all([
    readerOf(db, listBlocks, userId, member),
    listHides(db, [messageId]),
  ])
  if (blockedIds.includes(message.sender_id) || hides.some((hide) => hide.user_id === userId)) throw noMessage()
  return { message, member }
}

export const isAdministrator = ({ role }: { role: string }): boolean => role === 'owner' || role === 'admin'
