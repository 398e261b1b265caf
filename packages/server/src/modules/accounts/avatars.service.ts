import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import type { AuditService } from '../audit/index.ts'
import { type Avatar, type FilesService, renderAvatar } from '../files/index.ts'
import { sessionErrors } from '../sessions/index.ts'
import { changeUser, listAvatars, lockUser, type UserRow } from './accounts.repository.ts'
import { accountUpdated } from './accounts.schema.ts'
import { userStream } from './registration.ts'

interface AvatarsDependencies {
  database: DatabaseHandle
  files: FilesService
  limiter: RateLimiter
  audit: AuditService
  now: Clock
}

const limit: Limit = { name: 'pictures', limit: 30, windowSeconds: 600 }
const useOf = (userId: string) => ({ kind: 'avatar', usedBy: userId })

/** The pictures of people: made anew from what they send, one at a time. */
export class AvatarsService {
  readonly #deps: AvatarsDependencies

  constructor(deps: AvatarsDependencies) {
    this.#deps = deps
    // Whoever may read files at all sees the faces of people.
    deps.files.readers.add('avatar', (_actor, ids) => listAvatars(deps.database.db, ids))
    deps.files.holders.add('avatar', async ({ tx }, fileId, userId) => {
      const user = await lockUser(tx, deps.database.dialect, userId)
      if (user?.avatar_file_id !== fileId) return []
      await changeUser(tx, user, { avatar_file_id: null }, deps.now())
      return [changeOf(user)]
    })
  }

  /** Throws file_type_not_allowed, file_too_large, quota_exceeded, rate_limited, busy. */
  async set({ userId }: Actor, bytes: Buffer): Promise<Avatar> {
    const { database, files, limiter } = this.#deps
    assertAllowed(await limiter.take(limit, userId))
    const { staged, facts } = await files.pictures.stageFace({ ownerId: userId, purpose: 'avatar' }, bytes)
    try {
      return await database.unitOfWork(async (uow) => {
        const user = await this.#lock(uow, userId)
        const file = await files.uploads.admit(uow, staged, facts)
        await files.uses.retain(uow.tx, [file.id], useOf(userId))
        await this.#change(uow, user, file.id)
        return renderAvatar(file.id) as Avatar
      })
    } catch (error) {
      await files.uploads.discard(staged)
      throw error
    }
  }

  /** Again is harmless. */
  async remove({ userId }: Actor): Promise<void> {
    await this.#deps.database.unitOfWork(async (uow) => {
      const user = await this.#lock(uow, userId)
      if (user.avatar_file_id !== null) await this.#change(uow, user, null)
    })
  }

  async #lock(uow: UnitOfWork, userId: string): Promise<UserRow> {
    const user = await lockUser(uow.tx, this.#deps.database.dialect, userId)
    if (!user) throw sessionErrors.session_revoked()
    return user
  }

  async #change(uow: UnitOfWork, user: UserRow, fileId: string | null): Promise<void> {
    const { files, audit, now } = this.#deps
    await changeUser(uow.tx, user, { avatar_file_id: fileId }, now())
    if (user.avatar_file_id !== null) await files.uses.release(uow, useOf(user.id), [user.avatar_file_id])
    await audit.record(uow.tx, { type: 'user_updated', userId: user.id, detail: { fields: ['avatar'] } })
    await uow.append([changeOf(user)])
  }
}

const changeOf = ({ id }: UserRow) => ({ stream: userStream(id), type: accountUpdated.type, refs: { user_id: id } })
