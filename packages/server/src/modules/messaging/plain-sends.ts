import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { newId } from '../../platform/ids.ts'
import { isAdministrator } from './access.ts'
import { conversationStream } from './conversation.schema.ts'
import type { ConversationRow, MemberRow } from './conversations.repository.ts'
import type { MessagingDependencies } from './dependencies.ts'
import { lockConversations } from './members.repository.ts'
import { mentionedNames } from './mentions.ts'
import { messageCreated, type NewMessage } from './message.schema.ts'
import type { MessageRow } from './messages.repository.ts'
import {
  advancedReads,
  insertedMessages,
  insertedTerms,
  listMembersForUpdate,
  listSent,
  readSteps,
  takeNumbers,
} from './plain-sends.repository.ts'
import { searchTerms } from './search-terms.ts'

export interface Send {
  senderId: string
  conversationId: string
  input: NewMessage
}

interface Accepted extends Send {
  /** Its place among the sends. */
  index: number
  member: MemberRow
  conversation: ConversationRow
  otherId: string | undefined
}

const plainParts = new Set(['client_id', 'text', 'format'])
const keyOf = (...parts: readonly string[]): string => parts.join(' ')

/** A message that changes nothing but its conversation: it answers, names and brings nothing. */
export const isPlain = (input: NewMessage): boolean =>
  Object.entries(input).every(([name, value]) => plainParts.has(name) || value === undefined) &&
  mentionedNames(input.text ?? '').length === 0

/**
 * Stores those of many plain messages that surely may be stored, in one transaction and with as many statements as for
 * one. Undefined for each of the others, of which nothing is written: sent alone, it is told why, or finds its way.
 */
export async function storePlainSends(
  { database, relations, now }: Pick<MessagingDependencies, 'database' | 'relations' | 'now'>,
  sends: readonly Send[],
): Promise<(MessageRow | undefined)[]> {
  return database.unitOfWork(async (uow) => {
    const accepted = await accept(uow.tx, database, relations, sends)
    if (accepted.length === 0) return sends.map(() => undefined)
    const at = now().toISOString()
    const rows = await place(uow, accepted, at)
    const terms = rows.map((row) => ({ message_id: row.id, terms: searchTerms(row) }))
    const reads = newestOfEach(accepted, rows).map(readSteps)
    await database.dialect.writeAll(uow.tx, [
      insertedMessages.written(uow.tx, { rows }),
      insertedTerms.written(uow.tx, { rows: terms }),
      advancedReads.written(uow.tx, { rows: reads, at }),
    ])
    const bySend = new Map(accepted.map((send, index) => [send.index, rows[index]]))
    return sends.map((_, index) => bySend.get(index))
  })
}

/** Members and conversations are held from here on, in the order in which everyone takes them. */
async function accept(
  tx: Db,
  { dialect }: Pick<DatabaseHandle, 'dialect'>,
  relations: MessagingDependencies['relations'],
  sends: readonly Send[],
): Promise<Accepted[]> {
  const members = await listMembersForUpdate(tx, dialect, sends)
  const memberOf = new Map(members.map((row) => [keyOf(row.conversation_id, row.user_id), row]))
  const ids = new Set(members.map(({ conversation_id }) => conversation_id))
  const there = (await lockConversations(tx, dialect, [...ids])).filter(({ deleted_at }) => deleted_at === null)
  const conversations = new Map(there.map((row) => [row.id, row]))
  const sent = new Set((await listSent(tx, sends)).map((row) => keyOf(row.sender_id, row.client_id)))
  const candidates = sends.flatMap((send, index) => {
    const member = memberOf.get(keyOf(send.conversationId, send.senderId))
    const conversation = conversations.get(send.conversationId)
    const key = keyOf(send.senderId, send.input.client_id)
    if (!member || !conversation || sent.has(key)) return []
    const isOpen = conversation.posting !== 'admins' || isAdministrator(member)
    // One that somebody has put away comes back to them with this message.
    if (!isOpen || (conversation.has_archived && conversation.direct_key)) return []
    sent.add(key)
    const otherId = conversation.direct_key?.split(':').find((each) => each !== send.senderId)
    return [{ ...send, index, member, conversation, otherId }]
  })
  const pairs = candidates.flatMap(({ senderId, otherId }) =>
    otherId === undefined ? [] : [{ from: senderId, to: otherId }],
  )
  const welcome = new Set((await relations.listWelcome(tx, pairs)).map(({ from, to }) => keyOf(from, to)))
  return candidates.filter(({ senderId, otherId }) => otherId === undefined || welcome.has(keyOf(senderId, otherId)))
}

/** Gives each its number and its place in the stream. */
async function place(uow: UnitOfWork, accepted: readonly Accepted[], at: string): Promise<MessageRow[]> {
  const counts = new Map<string, number>()
  const drafts = accepted.map((send) => {
    const count = (counts.get(send.conversationId) ?? 0) + 1
    counts.set(send.conversationId, count)
    return { ...send, id: newId(), number: send.conversation.last_number + count }
  })
  await takeNumbers(uow.tx, counts, at)
  const events = await uow.append(
    drafts.map(({ conversationId, id }) => ({
      stream: conversationStream(conversationId),
      type: messageCreated.type,
      refs: { message_id: id },
    })),
  )
  return drafts.map(({ id, conversationId, senderId, input, number }, index) => ({
    id,
    conversation_id: conversationId,
    seq: events[index]?.seq ?? 0,
    number,
    sender_id: senderId,
    client_id: input.client_id,
    text: input.text ?? '',
    format: input.format ?? 'plain',
    reply_to_id: null,
    thread_id: null,
    reply_count: 0,
    mentions: null,
    attachments: null,
    edited_at: null,
    deleted_at: null,
    created_at: at,
    version: 1,
  }))
}

/** What somebody has written last is what they have read. */
function newestOfEach(accepted: readonly Accepted[], rows: readonly MessageRow[]) {
  const newest = new Map(accepted.map(({ member }, index) => [member, rows[index] as MessageRow]))
  return [...newest].map(([member, { seq, number }]) => ({ member, seq, number }))
}
