import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import { accessErrors } from '../../platform/policy.ts'
import { accountUpdated, lockUser, setMfaEnabled, type UserRow, userStream } from '../accounts/index.ts'
import type { AuditEntry, AuditService } from '../audit/index.ts'
import type { MailData, MailsService, MailTemplate, NewMail } from '../mails/index.ts'
import { demandsMfa, type SessionsService, sessionErrors } from '../sessions/index.ts'
import { deleteRecoveryCodes, findTotp, insertRecoveryCodes } from './factors.repository.ts'
import { countPasskeys } from './passkeys.repository.ts'
import { recoveryCodeHash } from './recovery-codes.ts'

export interface FactorChangesDependencies {
  database: DatabaseHandle
  sessions: SessionsService
  audit: AuditService
  mails: MailsService
  now: Clock
  requireMfa: 'off' | 'admins' | 'all'
}

/** A user whose factors are being changed: held, with what is there before. */
export interface Holder {
  user: UserRow
  hasTotp: boolean
  passkeys: number
}

/** What every change of second factors has in common: who may, in which order, and who is told. */
export class FactorChanges {
  readonly #deps: FactorChangesDependencies

  constructor(deps: FactorChangesDependencies) {
    this.#deps = deps
  }

  /**
   * First statement of a change: until the end of the transaction nobody else changes factors of this account. Throws
   * reauthentication_required where the account has a second factor and the session never showed one.
   */
  async begin(tx: Db, actor: Actor): Promise<Holder> {
    const user = await lockUser(tx, this.#deps.database.dialect, actor.userId)
    if (!user) throw sessionErrors.session_revoked()
    const hasTotp = Boolean((await findTotp(tx, user.id))?.confirmed_at)
    const passkeys = await countPasskeys(tx, user.id)
    if ((hasTotp || passkeys > 0) && actor.aal === 1) {
      throw accessErrors.reauthentication_required({
        detail: 'Confirm with your second factor first: POST /api/v1/auth/reauthenticate with a code or a passkey',
        members: { required_aal: 2 },
      })
    }
    return { user, hasTotp, passkeys }
  }

  isRequired(actor: Actor): boolean {
    return demandsMfa(this.#deps.requireMfa, actor.roles)
  }

  /** Throws state_conflict where the rules ask for a second factor and this is the only one. */
  assertNotLast(actor: Actor, { hasTotp, passkeys }: Holder): void {
    if (!this.isRequired(actor) || Number(hasTotp) + passkeys > 1) return
    throw platformErrors.state_conflict({
      detail: 'This account must keep a second factor; add another one before you remove this one',
    })
  }

  async replaceCodes(tx: Db, userId: string, codes: readonly string[]): Promise<void> {
    await deleteRecoveryCodes(tx, userId)
    await insertRecoveryCodes(tx, userId, codes.map(recoveryCodeHash))
    await this.#deps.audit.record(tx, { type: 'recovery_codes_created', userId })
  }

  /** Guests have no address. */
  async tell(uow: UnitOfWork, { user }: Holder, mail: NewMail): Promise<void> {
    if (user.kind === 'person') await this.#deps.mails.enqueue(uow, mail)
  }

  /**
   * Last part of a change: writes it down, tells the owner, and, where signing in is another thing than before, ends
   * the other sessions (security.md SE3).
   */
  async settle(
    uow: UnitOfWork,
    actor: Actor,
    holder: Holder,
    told: { audit: AuditEntry; mail: NewMail; endsOthers?: boolean },
  ): Promise<void> {
    const { audit, sessions, now } = this.#deps
    const { user, hasTotp, passkeys } = holder
    const wasEnabled = hasTotp || passkeys > 0
    const isEnabled =
      Boolean((await findTotp(uow.tx, user.id))?.confirmed_at) || (await countPasskeys(uow.tx, user.id)) > 0
    await audit.record(uow.tx, told.audit)
    await this.tell(uow, holder, told.mail)
    if (wasEnabled !== isEnabled) {
      const type = isEnabled ? 'mfa_enabled' : 'mfa_disabled'
      if (told.audit.type !== type) await audit.record(uow.tx, { ...told.audit, type })
      if (told.mail.template !== type) await this.tell(uow, holder, notice(user, type, {}))
      await setMfaEnabled(uow.tx, user.id, isEnabled, now().toISOString())
    }
    if (!isEnabled) await deleteRecoveryCodes(uow.tx, user.id)
    if (told.endsOthers || wasEnabled !== isEnabled) {
      await sessions.end(uow, { userId: user.id, except: actor.sessionId }, 'mfa_changed')
    }
    if (wasEnabled !== isEnabled) {
      await uow.append([{ stream: userStream(user.id), type: accountUpdated.type, refs: { user_id: user.id } }])
    }
  }
}

/** A mail to the owner of an account about their factors. */
export const notice = <Template extends MailTemplate>(
  user: UserRow,
  template: Template,
  data: Omit<MailData[Template], 'name'>,
): NewMail<Template> => ({
  to: user.email,
  template,
  data: { name: user.display_name ?? user.username, ...data } as MailData[Template],
  locale: user.locale,
  userId: user.id,
})
