import type { Actor } from '../../platform/actor.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import { platformErrors } from '../../platform/errors.ts'
import { lockUser } from '../accounts/index.ts'
import type { AuditService } from '../audit/index.ts'
import type { MailsService } from '../mails/index.ts'
import { sessionErrors } from '../sessions/index.ts'
import { twoFactorErrors } from '../two-factor/index.ts'
import { deleteIdentities, type IdentityRow, listIdentities } from './oauth.repository.ts'
import type { LinkedIdentity } from './oauth.schema.ts'
import type { Provider } from './provider.ts'

export interface IdentitiesDependencies {
  database: DatabaseHandle
  audit: AuditService
  mails: MailsService
  providers: ReadonlyMap<string, Provider>
  /** How many ways into the account there are besides its identities. */
  otherLoginMethods(tx: Db, userId: string): Promise<number>
}

/** The identities that open an account, as its owner sees them. */
export class IdentitiesService {
  readonly #deps: IdentitiesDependencies

  constructor(deps: IdentitiesDependencies) {
    this.#deps = deps
  }

  async list(actor: Actor): Promise<LinkedIdentity[]> {
    const rows = await listIdentities(this.#deps.database.db, actor.userId)
    return rows.map(({ id, provider, email, display_name, created_at, last_used_at }) => ({
      id,
      provider,
      provider_name: this.#nameOf(provider),
      email,
      name: display_name,
      created_at,
      last_used_at,
    }))
  }

  /** Throws not_found, last_login_method. */
  async unlink(actor: Actor, id: string): Promise<void> {
    const { database, audit, mails } = this.#deps
    await database.unitOfWork(async (uow) => {
      // Held: of two ways in that are taken away at once, the second must see that the first is gone.
      const row = await lockUser(uow.tx, database.dialect, actor.userId)
      if (!row) throw sessionErrors.session_revoked()
      const identities = await listIdentities(uow.tx, actor.userId)
      const identity = identities.find((candidate) => candidate.id === id)
      if (!identity) throw platformErrors.not_found({ detail: 'There is no such identity' })
      const others = identities.filter((candidate) => candidate !== identity && this.#isUsable(candidate))
      if (others.length + (await this.#deps.otherLoginMethods(uow.tx, actor.userId)) === 0) {
        throw twoFactorErrors.last_login_method()
      }
      await deleteIdentities(uow.tx, actor.userId, id)
      await audit.record(uow.tx, {
        type: 'identity_unlinked',
        userId: actor.userId,
        resource: { type: 'identity', id },
        detail: { provider: identity.provider },
      })
      await mails.enqueue(uow, {
        to: row.email,
        template: 'identity_unlinked',
        data: { name: row.display_name ?? row.username, provider: this.#nameOf(identity.provider) },
        locale: row.locale,
        userId: row.id,
      })
    })
  }

  /** For other rooms that take a way in away: how many identities would still open the account. */
  async countUsable(tx: Db, userId: string): Promise<number> {
    return (await listIdentities(tx, userId)).filter((identity) => this.#isUsable(identity)).length
  }

  /** One of a provider that is no longer set up opens nothing. */
  #isUsable({ provider }: IdentityRow): boolean {
    return this.#deps.providers.has(provider)
  }

  #nameOf(provider: string): string {
    return this.#deps.providers.get(provider)?.name ?? provider
  }

  /** With the account, in the caller's transaction. */
  async removeAll(tx: Db, userId: string): Promise<void> {
    await deleteIdentities(tx, userId)
  }
}
