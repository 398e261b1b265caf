import type { Actor } from '../../platform/actor.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { NewEvent } from '../../platform/events/streams.ts'
import { userStream } from '../accounts/index.ts'
import { memberOf } from './access.ts'
import { type ConversationChange, conversationStream, conversationUpdated } from './conversation.schema.ts'
import {
  findConversation,
  findMemberForUpdate,
  lockConversation,
  updateConversation,
  updateMember,
} from './conversations.repository.ts'
import type { MessagingDependencies } from './dependencies.ts'
import { assertAdministrator, assertNotDirect } from './membership.ts'
import { invalid, noConversation } from './messaging.errors.ts'
import { toTime } from './times.ts'

/** Changing what all members share, and how one sees a conversation oneself. */
export class ConversationChanges {
  readonly #deps: MessagingDependencies

  constructor(deps: MessagingDependencies) {
    this.#deps = deps
  }

  /** Throws not_found, forbidden, precondition_failed, state_conflict, validation_failed. */
  async change(actor: Actor, id: string, change: ConversationChange, expectedVersion?: number): Promise<void> {
    const { database, now } = this.#deps
    const { userId } = actor
    await memberOf(database.db, id, userId)
    const shared = sharedColumns(change)
    const own = ownColumns(change, now().toISOString())
    await database.unitOfWork(async (uow) => {
      const member = await findMemberForUpdate(uow.tx, database.dialect, id, userId)
      const touchesRoom = shared !== undefined || change.archived === true || expectedVersion !== undefined
      const conversation = touchesRoom
        ? await lockConversation(uow.tx, database.dialect, id)
        : await findConversation(uow.tx, id)
      if (!member || !conversation) throw noConversation()
      if (expectedVersion !== undefined && expectedVersion !== conversation.version) {
        throw platformErrors.precondition_failed()
      }
      const events: NewEvent[] = []
      if (shared) {
        assertNotDirect(conversation)
        assertAdministrator(member)
        if (shared.is_public === 1 && conversation.kind !== 'channel') {
          throw invalid('/public', 'unexpected', 'Only channels can be public')
        }
        const version = conversation.version + 1
        await updateConversation(uow.tx, id, { ...shared, version, updated_at: now().toISOString() })
        events.push({ stream: conversationStream(id), type: conversationUpdated.type, refs: { conversation_id: id } })
      }
      if (own) {
        if (change.archived === true) await updateConversation(uow.tx, id, { has_archived: 1 })
        await updateMember(uow.tx, { conversationId: id, userId }, own)
        const refs = { conversation_id: id, user_id: userId }
        events.push({ stream: userStream(userId), type: conversationUpdated.type, refs })
      }
      await uow.append(events)
    })
  }
}

function sharedColumns({ title, description, public: isPublic, history_open, posting }: ConversationChange) {
  const columns = {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(isPublic === undefined ? {} : { is_public: isPublic ? 1 : 0 }),
    ...(history_open === undefined ? {} : { history_open: history_open ? 1 : 0 }),
    ...(posting === undefined ? {} : { posting }),
  }
  return Object.keys(columns).length === 0 ? undefined : columns
}

function ownColumns({ muted_until, pinned, archived }: ConversationChange, at: string) {
  const columns = {
    ...(muted_until === undefined
      ? {}
      : { muted_until: muted_until === null ? null : toTime('/muted_until', muted_until) }),
    ...(pinned === undefined ? {} : { pinned_at: pinned ? at : null }),
    ...(archived === undefined ? {} : { archived_at: archived ? at : null }),
  }
  return Object.keys(columns).length === 0 ? undefined : columns
}
