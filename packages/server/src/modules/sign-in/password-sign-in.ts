import { createHmac } from 'node:crypto'
import type { ClientInfo } from '../../platform/actor.ts'
import type { Keys } from '../../platform/keys.ts'
import { networkOf } from '../../platform/limits/network.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import {
  findUser,
  findUserByIdentifier,
  identifierKey,
  invalidFields,
  type PasswordHasher,
  type RegistrationService,
  replacePasswordHash,
  type UserRow,
} from '../accounts/index.ts'
import type { DeviceRow } from '../devices/index.ts'
import type { MailsService } from '../mails/index.ts'
import { definePurpose, oneTimeErrors } from '../one-time/index.ts'
import { signInErrors } from './sign-in.errors.ts'
import type { Login } from './sign-in.schema.ts'
import type { SignInDependencies, SignInResult, SignInService } from './sign-in.service.ts'

export interface PasswordSignInDependencies extends SignInDependencies {
  signIn: SignInService
  registration: RegistrationService
  hasher: PasswordHasher
  limiter: RateLimiter
  mails: MailsService
  keys: Keys
  publicUrl: URL
}

/** Failures only: who types the right password is never slowed down by it. */
const failedByName: Limit = { name: 'login', limit: 5, windowSeconds: 60 }
const failedByNetwork: Limit = { name: 'login-network', limit: 20, windowSeconds: 600 }

const unlockLink = definePurpose<null>({ name: 'unlock', lifeSeconds: 86_400, newestOnly: true })

/** The way in by name or address and password. */
export class PasswordSignIn {
  readonly #deps: PasswordSignInDependencies

  constructor(deps: PasswordSignInDependencies) {
    this.#deps = deps
  }

  /**
   * The same answer and the same work whether or not the name exists; the state of an account is told only after its
   * right password. Throws invalid_credentials, account_locked, rate_limited, email_not_verified, account_*.
   */
  async login(input: Login, client: ClientInfo, deviceToken: string | undefined): Promise<SignInResult> {
    const { database, hasher, devices, lockout, registration, signIn } = this.#deps
    // To count a try and take it back would be two commits for each of those who are sent away.
    hasher.assertRoom()
    const key = identifierKey(identifierOf(input))
    const found = await findUserByIdentifier(database.db, key)
    const row = registration.isJudgedByName(found) ? undefined : found
    const device = await devices.recognise(row?.id, deviceToken)
    const attempt = await this.#takeAttempt(key, device, client)
    const unlessBusy = <Answer>(check: Promise<Answer>) =>
      check.catch(async (error: unknown) => {
        await attempt.undo()
        throw error
      })
    const isRight = await unlessBusy(hasher.verify(row?.password_hash, input.password))
    if (!isRight || !row) {
      if (await unlessBusy(registration.isWaiting(key, input.password))) {
        // The lock stays as it is: this password may be a stranger's, typed for an address that is taken.
        await attempt.refund()
        throw signInErrors.email_not_verified()
      }
      await this.#failed(row, attempt)
      throw signInErrors.invalid_credentials()
    }
    const isOutdated = row.password_hash !== null && hasher.isOutdated(row.password_hash)
    const passwordHash = isOutdated ? await unlessBusy(hasher.hash(input.password)) : row.password_hash
    await attempt.refund()
    if (isOutdated && !(await database.unitOfWork(({ tx }) => replacePasswordHash(tx, row, passwordHash)))) {
      throw signInErrors.invalid_credentials()
    }
    const { password: _p, identifier: _i, username: _u, email: _e, email_or_username: _b, ...options } = input
    // A session clears what was counted when it begins. Where a second factor or a closed account stops it, a right
    // password counts as one all the same.
    const clear = () => database.unitOfWork(({ tx }) => lockout.clear(tx, [lockout.keyOf(key)]))
    const proof = { userId: row.id, method: 'password', client, options, deviceToken, passwordHash }
    const result = await signIn.complete(proof).catch(async (error: unknown) => {
      await clear()
      throw error
    })
    if (result.status !== 'complete') await clear()
    return result
  }

