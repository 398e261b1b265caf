import type { Actor } from '../../platform/actor.ts'
import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import type { AuditService } from '../audit/index.ts'
import type { MailsService } from '../mails/index.ts'
import { sessionErrors } from '../sessions/index.ts'
import { accountErrors } from './accounts.errors.ts'
import { findUser, type UserRow } from './accounts.repository.ts'
import { accountUpdated, type User } from './accounts.schema.ts'
import type { AccountsService } from './accounts.service.ts'
import { invalidFields, usernameProblem } from './identity.ts'
import { renameUser } from './life-cycle.repository.ts'
import type { OwnPassword } from './own-password.ts'
import { isNameFree, namingConflicts, userStream } from './registration.ts'
import { releaseName, reserveName } from './reserved-names.repository.ts'

export interface UsernameChangeDependencies {
  database: DatabaseHandle
  accounts: AccountsService
  ownPassword: OwnPassword
  mails: MailsService
  audit: AuditService
  limiter: RateLimiter
  now: Clock
}

/** Each change keeps a name from everybody else for a day. */
const changeLimit: Limit = { name: 'username-change', limit: 5, windowSeconds: 86_400 }
const reservedSeconds = 86_400

/** Another name for the same account. */
export class UsernameChangeService {
  readonly #deps: UsernameChangeDependencies

  constructor(deps: UsernameChangeDependencies) {
    this.#deps = deps
  }

  /** Throws validation_failed, current_password_incorrect, username_taken, rate_limited. */
  async change(actor: Actor, username: string, password: string | undefined): Promise<User> {
    const { database, accounts, ownPassword, limiter } = this.#deps
    const row = await findUser(database.db, actor.userId)
    if (!row) throw sessionErrors.session_revoked()
    if (row.kind !== 'person') throw platformErrors.state_conflict({ detail: 'A guest gets a name by becoming a user' })
    await ownPassword.assert(row, password)
    const problem = usernameProblem(username)
    if (problem) throw invalidFields([problem])
    if (username !== row.username) {
      assertAllowed(await limiter.take(changeLimit, row.id))
      await this.#rename(row, username)
    }
    return accounts.me(actor)
  }

  /** The former name stays out of reach of others for a day, so that nobody takes it to be taken for its owner. */
  async #rename(row: UserRow, username: string): Promise<void> {
    const { database, mails, audit, now } = this.#deps
    const key = username.toLowerCase()
    const at = now().toISOString()
    await namingConflicts(database.dialect, () =>
      database.unitOfWork(async (uow) => {
        if (key !== row.username_key) {
          if (!(await isNameFree(uow.tx, key, at, row.id))) throw accountErrors.username_taken()
          await releaseName(uow.tx, key)
          const ended = { expires_at: isoAfter(now(), reservedSeconds), held_by: row.id }
          await reserveName(
            uow.tx,
            { ...ended, username_key: row.username_key, email_key: null, password_hash: null },
            at,
          )
        }
        if (!(await renameUser(uow.tx, row, { username, username_key: key }, at))) {
          throw platformErrors.state_conflict({ detail: 'The name was changed meanwhile' })
        }
        await audit.record(uow.tx, { type: 'username_changed', userId: row.id })
        await mails.enqueue(uow, {
          to: row.email,
          template: 'username_changed',
          data: { name: row.display_name ?? row.username, username },
          locale: row.locale,
          userId: row.id,
        })
        await uow.append([{ stream: userStream(row.id), type: accountUpdated.type, refs: { user_id: row.id } }])
      }),
    )
  }
}
