import { answered, askAll, writeAll } from '../../platform/db/at-once.ts'
import { rowsWritten } from '../../platform/db/prepared.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { askHeadsForUpdate, type HeldHeads } from '../../platform/events/streams.ts'
import { newId } from '../../platform/ids.ts'
import { askPublicUsers, type PublicUser } from '../accounts/index.ts'
import { isAdministrator } from './access.ts'
import { conversationStream } from './conversation.schema.ts'
import type { ConversationRow, MemberRow } from './conversations.repository.ts'
import type { MessagingDependencies } from './dependencies.ts'
import { mentionedNames } from './mentions.ts'
import { messageCreated, type NewMessage } from './message.schema.ts'
import type { MessageRow } from './messages.repository.ts'
import {
  advancedReads,
  askConversationsForUpdate,
  askMembersForUpdate,
  askSent,
  insertedMessages,
  insertedTerms,
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
}

/** What was stored of many sends, in their order. */
export interface Stored {
  rows: (MessageRow | undefined)[]
  senders: PublicUser[]
}

const plainParts = new Set(['client_id', 'text', 'format'])
const keyOf = (...parts: readonly string[]): string => parts.join(' ')

const writerOf = ({ conversationId, senderId }: Send): string => keyOf(conversationId, senderId)

/** A message that changes nothing but its conversation: it answers, names and brings nothing. */
export const isPlain = (input: NewMessage): boolean =>
  Object.entries(input).every(([name, value]) => plainParts.has(name) || value === undefined) &&
  mentionedNames(input.text ?? '').length === 0

/** So many conversations are remembered, and so many who wrote in one. */
const mostRemembered = 5_000

/**
 * Stores plain messages, one or many, in one transaction and with as many statements for many as for one. They go to the
 * database together as far as they do not wait for each other's answers: all that is asked, all places, all rows.
 */
export class PlainSends {
  readonly #deps: Pick<MessagingDependencies, 'database' | 'relations' | 'now'>
  /** Between whom a conversation is, or null; it never changes, so whom to ask about is known before it is read. */
  readonly #directKeys = new Map<string, string | null>()
  /**
   * Who could write where the last time. Their streams are locked with all the rest, before it is known whether they still
   * may: nobody else keeps others waiting there.
   */
  readonly #writers = new Set<string>()

  constructor(deps: Pick<MessagingDependencies, 'database' | 'relations' | 'now'>) {
    this.#deps = deps
  }

  /**
   * Stores those that surely may be stored. Undefined for each of the others, of which nothing is written: sent by
   * itself, it is told why, or finds its way.
   */
  async store(sends: readonly Send[]): Promise<Stored> {
    const { database, now } = this.#deps
    return database.unitOfWork(async (uow) => {
      const { accepted, senders, held } = await this.#accept(uow.tx, sends)
      this.#rememberWriters(sends, accepted)
      if (accepted.length === 0) return { rows: sends.map(() => undefined), senders }
      const at = now().toISOString()
      const rows = await place(uow, accepted, at, held)
      const terms = rows.map((row) => ({ message_id: row.id, terms: searchTerms(row) }))
      const reads = newestOfEach(accepted, rows).map(readSteps)
      await writeAll(uow.tx, [
        ...rowsWritten(insertedMessages, uow.tx, database.dialect, rows),
        insertedTerms.written(uow.tx, { rows: terms }),
        advancedReads.written(uow.tx, { rows: reads, at }),
      ])
      const bySend = new Map(accepted.map((send, index) => [send.index, rows[index]]))
      return { rows: sends.map((_, index) => bySend.get(index)), senders }
    })
  }

