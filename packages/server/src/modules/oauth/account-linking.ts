import type { ClientInfo } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { AppError } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'
import { networkOf } from '../../platform/limits/network.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import { accessErrors } from '../../platform/policy.ts'
import {
  externalEmailKey,
  findUser,
  type Holdings,
  handOver,
  listRoles,
  lockUserByEmail,
  type UserRow,
} from '../accounts/index.ts'
import type { AuditService } from '../audit/index.ts'
import type { MailsService } from '../mails/index.ts'
import { type SessionsService, sessionErrors } from '../sessions/index.ts'
import { decideLinking } from './linking.ts'
import type { Newcomers } from './newcomers.ts'
import { oauthErrors } from './oauth.errors.ts'
import { findIdentity, insertIdentity, touchIdentity } from './oauth.repository.ts'
import type { ExternalIdentity, Provider, Vouched } from './provider.ts'

export interface AccountLinkingDependencies {
  database: DatabaseHandle
  audit: AuditService
  mails: MailsService
  limiter: RateLimiter
  newcomers: Newcomers
  sessions: SessionsService
  /** What other rooms keep of an account. */
  holdings: Holdings
  now: Clock
}

/** The account, or, where an address must be proved first, what the browser that has to do it is known by. */
export type Resolved = { userId: string } | { waits: string }

const attempts = 5
/** Identities nobody came with before make accounts, and tell whether an address has one. */
const newcomersLimit: Limit = { name: 'oauth-new', limit: 10, windowSeconds: 600 }

/** Carries out what `decideLinking` says, in one transaction with the rows it was decided by. */
export class AccountLinking {
  readonly #deps: AccountLinkingDependencies

  constructor(deps: AccountLinkingDependencies) {
    this.#deps = deps
  }

  /** What an identity opens. Throws account_exists_link_first, email_missing, rate_limited. */
  async resolve(vouched: Vouched, client: ClientInfo): Promise<Resolved> {
    const { database, audit, limiter, newcomers } = this.#deps
    const known = await findIdentity(database.db, keyOf(vouched))
    if (!known) assertAllowed(await limiter.take(newcomersLimit, networkOf(client.ip)))
    const mayMail = known !== undefined || (await newcomers.mayMail(vouched.identity))
    const result = await this.#repeating(() => database.unitOfWork((uow) => this.#settle(uow, vouched, mayMail)))
    if (!('refused' in result)) return result
    const detail = { method: `oauth:${vouched.provider.id}`, reason: 'account_exists_link_first' }
    await database.unitOfWork(({ tx }) =>
      audit.record(tx, { type: 'login_failed', outcome: 'denied', userId: result.refused, detail }),
    )
    throw oauthErrors.account_exists_link_first()
  }

