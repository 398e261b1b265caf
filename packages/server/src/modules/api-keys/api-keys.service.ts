import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import { newId, newToken } from '../../platform/ids.ts'
import { canonicalNetwork } from '../../platform/limits/address-list.ts'
import { accessErrors } from '../../platform/policy.ts'
import { invalidFields, lockUser } from '../accounts/index.ts'
import type { AuditService, AuditType } from '../audit/index.ts'
import type { MailsService } from '../mails/index.ts'
import { assertHolds, type PermissionSet, type RoleCatalogue } from '../roles/index.ts'
import { sessionErrors } from '../sessions/index.ts'
import { type ApiKeyRow, deleteKey, findKey, insertKey, listKeys, lockKey, updateKey } from './api-keys.repository.ts'
import type { ApiKey, ApiKeyPatch, IssuedApiKey, NewApiKey } from './api-keys.schema.ts'
import { hashOf, type KeyAuthenticator } from './key-authenticator.ts'

export interface ApiKeysDependencies {
  database: DatabaseHandle
  authenticator: KeyAuthenticator
  roles: RoleCatalogue
  audit: AuditService
  mails: MailsService
  now: Clock
}

/** Whose keys they are; `permissions` are what the owner holds. */
export interface KeyOwner {
  userId: string
  permissions: readonly string[]
}

const maxKeys = 50
const prefixLength = 11

/** Keys for programs: shown once, stored as a hash, worth at most what their owner holds on the day they are used. */
export class ApiKeysService {
  readonly #deps: ApiKeysDependencies

  constructor(deps: ApiKeysDependencies) {
    this.#deps = deps
  }

  async list(owner: Pick<KeyOwner, 'userId'>): Promise<ApiKey[]> {
    return (await listKeys(this.#deps.database.db, owner.userId)).map(toApiKey)
  }

  /** Throws not_found for one that is not the owner's, as for one that never was. */
  async get(owner: Pick<KeyOwner, 'userId'>, id: string): Promise<ApiKey> {
    const row = await findKey(this.#deps.database.db, owner.userId, id)
    if (!row) throw noSuchKey()
    return toApiKey(row)
  }

  /** Throws validation_failed, forbidden for scopes above the rights of owner or actor, state_conflict. */
  async create(actor: Actor, owner: KeyOwner, input: NewApiKey): Promise<IssuedApiKey> {
    const { database, now } = this.#deps
    const settings = this.#checked(actor, owner, input)
    const at = now().toISOString()
    const { key, ...secret } = newSecret()
    const row: ApiKeyRow = {
      id: newId(),
      user_id: owner.userId,
      name: input.name,
      scopes: '[]',
      allowed_ips: '[]',
      rate_limit: null,
      expires_at: null,
      ...settings,
      ...secret,
      last_used_at: null,
      last_used_ip: null,
      created_by: actor.userId,
      created_at: at,
      updated_at: at,
      version: 1,
    }
    await database.unitOfWork(async (uow) => {
      const user = await lockUser(uow.tx, database.dialect, owner.userId)
      if (!user) throw sessionErrors.session_revoked()
      if (user.kind === 'guest') throw accessErrors.forbidden({ detail: 'Guests have no keys; make an account first' })
      if ((await listKeys(uow.tx, owner.userId)).length >= maxKeys) {
        throw platformErrors.state_conflict({ detail: `There can be ${maxKeys} keys; delete one first` })
      }
      await insertKey(uow.tx, row)
      await this.#record(uow, 'api_key_created', row)
      // A service account has no address to write to.
      if (user.kind !== 'person') return
      const data = { name: user.display_name ?? user.username, key_name: row.name }
      await this.#deps.mails.enqueue(uow, {
        to: user.email,
        template: 'api_key_created',
        data,
        locale: user.locale,
        userId: user.id,
      })
    })
    return { ...toApiKey(row), key }
  }

  async update(
    actor: Actor,
    owner: KeyOwner,
    id: string,
    patch: ApiKeyPatch,
    expectedVersion?: number,
  ): Promise<ApiKey> {
    const settings = this.#checked(actor, owner, patch)
    return this.#change(owner, id, expectedVersion, async (uow, row) => {
      const changed = await this.#write(uow, row, settings)
      await this.#record(uow, 'api_key_updated', changed, { changed: Object.keys(patch).sort() })
      return toApiKey(changed)
    })
  }

  /** A new secret for the same key; the old one is worth nothing from then on. */
  async rotate(actor: Actor, owner: KeyOwner, id: string, expectedVersion?: number): Promise<IssuedApiKey> {
    const { key, ...secret } = newSecret()
    const { known } = this.#deps.roles
    return this.#change(owner, id, expectedVersion, async (uow, row) => {
      // Who sees the secret can do what it opens.
      const scopes = known.expand(JSON.parse(row.scopes) as string[])
      assertHolds(
        actor,
        known.expand(owner.permissions).filter((permission) => scopes.includes(permission)),
      )
      const changed = await this.#write(uow, row, secret)
      await this.#record(uow, 'api_key_rotated', changed)
      return { ...toApiKey(changed), key }
    })
  }

  async revoke(owner: Pick<KeyOwner, 'userId'>, id: string, expectedVersion?: number): Promise<void> {
    await this.#change(owner, id, expectedVersion, async (uow, row) => {
      await deleteKey(uow.tx, row.id)
      await this.#record(uow, 'api_key_revoked', row)
    })
  }

  /** With the account, in the caller's transaction: the keys of somebody who is gone, or whose place somebody else took. */
  async revokeAll(uow: UnitOfWork, userId: string): Promise<number> {
    const rows = await listKeys(uow.tx, userId)
    for (const row of rows) {
      await deleteKey(uow.tx, row.id)
      await this.#record(uow, 'api_key_revoked', row)
      uow.afterCommit(() => this.#deps.authenticator.forgetKey(row.id))
    }
    return rows.length
  }

  #checked(actor: Actor, owner: KeyOwner, input: ApiKeyPatch): Partial<ApiKeyRow> {
    const { name, scopes, expires_at, allowed_ips, rate_limit } = input
    if (scopes !== undefined) assertScopes(actor, owner, scopes, this.#deps.roles.known)
    return {
      ...(name === undefined ? {} : { name: name.trim() }),
      ...(scopes === undefined ? {} : { scopes: JSON.stringify([...new Set(scopes)].sort()) }),
      ...(expires_at === undefined ? {} : { expires_at: expires_at && this.#inFuture(expires_at) }),
      ...(allowed_ips === undefined ? {} : { allowed_ips: JSON.stringify(canonicalNetworks(allowed_ips)) }),
      ...(rate_limit === undefined ? {} : { rate_limit }),
    }
  }

  #inFuture(text: string): string {
    const time = new Date(text)
    if (time > this.#deps.now()) return time.toISOString()
    throw invalidFields([{ pointer: '/expires_at', code: 'not_in_future', message: 'This time is over already' }])
  }

  async #change<T>(
    owner: Pick<KeyOwner, 'userId'>,
    id: string,
    expectedVersion: number | undefined,
    work: (uow: UnitOfWork, row: ApiKeyRow) => Promise<T>,
  ): Promise<T> {
    const { database, authenticator } = this.#deps
    return database.unitOfWork(async (uow) => {
      const row = await lockKey(uow.tx, database.dialect, owner.userId, id)
      if (!row) throw noSuchKey()
      if (expectedVersion !== undefined && expectedVersion !== row.version) throw platformErrors.precondition_failed()
      uow.afterCommit(() => authenticator.forgetKey(row.id))
      return work(uow, row)
    })
  }

  async #write(uow: UnitOfWork, row: ApiKeyRow, change: Partial<ApiKeyRow>): Promise<ApiKeyRow> {
    const changed = { ...change, updated_at: this.#deps.now().toISOString(), version: row.version + 1 }
    await updateKey(uow.tx, row.id, changed)
    return { ...row, ...changed }
  }

  async #record(
    { tx }: UnitOfWork,
    type: AuditType,
    row: ApiKeyRow,
    more: Record<string, readonly string[]> = {},
  ): Promise<void> {
    await this.#deps.audit.record(tx, {
      type,
      userId: row.user_id,
      resource: { type: 'api_key', id: row.id },
      detail: { name: row.name, prefix: row.prefix, scopes: JSON.parse(row.scopes) as string[], ...more },
    })
  }
}