  /** Members and conversations are held from here on, in the order in which everyone takes them. */
  async #accept(
    tx: Db,
    sends: readonly Send[],
  ): Promise<{ accepted: Accepted[]; senders: PublicUser[]; held: HeldHeads }> {
    const { database, relations } = this.#deps
    const conversationIds = new Set(sends.map(({ conversationId }) => conversationId))
    const senderIds = new Set(sends.map(({ senderId }) => senderId))
    const expected = this.#pairsOf(sends)
    const areWriters = sends.every((send) => this.#writers.has(writerOf(send)))
    const [members, conversations, sentBefore, senders, listWelcome, held] = await askAll(tx, [
      askMembersForUpdate(tx, database.dialect, sends),
      askConversationsForUpdate(tx, database.dialect, conversationIds, senderIds),
      askSent(tx, sends),
      askPublicUsers(tx, [...senderIds]),
      relations.askWelcome(tx, expected),
      areWriters
        ? askHeadsForUpdate(tx, database.dialect, [...conversationIds].map(conversationStream))
        : answered<HeldHeads>(new Map()),
    ])
    this.#remember(conversations)
    const candidates = candidatesAmong(sends, members, conversations, sentBefore)
    const pairs = this.#pairsOf(candidates)
    const asked = new Set(expected.map(({ from, to }) => keyOf(from, to)))
    const wasAsked = pairs.every(({ from, to }) => asked.has(keyOf(from, to)))
    const [listThem] = wasAsked ? [listWelcome] : await askAll(tx, [relations.askWelcome(tx, pairs)])
    const welcome = new Set((await listThem(tx)).map(({ from, to }) => keyOf(from, to)))
    const accepted = candidates.filter((send) => {
      const [pair] = this.#pairsOf([send])
      return pair === undefined || welcome.has(keyOf(pair.from, pair.to))
    })
    return { accepted, senders, held }
  }

  /** Who writes to whom, in those that are known to be direct. */
  #pairsOf(sends: readonly Send[]): { from: string; to: string }[] {
    return sends.flatMap(({ conversationId, senderId: from }) => {
      const ids = this.#directKeys.get(conversationId)?.split(':') ?? []
      return ids.filter((id) => id !== from).map((to) => ({ from, to }))
    })
  }

  #remember(conversations: readonly ConversationRow[]): void {
    if (this.#directKeys.size > mostRemembered) this.#directKeys.clear()
    for (const { id, direct_key } of conversations) this.#directKeys.set(id, direct_key)
  }

  #rememberWriters(sends: readonly Send[], accepted: readonly Accepted[]): void {
    if (this.#writers.size > mostRemembered) this.#writers.clear()
    for (const send of sends) this.#writers.delete(writerOf(send))
    for (const send of accepted) this.#writers.add(writerOf(send))
  }
}

/** Those that may be stored as far as their conversation is concerned. */
function candidatesAmong(
  sends: readonly Send[],
  members: readonly MemberRow[],
  conversations: readonly ConversationRow[],
  sentBefore: readonly Pick<MessageRow, 'sender_id' | 'client_id'>[],
): Accepted[] {
  const memberOf = new Map(members.map((row) => [keyOf(row.conversation_id, row.user_id), row]))
  const byId = new Map(conversations.filter(({ deleted_at }) => deleted_at === null).map((row) => [row.id, row]))
  const sent = new Set(sentBefore.map((row) => keyOf(row.sender_id, row.client_id)))
  return sends.flatMap((send, index) => {
    const member = memberOf.get(keyOf(send.conversationId, send.senderId))
    const conversation = byId.get(send.conversationId)
    const key = keyOf(send.senderId, send.input.client_id)
    if (!member || !conversation || sent.has(key)) return []
    const isOpen = conversation.posting !== 'admins' || isAdministrator(member)
    // One that somebody has put away comes back to them with this message.
    if (!isOpen || (conversation.has_archived && conversation.direct_key)) return []
    sent.add(key)
    return [{ ...send, index, member, conversation }]
  })
}

/** Gives each its number and its place in the stream. */
async function place(
  uow: UnitOfWork,
  accepted: readonly Accepted[],
  at: string,
  held: HeldHeads,
): Promise<MessageRow[]> {
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
    held,
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
