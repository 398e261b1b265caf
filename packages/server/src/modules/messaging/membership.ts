import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import { lockHead, type NewEvent } from '../../platform/events/streams.ts'
import { accessErrors } from '../../platform/policy.ts'
import { listContacts, userStream } from '../accounts/index.ts'
import { peopleErrors } from '../people/index.ts'
import {
  conversationCreated,
  conversationMember,
  conversationRemoved,
  conversationStream,
  type MemberChange,
  type MemberRole,
} from './conversation.schema.ts'
import { type ConversationRow, insertMembers, lockConversation, type MemberRow } from './conversations.repository.ts'
import { conversationUrl, type MessagingDependencies, type Notice } from './dependencies.ts'
import { changeMemberCount, deleteMember, listBusiest, lockMembers } from './members.repository.ts'
import { findMessageAt } from './messages.repository.ts'
import { noConversation } from './messaging.errors.ts'

/** More would not be a conversation any more. */
const mostMembers: Readonly<Record<string, number>> = { direct: 2, group: 500, channel: 10_000 }
/** What one person can follow at once over a socket. */
const mostConversations = 1_000

const rank = (role: string): number => ['member', 'admin', 'owner'].indexOf(role)

/** Nobody acts on a peer or superior. */
export function assertAbove(actor: MemberRow, other: MemberRow): void {
  if (rank(actor.role) > rank(other.role)) return
  throw accessErrors.forbidden({ detail: 'Only somebody with a higher role in this conversation may do that' })
}

/** One gives roles below one’s own; owners give every one. */
export function assertMayGive(actor: MemberRow, role: MemberRole): void {
  if (actor.role === 'owner' || rank(actor.role) > rank(role)) return
  throw accessErrors.forbidden({ detail: 'Only owners of this conversation may give that role' })
}

export function assertAdministrator({ role }: { role: string }): void {
  if (rank(role) > 0) return
  throw accessErrors.forbidden({ detail: 'Only administrators of this conversation may do that' })
}

/** A group or channel with some of its members, locked: its membership changes only here until the transaction ends. */
export interface HeldRoom {
  conversation: ConversationRow
  actor: MemberRow
  /** The others asked for, of those who are members. */
  others: readonly MemberRow[]
}

/** Throws not_found for who is no member, state_conflict for a direct conversation. */
export async function holdRoom(
  { tx }: UnitOfWork,
  { dialect }: Pick<DatabaseHandle, 'dialect'>,
  conversationId: string,
  actorId: string,
  otherIds: readonly string[] = [],
): Promise<HeldRoom> {
  const wanted = [...new Set([actorId, ...otherIds])]
  let members = await lockMembers(tx, dialect, conversationId, wanted)
  const conversation = await lockConversation(tx, dialect, conversationId)
  // Somebody may have come in while we waited.
  if (members.length < wanted.length) members = await lockMembers(tx, dialect, conversationId, wanted)
  const actor = members.find((member) => member.user_id === actorId)
  if (!conversation || !actor) throw noConversation()
  assertNotDirect(conversation)
  return { conversation, actor, others: members.filter((member) => member !== actor) }
}

export function assertNotDirect({ kind }: Pick<ConversationRow, 'kind'>): void {
  if (kind !== 'direct') return
  throw platformErrors.state_conflict({ detail: 'A direct conversation stays between the two' })
}

/** Throws state_conflict when the conversation is full. */
export function assertRoomFor(kind: string, members: number): void {
  if (members <= (mostMembers[kind] ?? 0)) return
  throw platformErrors.state_conflict({ detail: `A ${kind} has at most ${mostMembers[kind]} members` })
}

/** Throws state_conflict when one of these people is in too many conversations. */
export async function assertNotTooMany(tx: Db, userIds: readonly string[]): Promise<void> {
  const busy = await listBusiest(tx, userIds, mostConversations)
  if (busy.length === 0) return
  const detail = `Nobody is in more than ${mostConversations} conversations`
  throw platformErrors.state_conflict({ detail, members: { user_ids: busy } })
}

