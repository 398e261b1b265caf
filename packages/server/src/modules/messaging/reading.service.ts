import type { Actor } from '../../platform/actor.ts'
import { ephemeral } from '../../platform/realtime/ephemeral.ts'
import { userStream } from '../accounts/index.ts'
import { memberOf } from './access.ts'
import { listMemberIds, type MembershipRow } from './conversations.repository.ts'
import type { MessagingDependencies } from './dependencies.ts'
import { type MemberReceipt, messageReceipt, type ReadAnswer } from './message.schema.ts'
import { findMessageAt } from './messages.repository.ts'
import { advanceDelivered, advanceRead, countMentions, listReceipts, resetRead } from './reading.repository.ts'

/** Beyond so many members nobody asks who exactly has read, and telling each of each would grow with their square. */
const mostReceipts = 100

/** How far each member has come: one position per member, never a row per message. */
export class ReadingService {
  readonly #deps: MessagingDependencies

  constructor(deps: MessagingDependencies) {
    this.#deps = deps
  }

  /** Moves one's read position to the newest message at or before `seq`; it never goes back. */
  async markRead(actor: Actor, conversationId: string, seq: number): Promise<ReadAnswer> {
    const { database, now } = this.#deps
    const before = await memberOf(database.db, conversationId, actor.userId)
    const message = await findMessageAt(database.db, database.dialect, conversationId, seq)
    if (message && message.seq > before.last_read_seq) {
      const position = { seq: message.seq, number: message.number, at: now().toISOString() }
      const member = { conversationId, userId: actor.userId }
      const moved = await this.#told(member, (tx) => advanceRead(tx, member, position))
      if (moved) await this.#tellOthers(actor.userId, before)
    }
    return this.#answer(actor, conversationId)
  }

  /** Sets one's read position back before the message at `seq`, so that it counts as unread again; not before one's time. */
  async markUnread(actor: Actor, conversationId: string, seq: number): Promise<ReadAnswer> {
    const { database } = this.#deps
    const before = await memberOf(database.db, conversationId, actor.userId)
    const message = await findMessageAt(
      database.db,
      database.dialect,
      conversationId,
      Math.max(seq - 1, before.visible_from),
    )
    const position = { seq: message?.seq ?? before.visible_from, number: message?.number ?? 0 }
    const member = { conversationId, userId: actor.userId }
    if (position.seq < before.last_read_seq) await this.#told(member, (tx) => resetRead(tx, member, position))
    return this.#answer(actor, conversationId)
  }

  /** A device of the caller has every event up to `seq`. */
  async markDelivered(actor: Actor, conversationId: string, seq: number): Promise<{ delivered_seq: number }> {
    const { database } = this.#deps
    const before = await memberOf(database.db, conversationId, actor.userId)
    const newest = await findMessageAt(database.db, database.dialect, conversationId, seq)
    const reached = newest?.seq ?? 0
    if (reached <= before.delivered_seq) return { delivered_seq: before.delivered_seq }
    const member = { conversationId, userId: actor.userId }
    const moved = await database.unitOfWork((uow) => advanceDelivered(uow.tx, member, reached))
    if (moved) await this.#tellOthers(actor.userId, before)
    return { delivered_seq: reached }
  }

  /** Positions of the members who show theirs, to a member who does. Throws not_found. */
  async receipts(actor: Actor, conversationId: string): Promise<MemberReceipt[]> {
    const { database, listReceiptSenders } = this.#deps
    const member = await memberOf(database.db, conversationId, actor.userId)
    if (member.member_count > mostReceipts) return []
    const rows = await listReceipts(database.db, conversationId, mostReceipts)
    const senders = await listReceiptSenders(
      database.db,
      rows.map(({ user_id }) => user_id),
    )
    if (!senders.has(actor.userId)) return []
    return rows
      .filter(({ user_id }) => senders.has(user_id))
      .map(({ user_id, delivered_seq, last_read_seq, last_read_at }) => ({
        user_id,
        delivered_seq,
        read_seq: last_read_seq,
        read_at: last_read_at,
      }))
  }

  /** Changes a position and tells one's other devices, if it moved. */
  async #told(
    { conversationId, userId }: { conversationId: string; userId: string },
    move: (tx: Parameters<typeof advanceRead>[0]) => Promise<boolean>,
  ): Promise<boolean> {
    return this.#deps.database.unitOfWork(async (uow) => {
      const moved = await move(uow.tx)
      const refs = { conversation_id: conversationId, user_id: userId }
      if (moved) await uow.append([{ stream: userStream(userId), type: messageReceipt.type, refs }])
      return moved
    })
  }

  async #tellOthers(userId: string, { id, member_count }: MembershipRow): Promise<void> {
    const { database, bus, listReceiptSenders } = this.#deps
    if (member_count > mostReceipts) return
    const members = await listMemberIds(database.db, id, mostReceipts)
    const senders = await listReceiptSenders(database.db, members)
    if (!senders.has(userId)) return
    const member = await memberOf(database.db, id, userId)
    const exceptUserIds = [userId, ...members.filter((each) => !senders.has(each))]
    const data = {
      conversation_id: id,
      user_id: userId,
      delivered_seq: member.delivered_seq,
      read_seq: member.last_read_seq,
      at: member.last_read_at,
    }
    bus.publish(ephemeral, { room: `conversation_${id}`, event: messageReceipt.type, data, exceptUserIds })
  }

  async #answer(actor: Actor, conversationId: string): Promise<ReadAnswer> {
    const { db } = this.#deps.database
    const member = await memberOf(db, conversationId, actor.userId)
    const mentions = await countMentions(db, actor.userId, [conversationId])
    return {
      last_read_seq: member.last_read_seq,
      unread_count: member.last_number - member.last_read_number,
      mention_count: mentions.get(conversationId) ?? 0,
    }
  }
}
