import type { ClientInfo } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { AppError } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'
import { networkOf } from '../../platform/limits/network.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import {
  createExternalUser,
  externalEmailKey,
  findUser,
  handOver,
  listRoles,
  lockUserByEmail,
  type UserRow,
} from '../accounts/index.ts'
import type { AuditService } from '../audit/index.ts'
import type { MailsService } from '../mails/index.ts'
import { sessionErrors } from '../sessions/index.ts'
import { decideLinking } from './linking.ts'
import { oauthErrors } from './oauth.errors.ts'
import { deleteIdentities, findIdentity, insertIdentity, touchIdentity } from './oauth.repository.ts'
import type { ExternalIdentity, Provider } from './provider.ts'

export interface AccountLinkingDependencies {
  database: DatabaseHandle
  audit: AuditService
  mails: MailsService
  limiter: RateLimiter
  /** Ends everything else an account can be entered by: sessions, devices, keys, factors, mailed links. */
  surrender(uow: UnitOfWork, userId: string): Promise<void>
  now: Clock
}

type Vouched = { provider: Provider; identity: ExternalIdentity }

const attempts = 5
/** Identities nobody came with before make accounts, and tell whether an address has one. */
const newcomers: Limit = { name: 'oauth-new', limit: 10, windowSeconds: 600 }

/** Carries out what `decideLinking` says, in one transaction with the rows it was decided by. */
export class AccountLinking {
  readonly #deps: AccountLinkingDependencies

  constructor(deps: AccountLinkingDependencies) {
    this.#deps = deps
  }

  /** The account that an identity opens. Throws account_exists_link_first, rate_limited. */
  async resolve(vouched: Vouched, client: ClientInfo): Promise<string> {
    const { database, audit, limiter } = this.#deps
    const known = await findIdentity(database.db, keyOf(vouched.provider, vouched.identity))
    if (!known) assertAllowed(await limiter.take(newcomers, networkOf(client.ip)))
    const result = await this.#repeating(() => database.unitOfWork((uow) => this.#settle(uow, vouched)))
    if (result.refused) {
      const { provider, accountId } = result.refused
      const detail = { method: `oauth:${provider}`, reason: 'account_exists_link_first' }
      await database.unitOfWork(({ tx }) =>
        audit.record(tx, { type: 'login_failed', outcome: 'denied', userId: accountId, detail }),
      )
      throw oauthErrors.account_exists_link_first()
    }
    return result.userId
  }

  async #settle(uow: UnitOfWork, { provider, identity }: Vouched): Promise<Settled> {
    const { database, audit, now } = this.#deps
    const key = keyOf(provider, identity)
    const known = await findIdentity(uow.tx, key)
    const address = known ? undefined : externalEmailKey(identity.email)
    // Held, so that its address is not proved, or given up, while it is decided what having it is worth.
    const account = address === undefined ? undefined : await lockUserByEmail(uow.tx, database.dialect, address)
    const decision = decideLinking({
      identity: address === undefined ? { ...identity, emailVerified: false } : identity,
      trusted: provider.trusted,
      knownUserId: known?.user_id,
      account: account && {
        id: account.id,
        emailVerified: account.email_verified === 1,
        privileged: (await listRoles(uow.tx, account.id)).some((role) => role !== 'user'),
      },
    })
    switch (decision.kind) {
      case 'sign_in':
        if (known) await touchIdentity(uow.tx, known.id, { ...seenOf(identity), last_used_at: now().toISOString() })
        return { userId: decision.userId }
      case 'create': {
        const { email, name, username } = identity
        const row = await createExternalUser(
          uow,
          { email, emailVerified: decision.proved, usernames: [username, name], displayName: name },
          now,
        )
        const created = { type: 'user_created', userId: row.id, actorId: row.id } as const
        await audit.record(uow.tx, { ...created, detail: { method: `oauth:${provider.id}` } })
        await this.#insert(uow, row.id, { provider, identity }, {})
        return { userId: row.id }
      }
      case 'link': {
        if (!account) throw new Error('linked without an account')
        await this.#insert(uow, account.id, { provider, identity }, { by: 'verified_email' })
        await this.#mail(uow, account, 'identity_linked', provider)
        return { userId: account.id }
      }
      case 'claim': {
        if (!account) throw new Error('claimed without an account')
        await deleteIdentities(uow.tx, account.id)
        await handOver(uow, account, now)
        await this.#deps.surrender(uow, account.id)
        await this.#insert(uow, account.id, { provider, identity }, { by: 'claim' })
        // The name was chosen by whoever had the account before: the owner is not greeted with it.
        const greeted = { ...account, display_name: identity.name ?? null }
        await this.#mail(uow, greeted, 'account_claimed', provider)
        return { userId: account.id }
      }
      case 'refuse':
        return { refused: { provider: provider.id, accountId: account?.id } }
    }
  }

  /** For somebody who is signed in. Throws identity_linked_elsewhere. */
  async link(userId: string, vouched: Vouched): Promise<void> {
    const { database } = this.#deps
    await this.#repeating(() =>
      database.unitOfWork(async (uow) => {
        const row = await findUser(uow.tx, userId)
        if (!row) throw sessionErrors.session_revoked()
        const known = await findIdentity(uow.tx, keyOf(vouched.provider, vouched.identity))
        if (known && known.user_id !== userId) throw oauthErrors.identity_linked_elsewhere()
        if (known) return
        await this.#insert(uow, userId, vouched, { by: 'user' })
        await this.#mail(uow, row, 'identity_linked', vouched.provider)
      }),
    )
  }

  async #insert(
    uow: UnitOfWork,
    userId: string,
    { provider, identity }: Vouched,
    detail: { by?: 'verified_email' | 'claim' | 'user' },
  ): Promise<void> {
    const at = this.#deps.now().toISOString()
    const id = newId()
    await insertIdentity(uow.tx, {
      id,
      user_id: userId,
      ...keyOf(provider, identity),
      ...seenOf(identity),
      created_at: at,
      last_used_at: detail.by === 'user' ? null : at,
    })
    await this.#deps.audit.record(uow.tx, {
      type: 'identity_linked',
      userId,
      actorId: userId,
      resource: { type: 'identity', id },
      detail: { provider: provider.id, ...detail },
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
    const indexes = ['identities_provider_issuer_subject', 'users_username_key', 'users_email_key']
    if (error instanceof AppError) return error.code === 'email_taken' || error.code === 'username_taken'
    return indexes.some((index) => dialect.isUniqueViolation(error, index))
  }
}

type Settled =
  | { userId: string; refused?: never }
  | { userId?: never; refused: { provider: string; accountId: string | undefined } }

const keyOf = (provider: Provider, { issuer, subject }: ExternalIdentity) => ({
  provider: provider.id,
  issuer,
  subject,
})

const seenOf = ({ email, name, username }: ExternalIdentity) => ({
  email: oneLine(email, 320),
  display_name: oneLine(name ?? username, 200),
})

/** Text of a stranger that is kept and shown. */
const oneLine = (text: string | undefined, length: number): string | null =>
  text?.slice(0, length).replace(/\p{C}+/gu, ' ') ?? null
