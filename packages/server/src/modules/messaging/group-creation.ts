import type { Actor } from '../../platform/actor.ts'
import { createStream } from '../../platform/events/streams.ts'
import { newId } from '../../platform/ids.ts'
import { assertAllowed, type Limit } from '../../platform/limits/rate-limiter.ts'
import { userStream } from '../accounts/index.ts'
import { conversationCreated, conversationStream, type NewConversation } from './conversation.schema.ts'
import { insertConversation } from './conversations.repository.ts'
import type { MessagingDependencies } from './dependencies.ts'
import { assertMayAdd, assertNotTooMany, invitation } from './membership.ts'
import { invalid } from './messaging.errors.ts'

/** Each may tell a hundred people that they are in something new. */
const creationLimit: Limit = { name: 'new-conversations', limit: 60, windowSeconds: 3_600 }

/**
 * A new group or channel with its first members; the creator owns it. Answers its id. Throws validation_failed, not_found,
 * messaging_not_allowed, state_conflict, rate_limited.
 */
export async function createGroup(deps: MessagingDependencies, actor: Actor, input: NewConversation): Promise<string> {
  const { database, limiter, notify, now } = deps
  if (input.title === undefined) throw invalid('/title', 'required', 'Give it a title')
  if (input.username !== undefined) throw invalid('/username', 'unexpected', 'Send member_ids')
  if (input.public && input.kind !== 'channel') throw invalid('/public', 'unexpected', 'Only channels can be public')
  assertAllowed(await limiter.take(creationLimit, actor.userId))
  const at = now().toISOString()
  const id = newId()
  const otherIds = (input.member_ids ?? []).filter((userId) => userId !== actor.userId)
  const memberIds = [actor.userId, ...otherIds]
  const start = { visible_from: 0, last_read_seq: 0, last_read_number: 0, last_read_at: null }
  const members = memberIds.map((user_id, index) => ({
    ...start,
    conversation_id: id,
    user_id,
    role: index === 0 ? 'owner' : 'member',
    joined_at: at,
  }))
  const row = {
    id,
    kind: input.kind,
    title: input.title,
    description: input.description ?? null,
    is_public: input.public ? 1 : 0,
    history_open: input.history_open === false ? 0 : 1,
    posting: input.posting ?? 'members',
    direct_key: null,
    created_by: actor.userId,
    member_count: members.length,
    last_number: 0,
    last_message_at: null,
    created_at: at,
    updated_at: at,
    version: 1,
  }
  await database.unitOfWork(async (uow) => {
    await assertMayAdd(uow.tx, deps, actor.userId, otherIds)
    await assertNotTooMany(uow.tx, memberIds)
    await insertConversation(uow.tx, row, members)
    await createStream(uow.tx, conversationStream(id))
    const told = await notify(
      uow,
      otherIds.map((userId) => invitation(id, userId, actor.userId)),
    )
    await uow.append([
      ...memberIds.map((user_id) => ({
        stream: userStream(user_id),
        type: conversationCreated.type,
        refs: { conversation_id: id, user_id, from: 0 },
      })),
      ...told,
    ])
  })
  return id
}
