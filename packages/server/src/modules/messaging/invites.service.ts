import { createHash } from 'node:crypto'
import type { Actor } from '../../platform/actor.ts'
import { platformErrors } from '../../platform/errors.ts'
import { isId, newId, newToken } from '../../platform/ids.ts'
import { assertAllowed, type Limit } from '../../platform/limits/rate-limiter.ts'
import { memberOf } from './access.ts'
import type { CreatedInvite, Invite, InvitePreview, NewInvite } from './conversation.schema.ts'
import { type ConversationRow, findConversation, findMember, lockConversation } from './conversations.repository.ts'
import type { MessagingDependencies } from './dependencies.ts'
import { deleteInvite, findInvite, type InviteRow, insertInvite, listInvites, takeUse } from './invites.repository.ts'
import { findBan } from './members.repository.ts'
import { admit, assertAdministrator, assertNotDirect, holdRoom } from './membership.ts'
import { invalid, noInvitation } from './messaging.errors.ts'
import { renderShared } from './rendering.ts'
import { toTime } from './times.ts'

/** 192 bits: nobody comes upon one by trying. */
const codeBytes = 24
const mostInvites = 50
/** For codes that lead somewhere too: who tries many is guessing. */
const tryLimit: Limit = { name: 'invites', limit: 30, windowSeconds: 600 }

/** Links that let people into a group or channel. */
export class InvitesService {
  readonly #deps: MessagingDependencies

  constructor(deps: MessagingDependencies) {
    this.#deps = deps
  }

  /** The code is answered this once; only its hash is kept. Throws not_found, forbidden, validation_failed, state_conflict. */
  async create(actor: Actor, conversationId: string, input: NewInvite): Promise<CreatedInvite> {
    const { database, now, publicUrl } = this.#deps
    await memberOf(database.db, conversationId, actor.userId)
    const created_at = now().toISOString()
    const expires_at = input.expires_at === undefined ? null : toTime('/expires_at', input.expires_at)
    if (expires_at !== null && expires_at <= created_at) throw invalid('/expires_at', 'past', 'Name a time to come')
    const code = newToken(codeBytes)
    const invite: InviteRow = {
      id: newId(),
      conversation_id: conversationId,
      code_hash: hashOf(code),
      created_by: actor.userId,
      max_uses: input.max_uses ?? null,
      uses: 0,
      expires_at,
      created_at,
    }
    await database.unitOfWork(async (uow) => {
      const held = await holdRoom(uow, database, conversationId, actor.userId)
      assertAdministrator(held.actor)
      if ((await listInvites(uow.tx, conversationId, mostInvites)).length >= mostInvites) {
        throw platformErrors.state_conflict({ detail: `At most ${mostInvites} invitations; withdraw one first` })
      }
      await insertInvite(uow.tx, invite)
    })
    return { ...toInvite(invite), code, url: new URL(`/join#code=${code}`, publicUrl).href }
  }

  /** Throws not_found, not_a_member, forbidden. */
  async list(actor: Actor, conversationId: string): Promise<Invite[]> {
    const { db } = this.#deps.database
    const member = await memberOf(db, conversationId, actor.userId)
    assertNotDirect(member)
    assertAdministrator(member)
    return (await listInvites(db, conversationId, mostInvites)).map(toInvite)
  }

  /** Throws not_found, forbidden. */
  async withdraw(actor: Actor, conversationId: string, inviteId: string): Promise<void> {
    const { database } = this.#deps
    await memberOf(database.db, conversationId, actor.userId)
    await database.unitOfWork(async (uow) => {
      const held = await holdRoom(uow, database, conversationId, actor.userId)
      assertAdministrator(held.actor)
      const isGone = !isId(inviteId) || !(await deleteInvite(uow.tx, conversationId, inviteId))
      if (isGone) throw platformErrors.not_found({ detail: 'There is no such invitation' })
    })
  }

  /** What a code leads to. Throws gone, rate_limited. */
  async preview(actor: Actor, code: string): Promise<InvitePreview> {
    const { db } = this.#deps.database
    const { invite, conversation } = await this.#found(actor, code)
    const member = await findMember(db, conversation.id, actor.userId)
    if (!member && !this.#isOpen(invite)) throw noInvitation()
    if (!member && (await findBan(db, conversation.id, actor.userId))) throw noInvitation()
    return { conversation: renderShared(conversation), joined: member !== undefined }
  }

  /** Answers the conversation's id; who is a member already spends no use. Throws gone, state_conflict, rate_limited. */
  async join(actor: Actor, code: string): Promise<string> {
    const { database, now } = this.#deps
    const { userId } = actor
    const { invite } = await this.#found(actor, code)
    const id = invite.conversation_id
    await database.unitOfWork(async (uow) => {
      const conversation = await lockConversation(uow.tx, database.dialect, id)
      if (!conversation) throw noInvitation()
      if (await findMember(uow.tx, id, userId)) return
      if (await findBan(uow.tx, id, userId)) throw noInvitation()
      if (!(await takeUse(uow.tx, invite.id, now().toISOString()))) throw noInvitation()
      await admit(uow, this.#deps, conversation, { userId, role: 'member', action: 'joined', by: null })
    })
    return id
  }

  async #found(actor: Actor, code: string): Promise<{ invite: InviteRow; conversation: ConversationRow }> {
    const { database, limiter } = this.#deps
    assertAllowed(await limiter.take(tryLimit, actor.userId))
    const invite = await findInvite(database.db, hashOf(code))
    const conversation = invite && (await findConversation(database.db, invite.conversation_id))
    if (!invite || !conversation) throw noInvitation()
    return { invite, conversation }
  }

  #isOpen({ max_uses, uses, expires_at }: InviteRow): boolean {
    const isUsedUp = max_uses !== null && uses >= max_uses
    return !isUsedUp && (expires_at === null || expires_at > this.#deps.now().toISOString())
  }
}

const hashOf = (code: string): string => createHash('sha256').update(code).digest('hex')

const toInvite = ({ id, created_by, max_uses, uses, expires_at, created_at }: InviteRow): Invite => ({
  id,
  created_by,
  max_uses,
  uses,
  expires_at,
  created_at,
})
