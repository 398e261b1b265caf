import type { Actor } from '../../platform/actor.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { assertAllowed, type Limit } from '../../platform/limits/rate-limiter.ts'
import { type Avatar, renderAvatar } from '../files/index.ts'
import { memberOf } from './access.ts'
import { conversationStream, conversationUpdated } from './conversation.schema.ts'
import { type ConversationRow, updateConversation } from './conversations.repository.ts'
import type { MessagingDependencies } from './dependencies.ts'
import { assertAdministrator, assertNotDirect, holdRoom } from './membership.ts'

const limit: Limit = { name: 'pictures', limit: 30, windowSeconds: 600 }

export const pictureUse = (conversationId: string) => ({ kind: 'conversation', usedBy: conversationId })

/** The picture of a group or channel, which its administrators choose. */
export class ConversationPictures {
  readonly #deps: MessagingDependencies

  constructor(deps: MessagingDependencies) {
    this.#deps = deps
  }

  /** Throws not_found, not_a_member, forbidden, state_conflict, and what a picture is refused for. */
  async set(actor: Actor, id: string, bytes: Buffer): Promise<Avatar> {
    const { database, files, limiter } = this.#deps
    await this.#assertMay(actor, id)
    assertAllowed(await limiter.take(limit, actor.userId))
    const upload = { ownerId: actor.userId, purpose: 'conversation_picture' } as const
    const { staged, facts } = await files.pictures.stageFace(upload, bytes)
    try {
      return await database.unitOfWork(async (uow) => {
        const conversation = await this.#hold(uow, actor, id)
        const file = await files.uploads.admit(uow, staged, facts)
        await files.uses.retain(uow.tx, [file.id], pictureUse(id))
        await this.#change(uow, conversation, file.id)
        return renderAvatar(file.id) as Avatar
      })
    } catch (error) {
      await files.uploads.discard(staged)
      throw error
    }
  }

  /** Again is harmless. Throws as above. */
  async remove(actor: Actor, id: string): Promise<void> {
    await this.#assertMay(actor, id)
    await this.#deps.database.unitOfWork(async (uow) => {
      const conversation = await this.#hold(uow, actor, id)
      if (conversation.picture_file_id !== null) await this.#change(uow, conversation, null)
    })
  }

  /** Before anything is done with the bytes. */
  async #assertMay({ userId }: Actor, id: string): Promise<void> {
    const member = await memberOf(this.#deps.database.db, id, userId)
    assertNotDirect(member)
    assertAdministrator(member)
  }

  async #hold(uow: UnitOfWork, { userId }: Actor, id: string): Promise<ConversationRow> {
    const { conversation, actor } = await holdRoom(uow, this.#deps.database, id, userId)
    assertAdministrator(actor)
    return conversation
  }

  async #change(uow: UnitOfWork, row: ConversationRow, fileId: string | null): Promise<void> {
    const { files, now } = this.#deps
    const change = { picture_file_id: fileId, version: row.version + 1, updated_at: now().toISOString() }
    await updateConversation(uow.tx, row.id, change)
    if (row.picture_file_id !== null) await files.uses.release(uow, pictureUse(row.id), [row.picture_file_id])
    const refs = { conversation_id: row.id }
    await uow.append([{ stream: conversationStream(row.id), type: conversationUpdated.type, refs }])
  }
}