  async #settle(uow: UnitOfWork, vouched: Vouched, mayMail: boolean): Promise<Resolved | { refused: string }> {
    const { database, newcomers, now } = this.#deps
    const { provider, identity } = vouched
    const earlier = await findIdentity(uow.tx, keyOf(vouched))
    const address = earlier ? undefined : externalEmailKey(identity.email)
    // Held, so that its address is not proved, or given up, while it is decided what having it is worth.
    const account = address === undefined ? undefined : await lockUserByEmail(uow.tx, database.dialect, address)
    // Who held it before may have been the same person in another tab.
    const known = earlier ?? (account && (await findIdentity(uow.tx, keyOf(vouched))))
    const decision = decideLinking({
      identity: address === undefined ? { ...identity, emailVerified: false } : identity,
      trusted: provider.trusted,
      known,
      account,
      isPrivileged: account !== undefined && (await listRoles(uow.tx, account.id)).some((role) => role !== 'user'),
      proofRequired: newcomers.proofRequired,
    })
    switch (decision.kind) {
      case 'sign_in': {
        await touchIdentity(uow.tx, decision.known.id, { ...seenOf(identity), last_used_at: now().toISOString() })
        return { userId: decision.known.user_id }
      }
      case 'create': {
        const row = await newcomers.create(uow, vouched, decision.proved)
        await this.#insert(uow, row.id, vouched)
        return { userId: row.id }
      }
      case 'wait': {
        const { user, browser } = await newcomers.hold(uow, vouched, mayMail)
        if (user) await this.#insert(uow, user.id, vouched)
        return { waits: browser }
      }
      case 'link': {
        await this.#insert(uow, decision.account.id, vouched, 'verified_email')
        await this.#mail(uow, decision.account, 'identity_linked', provider)
        return { userId: decision.account.id }
      }
      case 'claim': {
        const { account: former } = decision
        await handOver(uow, former, now)
        await this.#surrender(uow, former.id)
        await this.#insert(uow, former.id, vouched, 'claim')
        // The name was chosen by whoever had the account before: the owner is not greeted with it.
        await this.#mail(uow, { ...former, display_name: identity.name ?? null }, 'account_claimed', provider)
        return { userId: former.id }
      }
      case 'refuse':
        return { refused: decision.account.id }
    }
  }

  /** Nothing that opened the account opens it any more. */
  async #surrender(uow: UnitOfWork, userId: string): Promise<void> {
    const { sessions, holdings } = this.#deps
    await sessions.end(uow, { userId }, 'revoked')
    await holdings.drop(uow, userId, ['devices', 'second_factors', 'identities', 'api_keys', 'notifications', 'files'])
  }

  /** Throws forbidden for guests, who have nothing to come back to yet. */
  async assertMayLink(userId: string): Promise<void> {
    const row = await findUser(this.#deps.database.db, userId)
    if (row?.kind === 'person') return
    throw accessErrors.forbidden({ detail: 'A guest becomes an account first: POST /api/v1/auth/guest/upgrade' })
  }

  /** For somebody who is signed in. Throws identity_linked_elsewhere. */
  async link(userId: string, vouched: Vouched): Promise<void> {
    const { database } = this.#deps
    await this.#repeating(() =>
      database.unitOfWork(async (uow) => {
        const row = await findUser(uow.tx, userId)
        if (!row) throw sessionErrors.session_revoked()
        const known = await findIdentity(uow.tx, keyOf(vouched))
        if (known && known.user_id !== userId) throw oauthErrors.identity_linked_elsewhere()
        if (known) return
        await this.#insert(uow, userId, vouched, 'user')
        await this.#mail(uow, row, 'identity_linked', vouched.provider)
      }),
    )
  }

  async #insert(
    uow: UnitOfWork,
    userId: string,
    vouched: Vouched,
    by?: 'verified_email' | 'claim' | 'user',
  ): Promise<void> {
    const at = this.#deps.now().toISOString()
    const id = newId()
    await insertIdentity(uow.tx, {
      id,
      user_id: userId,
      ...keyOf(vouched),
      ...seenOf(vouched.identity),
      created_at: at,
      last_used_at: by === 'user' ? null : at,
    })
    await this.#deps.audit.record(uow.tx, {
      type: 'identity_linked',
      userId,
      actorId: userId,
      resource: { type: 'identity', id },
      detail: { provider: vouched.provider.id, ...(by === undefined ? {} : { by }) },
    })
  }

  async #mail(
    uow: UnitOfWork,
    row: UserRow,
    template: 'identity_linked' | 'account_claimed',
    provider: Provider,
  ): Promise<void> {
    await this.#deps.mails.enqueue(uow, {
      to: row.email,
      template,
      data: { name: row.display_name ?? row.username, provider: provider.name },
      locale: row.locale,
      userId: row.id,
    })
  }

  /** Two sign-ins of one person at once: the unique index tells the later one, which then finds what the first made. */
  async #repeating<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        if (attempt === attempts || !this.#isRace(error)) throw error
      }
    }
  }

  #isRace(error: unknown): boolean {
    const { dialect } = this.#deps.database
    const indexes = [
      'identities_provider_issuer_subject',
      'users_username_key',
      'users_email_key',
      'reserved_names_pkey',
    ]
    if (error instanceof AppError) return error.code === 'email_taken' || error.code === 'username_taken'
    return indexes.some((index) => dialect.isUniqueViolation(error, index))
  }
}

const keyOf = ({ provider, identity: { issuer, subject } }: Vouched) => ({ provider: provider.id, issuer, subject })

const seenOf = ({ email, name, username }: ExternalIdentity) => ({
  email: oneLine(email, 320),
  display_name: oneLine(name ?? username, 200),
})

/** Text of a stranger that is kept and shown. */
const oneLine = (text: string | undefined, length: number): string | null =>
  text?.slice(0, length).replace(/\p{C}+/gu, ' ') ?? null