  /**
   * Takes one try up front, so that tries in parallel cannot all pass before the first fails. A browser the person is
   * known on has tries of its own: strangers cannot lock its owner out.
   */
  async #takeAttempt(key: string, device: DeviceRow | undefined, client: ClientInfo): Promise<Attempt> {
    const { devices, limiter, lockout, keys } = this.#deps
    const isKnown = device !== undefined && (await devices.takeAttempt(device))
    const lockKey = lockout.keyOf(key)
    if (!isKnown) await lockout.assertOpen(lockKey)
    const network = networkOf(client.ip)
    const name = createHmac('sha256', keys.identifier).update(`${key}\n${network}`).digest('base64url')
    const taken: [Limit, string][] = [
      [failedByName, name],
      [failedByNetwork, network],
    ]
    for (const [limit, of] of taken) assertAllowed(await limiter.take(limit, of))
    const lock = isKnown ? undefined : await lockout.take(lockKey)
    const refund = async () => {
      for (const [limit, of] of taken) await limiter.giveBack(limit, of)
    }
    return {
      locksNow: lock?.locksNow ?? false,
      refund,
      undo: async () => {
        await refund()
        await (isKnown ? devices.giveBackAttempt(device) : lockout.giveBack(lockKey))
      },
    }
  }

  async #failed(row: UserRow | undefined, attempt: Attempt): Promise<void> {
    const { database, audit, mails, oneTime, lockout, publicUrl } = this.#deps
    await database.unitOfWork(async (uow) => {
      // A name without an account is not written down: it may be a password typed into the wrong field.
      const failed = { outcome: 'failure', userId: row?.id, detail: { method: 'password' } } as const
      await audit.record(uow.tx, { type: 'login_failed', ...failed })
      if (!attempt.locksNow) return
      await audit.record(uow.tx, { type: 'account_locked', ...failed })
      if (row?.kind !== 'person') return
      const { token, expiresAt } = await oneTime.issue(uow.tx, unlockLink, row.id, null)
      await mails.enqueue(uow, {
        to: row.email,
        template: 'account_locked',
        data: {
          name: row.display_name ?? row.username,
          link: `${publicUrl.origin}/unlock#token=${token}`,
          minutes: Math.ceil(lockout.durationSeconds / 60),
        },
        locale: row.locale,
        userId: row.id,
        expiresAt,
      })
    })
  }

  /** By the link of the mail. Throws link_invalid. */
  async unlock(token: string): Promise<void> {
    const { database, oneTime, lockout, audit } = this.#deps
    const ticket = await oneTime.find(database.db, unlockLink, token)
    const row = ticket && (await findUser(database.db, ticket.subject))
    if (!ticket || !row) throw oneTimeErrors.link_invalid()
    const used = await database.unitOfWork(async ({ tx }) => {
      if (!(await oneTime.consume(tx, ticket))) return false
      await lockout.clear(tx, lockout.keysOf(row))
      await audit.record(tx, { type: 'account_unlocked', userId: row.id, detail: { by: 'mail' } })
      return true
    })
    if (!used) throw oneTimeErrors.link_invalid()
  }
}

interface Attempt {
  locksNow: boolean
  /** Of what slows failures down; the name's own count stays. */
  refund(): Promise<void>
  /** Of all: nobody was told whether the password is right. */
  undo(): Promise<void>
}

function identifierOf(input: Login): string {
  const given = [input.identifier, input.username, input.email, input.email_or_username].filter(
    (name) => name !== undefined,
  )
  const [name] = given
  if (given.length !== 1 || name === undefined) {
    throw invalidFields([
      { pointer: '/identifier', code: 'required', message: 'Send one of identifier, username, email' },
    ])
  }
  return name
}
