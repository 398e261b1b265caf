import type { ClientInfo } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { accessErrors } from '../../platform/policy.ts'
import {
  findUser,
  isBanned,
  listRoles,
  lockUser,
  toUser,
  type User,
  type UserRow,
  updateLogin,
} from '../accounts/index.ts'
import type { AuditService } from '../audit/index.ts'
import type { DevicesService } from '../devices/index.ts'
import type { Lockout } from '../lockout/index.ts'
import { definePurpose, type OneTimeTokens } from '../one-time/index.ts'
import type { RoleCatalogue } from '../roles/index.ts'
import { type IssuedSession, type SessionsService, sessionErrors } from '../sessions/index.ts'
import type { FactorMethod, SecondFactorsDoor } from './factors.ts'
import { signInErrors } from './sign-in.errors.ts'

export interface SignInDependencies {
  database: DatabaseHandle
  sessions: SessionsService
  devices: DevicesService
  lockout: Lockout
  oneTime: OneTimeTokens
  roles: RoleCatalogue
  audit: AuditService
  factors: SecondFactorsDoor
  now: Clock
}

export interface SignInOptions {
  remember?: boolean
  device_name?: string
  token_delivery?: 'cookie' | 'body'
}

/** One proof of identity that was checked. */
export interface Proof {
  userId: string
  /** `password`, `passkey`, `email`, `oauth:google` … */
  method: string
  /** 2 where the proof is two factors by itself: a passkey that checked the person. Default 1. */
  aal?: 1 | 2
  client: ClientInfo
  options: SignInOptions
  /** What the browser's device cookie holds. */
  deviceToken: string | undefined
  /** The hash the password was checked against: one that was replaced meanwhile opens nothing. */
  passwordHash?: string | null
}

export type SignInResult =
  | { status: 'complete'; user: User; issued: IssuedSession }
  | { status: 'mfa_required'; mfa_token: string; methods: FactorMethod[]; expires_in: number }

interface MfaTicket {
  method: string
  options: SignInOptions
}

/** Between the first factor and the second; opens nothing but the second step. */
export const mfaTicket = definePurpose<MfaTicket>({ name: 'mfa_ticket', lifeSeconds: 300, newestOnly: false })

/** Where every way in ends: the state of the account, the second factor, the session, the known device. */
export class SignInService {
  readonly #deps: SignInDependencies

  constructor(deps: SignInDependencies) {
    this.#deps = deps
  }

  /** Throws email_not_verified, account_suspended, account_inactive. */
  async complete(proof: Proof): Promise<SignInResult> {
    const { database, devices, factors, oneTime } = this.#deps
    const row = await findUser(database.db, proof.userId)
    assertMaySignIn(row, this.#deps.now())
    if (proof.passwordHash !== undefined && proof.passwordHash !== row.password_hash)
      throw signInErrors.invalid_credentials()
    const methods = proof.aal === 2 ? [] : await factors.methodsOf(database.db, row.id)
    if (methods.length > 0) {
      // A browser that is trusted is something the person has: it stands for the second factor.
      const isTrusted = devices.isTrusted(await devices.recognise(row.id, proof.deviceToken))
      if (isTrusted) return this.start(row, { ...proof, aal: 2 })
      const { method, options } = proof
      const ticket = await database.unitOfWork(({ tx }) => oneTime.issue(tx, mfaTicket, row.id, { method, options }))
      return { status: 'mfa_required', mfa_token: ticket.token, methods, expires_in: mfaTicket.lifeSeconds }
    }
    return this.start(row, proof)
  }

  /** After everything that is asked was proved. */
  async start(row: UserRow, proof: Proof & { trustDevice?: boolean }): Promise<SignInResult & { status: 'complete' }> {
    const { database, sessions, devices, lockout, roles, audit, now } = this.#deps
    const { method, client, options, deviceToken } = proof
    const delivery = options.token_delivery ?? 'cookie'
    // Who asks not to be remembered sits at a browser of others.
    const isKept = delivery === 'cookie' && options.remember !== false
    const change = { last_login_at: now().toISOString() }
    const { session, device } = await database.unitOfWork(async (uow) => {
      // A reset or a suspension that came in between ended every session; it must not miss this one.
      const current = await lockUser(uow.tx, database.dialect, row.id)
      assertMaySignIn(current, now())
      if (current.password_hash !== row.password_hash) throw signInErrors.invalid_credentials()
      await updateLogin(uow.tx, row.id, change)
      await lockout.clear(uow.tx, lockout.keysOf(row))
      const known = isKept
        ? await devices.remember(uow.tx, row.id, deviceToken, client, proof.trustDevice ?? false)
        : undefined
      const started = await sessions.start(uow, {
        userId: row.id,
        method,
        client,
        remember: options.remember ?? true,
        delivery,
        deviceName: options.device_name,
        aal: proof.aal ?? 1,
        deviceId: known?.id,
      })
      await audit.record(uow.tx, {
        type: 'login_success',
        userId: row.id,
        actorId: row.id,
        sessionId: started.id,
        detail: { method, aal: proof.aal ?? 1 },
      })
      return { session: started, device: known }
    })
    const held = await listRoles(database.db, row.id)
    return {
      status: 'complete',
      user: toUser({ ...row, ...change }, held, await roles.permissionsOf(held)),
      issued: { ...(await sessions.issue(session)), deviceToken: device?.token },
    }
  }
}

/** Told only to who has proved to be the person. */
export function assertMaySignIn(row: UserRow | undefined, now: Date): asserts row is UserRow {
  if (!row || row.kind === 'service') throw accessErrors.account_inactive()
  if (row.status === 'pending') throw signInErrors.email_not_verified()
  if (row.status === 'suspended') throw sessionErrors.account_suspended()
  if (isBanned(row, now)) throw sessionErrors.account_suspended(endOf(row))
  if (row.status !== 'active' && row.status !== 'deletion_pending') throw accessErrors.account_inactive()
}

/** A ban without an end lasts as long as times can be written. */
const endOf = ({ banned_until }: UserRow) =>
  banned_until === null || banned_until.startsWith('9999')
    ? {}
    : { detail: `This account is suspended until ${banned_until}`, members: { suspended_until: banned_until } }
