import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import {
  createServiceUser,
  findServiceUser,
  invalidFields,
  listRolesOf,
  listServiceUsers,
  lockUser,
  namingConflicts,
  retireServiceUser,
  type UserRow,
} from '../accounts/index.ts'
import type { ApiKey, ApiKeysService, IssuedApiKey, KeyOwner, NewApiKey } from '../api-keys/index.ts'
import type { AdminReads, AuditService } from '../audit/index.ts'
import type { RoleCatalogue } from '../roles/index.ts'
import { userStateChanged } from '../sessions/index.ts'
import type { NewServiceAccount, ServiceAccount } from './service-accounts.schema.ts'

export interface ServiceAccountsDependencies {
  database: DatabaseHandle
  roles: RoleCatalogue
  keys: ApiKeysService
  audit: AuditService
  adminReads: AdminReads
  bus: EventBus
  now: Clock
}

const maxAccounts = 500

/** Accounts of programs. Nobody makes one, or a key of one, that may more than they may themselves. */
export class ServiceAccountsService {
  readonly #deps: ServiceAccountsDependencies

  constructor(deps: ServiceAccountsDependencies) {
    this.#deps = deps
  }

  async list(actor: Actor): Promise<ServiceAccount[]> {
    const { database, adminReads } = this.#deps
    await adminReads.note(actor, 'service_accounts')
    const rows = await listServiceUsers(database.db)
    return this.#toAnswers(rows)
  }

  async get(actor: Actor, id: string): Promise<ServiceAccount> {
    await this.#deps.adminReads.note(actor, 'service_accounts')
    return this.#answer(await this.#find(id))
  }

  /** Throws validation_failed, username_taken, forbidden for roles above the rights of the actor, state_conflict. */
  async create(actor: Actor, input: NewServiceAccount): Promise<ServiceAccount> {
    const { database, roles, audit, now } = this.#deps
    const given = [...new Set(input.roles ?? ['user'])].sort()
    const row = await namingConflicts(database.dialect, () =>
      database.unitOfWork(async (uow) => {
        const unknown = await roles.lockForUse(uow.tx, given)
        if (unknown.length > 0) {
          const message = `There is no role ${unknown.join(', ')}`
          throw invalidFields([{ pointer: '/roles', code: 'unknown_role', message }])
        }
        await roles.assertWithinRights(uow.tx, actor, given)
        if ((await listServiceUsers(uow.tx)).length >= maxAccounts) {
          throw platformErrors.state_conflict({ detail: `There can be ${maxAccounts} of them; delete one first` })
        }
        const made = await createServiceUser(
          uow,
          { username: input.name, description: input.description ?? '', roles: given },
          now,
        )
        const about = { userId: made.id, resource: { type: 'user', id: made.id } }
        await audit.record(uow.tx, { type: 'user_created', ...about, detail: { kind: 'service' } })
        await audit.record(uow.tx, { type: 'role_assigned', ...about, detail: { roles: given } })
        return made
      }),
    )
    return this.#answer(row)
  }

  /** Its keys stop working at once. Throws not_found, forbidden for one that may more than the actor. */
  async delete(actor: Actor, id: string): Promise<void> {
    const { database, roles, keys, audit, bus, now } = this.#deps
    await database.unitOfWork(async (uow) => {
      const row = await lockUser(uow.tx, database.dialect, id)
      if (row?.kind !== 'service' || row.status === 'deactivated') throw noSuchAccount()
      const held = (await listRolesOf(uow.tx, [id])).get(id) ?? []
      await roles.assertWithinRights(uow.tx, actor, held)
      await keys.revokeAll(uow, id)
      await retireServiceUser(uow.tx, row, now)
      await audit.record(uow.tx, {
        type: 'user_deleted',
        userId: id,
        resource: { type: 'user', id },
        detail: { kind: 'service', name: row.username },
      })
      uow.afterCommit(() => bus.publish(userStateChanged, { userId: id }))
    })
  }

  async listKeys(actor: Actor, id: string): Promise<ApiKey[]> {
    await this.#deps.adminReads.note(actor, 'service_accounts')
    return this.#deps.keys.list({ userId: (await this.#find(id)).id })
  }

  async createKey(actor: Actor, id: string, input: NewApiKey): Promise<IssuedApiKey> {
    return this.#deps.keys.create(actor, await this.#owner(id), input)
  }

  async rotateKey(actor: Actor, id: string, keyId: string, expectedVersion?: number): Promise<IssuedApiKey> {
    return this.#deps.keys.rotate(actor, await this.#owner(id), keyId, expectedVersion)
  }

  /** Whoever sees that a key is in the wrong hands may end it, whatever it opens. */
  async revokeKey(id: string, keyId: string, expectedVersion?: number): Promise<void> {
    await this.#deps.keys.revoke({ userId: (await this.#find(id)).id }, keyId, expectedVersion)
  }

  async #find(id: string): Promise<UserRow> {
    const row = await findServiceUser(this.#deps.database.db, id)
    if (!row) throw noSuchAccount()
    return row
  }

  async #owner(id: string): Promise<KeyOwner> {
    const { permissions } = await this.#answer(await this.#find(id))
    return { userId: id, permissions }
  }

  async #answer(row: UserRow): Promise<ServiceAccount> {
    const [answer] = await this.#toAnswers([row])
    if (!answer) throw noSuchAccount()
    return answer
  }

  async #toAnswers(rows: readonly UserRow[]): Promise<ServiceAccount[]> {
    const { database, roles } = this.#deps
    const held = await listRolesOf(
      database.db,
      rows.map((row) => row.id),
    )
    return Promise.all(
      rows.map(async ({ id, username, bio, status, created_at, updated_at, version }) => ({
        id,
        name: username,
        description: bio ?? '',
        roles: held.get(id) ?? [],
        permissions: [...(await roles.permissionsOf(held.get(id) ?? []))],
        ...{ status, created_at, updated_at, version },
      })),
    )
  }
}

const noSuchAccount = () => platformErrors.not_found({ detail: 'There is no such service account' })