/**
 * Scopes that exist, and that both the owner and whoever asks hold. `resource:*` stands for the permissions there are
 * today: those of tomorrow count once the owner has them, for a key is worth no more than its owner.
 */
function assertScopes(actor: Actor, owner: KeyOwner, scopes: readonly string[], known: PermissionSet): void {
  const unknown = scopes.filter((scope) => !known.isGrant(scope))
  if (unknown.length > 0) {
    const message = `There is no scope ${unknown.join(', ')}; scopes are permissions such as messages:read`
    throw invalidFields([{ pointer: '/scopes', code: 'unknown_permission', message }])
  }
  const wanted = known.expand(scopes)
  assertHolds({ permissions: owner.permissions }, wanted)
  assertHolds(actor, wanted)
}

function canonicalNetworks(texts: readonly string[]): string[] {
  const networks = texts.map(canonicalNetwork)
  const problems = networks.flatMap((network, index) =>
    network === undefined
      ? [{ pointer: `/allowed_ips/${index}`, code: 'invalid_address', message: 'This is no IP address or network' }]
      : [],
  )
  if (problems.length > 0) throw invalidFields(problems)
  return [...new Set(networks.filter((network) => network !== undefined))]
}

/** 320 random bits, of which the prefix shows 48. */
function newSecret(): Pick<ApiKeyRow, 'prefix' | 'key_hash'> & { key: string } {
  const key = `sk_${newToken(40)}`
  return { key, prefix: key.slice(0, prefixLength), key_hash: hashOf(key) }
}

function toApiKey(row: ApiKeyRow): ApiKey {
  const { user_id, key_hash, created_by, scopes, allowed_ips, ...shown } = row
  return { ...shown, scopes: JSON.parse(scopes) as string[], allowed_ips: JSON.parse(allowed_ips) as string[] }
}

const noSuchKey = () => platformErrors.not_found({ detail: 'There is no such API key' })