/**
 * That one person may bring these others into a conversation. Throws not_found for people who do not exist for the actor,
 * messaging_not_allowed for those who do not want it; `user_ids` names them.
 */
export async function assertMayAdd(
  tx: Db,
  { relations }: Pick<MessagingDependencies, 'relations'>,
  actorId: string,
  userIds: readonly string[],
): Promise<void> {
  const contacts = await listContacts(tx, userIds)
  const known = contacts.filter(({ status, kind }) => status === 'active' && kind !== 'service').map(({ id }) => id)
  const { hidden, unwilling } = await relations.listUnreachable(tx, actorId, known)
  const missing = userIds.filter((id) => !known.includes(id) || hidden.includes(id))
  if (missing.length > 0) {
    throw platformErrors.not_found({ detail: 'There is no such user', members: { user_ids: missing } })
  }
  if (unwilling.length > 0) throw peopleErrors.messaging_not_allowed({ members: { user_ids: unwilling } })
}

interface Newcomer {
  userId: string
  role: MemberRole
  action: 'added' | 'joined'
  /** Who brought them in; null for who came by themselves. */
  by: string | null
}

/** Takes somebody into a locked conversation. Appends, so it is the last thing of its unit of work. */
export async function admit(
  uow: UnitOfWork,
  deps: Pick<MessagingDependencies, 'database' | 'notify'> & { now: Clock },
  conversation: ConversationRow,
  { userId, role, action, by }: Newcomer,
): Promise<void> {
  const { id } = conversation
  const at = deps.now().toISOString()
  assertRoomFor(conversation.kind, conversation.member_count + 1)
  await assertNotTooMany(uow.tx, [userId])
  await changeMemberCount(uow.tx, id, 1)
  const told = by === null ? [] : await deps.notify(uow, [invitation(id, userId, by)])
  const newest = await findMessageAt(uow.tx, deps.database.dialect, id, Number.MAX_SAFE_INTEGER)
  const from = await lockHead(uow.tx, deps.database.dialect, conversationStream(id))
  await uow.append([
    memberEvent(id, { userId, action, by, role }),
    {
      stream: userStream(userId),
      type: conversationCreated.type,
      refs: { conversation_id: id, user_id: userId, from },
    },
    ...told,
  ])
  const read = { last_read_seq: newest?.seq ?? 0, last_read_number: newest?.number ?? 0, last_read_at: null }
  const visible_from = conversation.history_open === 1 ? 0 : from
  await insertMembers(uow.tx, [
    {
      conversation_id: id,
      user_id: userId,
      role,
      joined_at: at,
      visible_from,
      ...read,
      delivered_seq: read.last_read_seq,
    },
  ])
}

/** Takes somebody out of a locked conversation; answers what is to be told. */
export async function dismiss(
  tx: Db,
  conversationId: string,
  gone: { userId: string; action: 'left' | 'removed' | 'banned'; by: string | null },
): Promise<NewEvent[]> {
  await deleteMember(tx, conversationId, gone.userId)
  await changeMemberCount(tx, conversationId, -1)
  return [memberEvent(conversationId, { ...gone, role: null }), removedEvent(conversationId, gone.userId)]
}

export const memberEvent = (
  conversationId: string,
  change: { userId: string; action: MemberChange['action']; by: string | null; role: MemberRole | null },
): NewEvent => ({
  stream: conversationStream(conversationId),
  type: conversationMember.type,
  refs: {
    conversation_id: conversationId,
    user_id: change.userId,
    action: change.action,
    by: change.by ?? '',
    role: change.role ?? '',
  },
})

const removedEvent = (conversationId: string, userId: string): NewEvent => ({
  stream: userStream(userId),
  type: conversationRemoved.type,
  refs: { conversation_id: conversationId, user_id: userId },
})

/** For who was brought in by somebody else. */
export const invitation = (conversationId: string, userId: string, by: string): Notice => ({
  userId,
  type: 'conversation_invite',
  actorId: by,
  target: { type: 'conversation', id: conversationId, url: conversationUrl(conversationId) },
  data: { conversation_id: conversationId },
})
