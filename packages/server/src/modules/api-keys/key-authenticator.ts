import { createHash } from 'node:crypto'
import type { Actor, ClientInfo } from '../../platform/actor.ts'
import { MemoryCache } from '../../platform/cache/memory-cache.ts'
import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { defineTopic, type EventBus } from '../../platform/events/event-bus.ts'
import { networkOf } from '../../platform/limits/network.ts'
import type { Logger } from '../../platform/log.ts'
import { accessErrors } from '../../platform/policy.ts'
import type { AuditService } from '../audit/index.ts'
import type { RoleCatalogue } from '../roles/index.ts'
import { sessionErrors, userStateChanged } from '../sessions/index.ts'
import { type ApiKeyRow, type KeyState, touchKey } from './api-keys.repository.ts'
import { KeyStates } from './key-states.ts'

export interface KeyAuthenticatorDependencies {
  database: DatabaseHandle
  roles: RoleCatalogue
  audit: AuditService
  bus: EventBus
  log: Logger
  now: Clock
}

const useNotedSeconds = 60

/** A key was changed or revoked; told after commit. */
const keyChanged = defineTopic<{ keyId: string }>('api_key.changed', { shared: true })

/** Who is calling with an API key: what its owner may today, narrowed by its scopes. */
export class KeyAuthenticator {
  readonly #deps: KeyAuthenticatorDependencies
  readonly #states: KeyStates
  /** Key and network that were turned away lately: one line of the audit log a minute, however often they come. */
  readonly #refusals = new MemoryCache<true>({ name: 'api_keys.refusals', maxEntries: 10_000, maxAgeMs: 60_000 })
  readonly #writing = new Set<Promise<void>>()

  constructor(deps: KeyAuthenticatorDependencies) {
    this.#deps = deps
    this.#states = new KeyStates(deps.database.db)
    deps.bus.subscribe(keyChanged, ({ keyId }) => this.#states.forgetKey(keyId))
    deps.bus.subscribe(userStateChanged, ({ userId }) => this.#states.forgetUser(userId))
  }

  /** Throws token_invalid for whatever cannot be used, forbidden for a place it may not be used from. */
  async authenticate(key: string, client: ClientInfo): Promise<Actor> {
    const state = isWellFormed(key) ? await this.#states.get(hashOf(key)) : undefined
    if (!state || !this.#isLive(state)) throw sessionErrors.token_invalid({ detail: 'This API key cannot be used' })
    const { key: row, roles, scopes } = state
    if (state.isAllowed && !state.isAllowed(client.ip)) {
      this.#noteRefusal(row, client)
      throw accessErrors.forbidden({ detail: 'This API key may not be used from this address' })
    }
    this.#noteUse(row, client)
    return {
      kind: 'api_key',
      userId: row.user_id,
      sessionId: row.id,
      roles,
      permissions: await this.#deps.roles.permissionsOf(roles),
      scopes,
      requestsPerMinute: row.rate_limit ?? undefined,
      status: 'active',
      mfaOwed: false,
      impersonatorId: null,
      authTime: 0,
      aal: 1,
    }
  }

  #isLive({ key, status, bannedUntil }: KeyState): boolean {
    const at = this.#deps.now().toISOString()
    const isOwnerWelcome = status === 'active' && (bannedUntil === null || bannedUntil <= at)
    return isOwnerWelcome && (key.expires_at === null || key.expires_at > at)
  }

  /** Called after a change of the key was committed. */
  forgetKey(id: string): void {
    this.#deps.bus.publish(keyChanged, { keyId: id })
  }

  /** Resolves when what was noted aside of the requests so far is written. */
  async settled(): Promise<void> {
    while (this.#writing.size > 0) await Promise.all(this.#writing)
  }

  #noteUse(row: ApiKeyRow, { ip }: ClientInfo): void {
    const now = this.#deps.now()
    const at = now.toISOString()
    const unlessAfter = isoAfter(now, -useNotedSeconds)
    if (row.last_used_at !== null && row.last_used_at > unlessAfter) return
    // Our copy knows at once, so that requests side by side write it once.
    row.last_used_at = at
    this.#aside((uow) => touchKey(uow.tx, row.id, { at, ip, unlessAfter }))
  }

  #noteRefusal(row: ApiKeyRow, { ip }: ClientInfo): void {
    const place = `${row.id}:${networkOf(ip)}`
    if (this.#refusals.get(place)) return
    this.#refusals.set(place, true)
    this.#aside((uow) =>
      this.#deps.audit.record(uow.tx, {
        type: 'unauthorized_access_attempt',
        outcome: 'denied',
        userId: row.user_id,
        resource: { type: 'api_key', id: row.id },
        detail: { reason: 'address' },
      }),
    )
  }

  /** The request does not wait for it, and does not fail with it. */
  #aside(work: (uow: UnitOfWork) => Promise<void>): void {
    const { database, log } = this.#deps
    const writing = database
      .unitOfWork(work)
      .catch((error: unknown) => log.warn({ err: error }, 'the use of an API key could not be noted'))
      .finally(() => this.#writing.delete(writing))
    this.#writing.add(writing)
  }
}

const isWellFormed = (key: string): boolean => /^sk_[A-Za-z0-9_-]{40,80}$/.test(key)

/** Keys are random and long: a fast hash cannot be tried out. */
export const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex')
