import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { AuditService } from '../audit/index.ts'
import type { MailsService } from '../mails/index.ts'
import type { OneTimeTokens } from '../one-time/index.ts'
import { type SessionsService, sessionErrors } from '../sessions/index.ts'
import { accountErrors } from './accounts.errors.ts'
import { findUser, type UserRow } from './accounts.repository.ts'
import { accountUpdated, type PasswordChange } from './accounts.schema.ts'
import { replacePassword } from './life-cycle.repository.ts'
import type { MailedProofs } from './mailed-proofs.ts'
import type { OwnPassword } from './own-password.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { assertPassword, type PasswordPolicy } from './password-policy.ts'
import { passwordReset } from './password-reset.service.ts'
import { userStream } from './registration.ts'

export interface PasswordChangeDependencies {
  database: DatabaseHandle
  oneTime: OneTimeTokens
  proofs: MailedProofs
  ownPassword: OwnPassword
  sessions: SessionsService
  mails: MailsService
  audit: AuditService
  hasher: PasswordHasher
  policy: PasswordPolicy
  now: Clock
}

/** A person's own password, changed by themselves. */
export class PasswordChangeService {
  readonly #deps: PasswordChangeDependencies

  constructor(deps: PasswordChangeDependencies) {
    this.#deps = deps
  }

  /** Ends every other session. Throws current_password_incorrect, account_locked, validation_failed. */
  async change(actor: Actor, input: PasswordChange): Promise<void> {
    const row = await this.#own(actor)
    await this.#deps.ownPassword.verify(row, input.current_password)
    await this.#replace(actor, row, input.new_password, input.keep_other_sessions ?? false)
  }

  /** The first one, for who has signed in by other means so far. Throws state_conflict, validation_failed. */
  async set(actor: Actor, password: string): Promise<void> {
    const row = await this.#own(actor)
    if (row.password_hash !== null) {
      throw platformErrors.state_conflict({ detail: 'This account has a password; change it with the current one' })
    }
    if (row.kind !== 'person') {
      throw platformErrors.state_conflict({ detail: 'A guest gets a password by becoming a user' })
    }
    await this.#replace(actor, row, password, false)
  }

  async #own(actor: Actor): Promise<UserRow> {
    const row = await findUser(this.#deps.database.db, actor.userId)
    if (!row) throw sessionErrors.session_revoked()
    return row
  }

  async #replace(actor: Actor, row: UserRow, password: string, keepOthers: boolean): Promise<void> {
    const { database, oneTime, proofs, sessions, mails, audit, hasher, policy, now } = this.#deps
    await assertPassword(password, row, policy, '/new_password')
    const passwordHash = await hasher.hash(password)
    const isFirst = row.password_hash === null
    await database.unitOfWork(async (uow) => {
      // Somebody else changed it while this one was being hashed: then the one that was typed is no longer right.
      if (!(await replacePassword(uow.tx, row, passwordHash, now().toISOString()))) {
        throw isFirst ? platformErrors.state_conflict() : accountErrors.current_password_incorrect()
      }
      if (!keepOthers) await sessions.end(uow, { userId: row.id, except: actor.sessionId }, 'password_changed')
      await oneTime.revoke(uow.tx, passwordReset, proofs.subjectOf(row.email_key))
      await audit.record(uow.tx, { type: 'password_changed', userId: row.id, detail: { first: isFirst } })
      await mails.enqueue(uow, {
        to: row.email,
        template: isFirst ? 'password_set' : 'password_changed',
        data: { name: row.display_name ?? row.username },
        locale: row.locale,
        userId: row.id,
      })
      await uow.append([{ stream: userStream(row.id), type: accountUpdated.type, refs: { user_id: row.id } }])
    })
  }
}
