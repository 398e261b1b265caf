import { createHash } from 'node:crypto'
import type { Actor, ClientInfo } from '../../platform/actor.ts'
import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { inBatches } from '../../platform/db/in-batches.ts'
import type { Db } from '../../platform/db/schema.ts'
import { platformErrors } from '../../platform/errors.ts'
import { newId, newToken } from '../../platform/ids.ts'
import type { AuditService } from '../audit/index.ts'
import {
  countDeviceFailure,
  type DeviceRow,
  deleteDevices,
  deleteUnseenDevices,
  discountDeviceFailure,
  findDevice,
  insertDevice,
  listTrustedDevices,
  updateDevice,
} from './devices.repository.ts'
import type { TrustedDevice } from './devices.schema.ts'

export interface DevicesDependencies {
  database: DatabaseHandle
  audit: AuditService
  now: Clock
}

const failureLimit = 5
const trustDays = 30
/** A browser that was not seen for this long is a stranger again; browsers drop cookies after 400 days anyway. */
const memoryDays = 400

/**
 * Browsers a person signed in with before. One cookie per browser stands for a row per person. A known device may try a
 * password while strangers have locked the account out; a trusted one is not asked for a second factor.
 */
export class DevicesService {
  readonly #deps: DevicesDependencies

  constructor(deps: DevicesDependencies) {
    this.#deps = deps
  }

  /** The device of this person behind a browser's token; the same work whether or not there is a person. */
  async recognise(userId: string | undefined, token: string | undefined): Promise<DeviceRow | undefined> {
    if (token === undefined) return undefined
    return findDevice(this.#deps.database.db, hashOf(token, userId ?? 'nobody'))
  }

  isTrusted(device: DeviceRow | undefined): boolean {
    return device?.trusted_until != null && device.trusted_until > this.#deps.now().toISOString()
  }

  /** True while this device may still try passwords although the account is locked for strangers. Counts the try. */
  async takeAttempt(device: DeviceRow): Promise<boolean> {
    return this.#deps.database.unitOfWork(({ tx }) => countDeviceFailure(tx, device.id, failureLimit))
  }

  /** Of a try that ended without an answer. */
  async giveBackAttempt(device: DeviceRow): Promise<void> {
    await this.#deps.database.unitOfWork(({ tx }) => discountDeviceFailure(tx, device.id))
  }

  /** After a sign-in: this browser is known for this person from now on. Answers the token its cookie must hold. */
  async remember(
    tx: Db,
    userId: string,
    token: string | undefined,
    client: ClientInfo,
    trust = false,
  ): Promise<{ id: string; token: string }> {
    const now = this.#deps.now()
    const own = token !== undefined && isDeviceToken(token) ? token : newToken()
    const known = await findDevice(tx, hashOf(own, userId))
    const seen = {
      user_agent: client.userAgent.slice(0, 500).toWellFormed(),
      ip: client.ip,
      failures: 0,
      last_seen_at: now.toISOString(),
      ...(trust ? { trusted_until: isoAfter(now, trustDays * 86_400) } : {}),
    }
    if (trust) await this.#deps.audit.record(tx, { type: 'device_trusted', userId, actorId: userId })
    if (known) {
      await updateDevice(tx, known.id, seen)
      return { id: known.id, token: own }
    }
    const id = newId()
    await insertDevice(tx, {
      trusted_until: null,
      ...seen,
      id,
      user_id: userId,
      token_hash: hashOf(own, userId),
      created_at: now.toISOString(),
    })
    return { id, token: own }
  }

  async listTrusted(actor: Actor): Promise<TrustedDevice[]> {
    const rows = await listTrustedDevices(this.#deps.database.db, actor.userId, this.#deps.now().toISOString())
    return rows.map(({ id, user_agent, ip, trusted_until, created_at, last_seen_at }) => ({
      id,
      user_agent,
      ip,
      trusted_until: trusted_until ?? '',
      created_at,
      last_seen_at,
    }))
  }

  /** Throws not_found for one that is not the actor's. */
  async forget(actor: Actor, id: string): Promise<void> {
    const { database, audit } = this.#deps
    const gone = await database.unitOfWork(async ({ tx }) => {
      const count = await deleteDevices(tx, { userId: actor.userId, id })
      if (count > 0) await audit.record(tx, { type: 'device_forgotten', userId: actor.userId })
      return count
    })
    if (gone === 0) throw platformErrors.not_found({ detail: 'There is no such device' })
  }

  /** Every browser is a stranger again: after a reset, and when an account changes hands. */
  async forgetAll(tx: Db, userId: string): Promise<void> {
    await deleteDevices(tx, { userId })
  }

  async purge(): Promise<number> {
    const before = isoAfter(this.#deps.now(), -memoryDays * 86_400)
    const { database } = this.#deps
    return inBatches((limit) => database.unitOfWork(({ tx }) => deleteUnseenDevices(tx, before, limit)))
  }
}

/** What `newToken` makes; anything else in the cookie is replaced. */
const isDeviceToken = (token: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(token)

const hashOf = (token: string, userId: string): string =>
  createHash('sha256').update(`${token}:${userId}`).digest('base64url')
