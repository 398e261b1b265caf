import type { Actor } from '../../platform/actor.ts'
import { pause } from '../../platform/db/time-limit.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { lockHead, type NewEvent } from '../../platform/events/streams.ts'
import { accessErrors } from '../../platform/policy.ts'
import { userStream } from '../accounts/index.ts'
import { memberOf } from './access.ts'
import { attachmentIds, attachmentUse } from './attachments.ts'
import { conversationRemoved, conversationStream, conversationUpdated } from './conversation.schema.ts'
import { pictureUse } from './conversation-pictures.service.ts'
import { findMemberForUpdate, lockConversation, updateConversation, updateMember } from './conversations.repository.ts'
import {
  deleteConversation,
  deleteMembershipsOf,
  deleteMessages,
  deleteOwnMarks,
  endConversations,
  listEnded,
  listHeirs,
  lockMembershipsOf,
  lockPlaces,
  makeOwners,
} from './departures.repository.ts'
import type { MessagingDependencies } from './dependencies.ts'
import { countOwners, lockAllMembers, lockConversations } from './members.repository.ts'
import { dismiss, holdRoom, memberEvent } from './membership.ts'
import { findMessageAt } from './messages.repository.ts'
import { lastOwner, noConversation } from './messaging.errors.ts'

const messagesPerBatch = 500
const conversationsPerBatch = 20
/** Every instance has told the end of a conversation long before its stream goes. */
const purgeAfterMs = 60_000

/** How conversations end: for one person, for all, and with an account. */
export class Departures {
  readonly #deps: MessagingDependencies

  constructor(deps: MessagingDependencies) {
    this.#deps = deps
  }

  /** A direct conversation is put away and emptied for oneself. Throws not_found, not_a_member, state_conflict. */
  async leave(actor: Actor, conversationId: string): Promise<void> {
    const { database } = this.#deps
    const { userId } = actor
    const { kind } = await memberOf(database.db, conversationId, userId)
    if (kind === 'direct') return this.#putAway(userId, conversationId)
    await database.unitOfWork(async (uow) => {
      const held = await holdRoom(uow, database, conversationId, userId)
      // Who leaves an empty house locks it up.
      if (held.conversation.member_count === 1) {
        await uow.append(await this.#end(uow, [conversationId]))
        return
      }
      const isLast = held.actor.role === 'owner' && (await countOwners(uow.tx, conversationId)) === 1
      if (isLast) throw lastOwner()
      await uow.append(await dismiss(uow.tx, conversationId, { userId, action: 'left', by: userId }))
    })
  }

  /** By an owner. Throws not_found, not_a_member, forbidden. */
  async endForAll(actor: Actor, conversationId: string): Promise<void> {
    const { database } = this.#deps
    const { kind } = await memberOf(database.db, conversationId, actor.userId)
    if (kind === 'direct') throw accessErrors.forbidden({ detail: 'A direct conversation is deleted for oneself only' })
    await database.unitOfWork(async (uow) => {
      await lockAllMembers(uow.tx, database.dialect, conversationId)
      const held = await holdRoom(uow, database, conversationId, actor.userId)
      if (held.actor.role !== 'owner') {
        throw accessErrors.forbidden({ detail: 'Only its owners delete a conversation for all' })
      }
      await uow.append(await this.#end(uow, [conversationId]))
    })
  }

  /** Removes what is left of conversations that ended; answers how many. */
  async purge(): Promise<number> {
    const { database, now } = this.#deps
    const before = new Date(now().getTime() - purgeAfterMs).toISOString()
    for (let purged = 0; ; ) {
      const ids = await listEnded(database.db, before, conversationsPerBatch)
      if (ids.length === 0) return purged
      for (const id of ids) await this.#purgeOne(id)
      purged += ids.length
    }
  }

  /** The account is erased: it leaves everywhere, and who stays has an owner. Answers what is to be told. */
  async leaveAll(uow: UnitOfWork, userId: string): Promise<NewEvent[]> {
    const { dialect } = this.#deps.database
    const { tx } = uow
    await deleteOwnMarks(tx, userId)
    const memberships = await lockMembershipsOf(tx, dialect, userId)
    const ids = memberships.map(({ conversation_id }) => conversation_id)
    const owned = memberships.filter(({ role }) => role === 'owner').map(({ conversation_id }) => conversation_id)
    // Members are locked before conversations; who inherits is decided when both are.
    await lockPlaces(tx, dialect, await listHeirs(tx, userId, owned))
    const conversations = await lockConversations(tx, dialect, ids)
    const heirs = await listHeirs(tx, userId, owned)
    await makeOwners(tx, heirs)
    await deleteMembershipsOf(tx, userId, ids)
    const empty = conversations.filter(({ member_count }) => member_count === 1).map(({ id }) => id)
    const others = ids.filter((id) => !empty.includes(id))
    return [
      ...(await this.#end(uow, empty)),
      ...others.map((id) => memberEvent(id, { userId, action: 'left', by: userId, role: null })),
      ...heirs.flatMap(({ conversation_id, user_id }) => [
        memberEvent(conversation_id, { userId: user_id, action: 'role', by: null, role: 'owner' }),
        { stream: userStream(user_id), type: conversationUpdated.type, refs: { conversation_id, user_id } },
      ]),
    ]
  }

  async #putAway(userId: string, conversationId: string): Promise<void> {
    const { database, now } = this.#deps
    await database.unitOfWork(async (uow) => {
      const member = await findMemberForUpdate(uow.tx, database.dialect, conversationId, userId)
      const conversation = await lockConversation(uow.tx, database.dialect, conversationId)
      if (!member || !conversation) throw noConversation()
      await updateConversation(uow.tx, conversationId, { has_archived: 1 })
      const newest = await findMessageAt(uow.tx, database.dialect, conversationId, Number.MAX_SAFE_INTEGER)
      const read = newest ? { last_read_seq: newest.seq, last_read_number: newest.number } : {}
      const head = await lockHead(uow.tx, database.dialect, conversationStream(conversationId))
      const own = { conversationId, userId }
      await updateMember(uow.tx, own, { visible_from: head, archived_at: now().toISOString(), ...read })
      const refs = { conversation_id: conversationId, user_id: userId }
      await uow.append([{ stream: userStream(userId), type: conversationUpdated.type, refs }])
    })
  }

  /** They are locked. */
  async #end({ tx }: UnitOfWork, ids: readonly string[]): Promise<NewEvent[]> {
    await endConversations(tx, ids, this.#deps.now().toISOString())
    return ids.map((id) => ({
      stream: conversationStream(id),
      type: conversationRemoved.type,
      refs: { conversation_id: id },
    }))
  }

  async #purgeOne(id: string): Promise<void> {
    const { database, files } = this.#deps
    for (;;) {
      const deleted = await database.unitOfWork(async (uow) => {
        const rows = await deleteMessages(uow.tx, id, messagesPerBatch)
        await files.uses.release(uow, attachmentUse(id), rows.flatMap(attachmentIds))
        return rows.length
      })
      if (deleted < messagesPerBatch) break
      // SQLite answers without ever letting anybody else have a turn.
      await pause(0)
    }
    await database.unitOfWork(async (uow) => {
      await files.uses.release(uow, pictureUse(id))
      await deleteConversation(uow.tx, id)
    })
  }
}
