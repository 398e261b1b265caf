import { Value } from 'typebox/value'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { AuditService } from '../audit/index.ts'
import { challengeLifeSeconds, type PasskeyChallenges } from './passkey-challenges.ts'
import {
  advancePasskey,
  countPasskeys,
  findPasskeyByCredential,
  listPasskeys,
  type PasskeyRow,
} from './passkeys.repository.ts'
import { AssertionCredential, type PasskeyPurpose, type PasskeyRequestOptions } from './passkeys.schema.ts'
import { credentialHash, type RelyingParty, userHandle, verifyAssertion } from './webauthn.ts'

export interface PasskeysDependencies {
  database: DatabaseHandle
  challenges: PasskeyChallenges
  party: RelyingParty
  audit: AuditService
  now: Clock
}

/** Without a name typed before, the authenticator itself has to check the person: it is both factors at once. */
const verificationFor = { sign_in: 'required', mfa: 'preferred', reauthenticate: 'preferred' } as const

/** Passkeys as signing in asks for them (AU14). */
export class Passkeys {
  readonly #deps: PasskeysDependencies

  constructor(deps: PasskeysDependencies) {
    this.#deps = deps
  }

  /** For `navigator.credentials.get`. The challenge serves this purpose and this user, once, within 5 minutes. */
  async requestOptions(purpose: PasskeyPurpose, userId?: string): Promise<PasskeyRequestOptions> {
    const { database, challenges, party } = this.#deps
    const own = userId === undefined ? [] : await listPasskeys(database.db, userId)
    return {
      challenge: await challenges.issue(purpose, userId),
      rpId: party.id,
      timeout: challengeLifeSeconds * 1000,
      allowCredentials: own.map(descriptorOf),
      userVerification: verificationFor[purpose],
    }
  }

  /** Whose passkey answered; undefined when anything is wrong. Whatever is wrong, the challenge is used up. */
  async verify(
    purpose: PasskeyPurpose,
    assertion: unknown,
    userId?: string,
  ): Promise<{ userId: string; userVerified: boolean } | undefined> {
    const { database, challenges, party } = this.#deps
    if (!Value.Check(AssertionCredential, assertion)) return undefined
    const challenge = await challenges.burn(assertion.response.clientDataJSON, purpose, userId)
    if (challenge === undefined) return undefined
    const row = await findPasskeyByCredential(database.db, credentialHash(assertion.id))
    if (!row || (userId !== undefined && row.user_id !== userId)) return undefined
    if (!namesOwner(assertion.response.userHandle, row, purpose)) return undefined
    const proof = await verifyAssertion(party, assertion, {
      challenge,
      credential: { id: row.credential_id, publicKey: row.public_key, backupEligible: row.backup_eligible === 1 },
      userVerification: verificationFor[purpose],
    })
    if (!proof || !(await this.#advance(row, proof))) return undefined
    return { userId: row.user_id, userVerified: proof.userVerified }
  }

  /** A counter that stands still or goes back, under a right signature, is the mark of a copied key. */
  async #advance(row: PasskeyRow, proof: { counter: number; backedUp: boolean }): Promise<boolean> {
    const { database, audit, now } = this.#deps
    return database.unitOfWork(async ({ tx }) => {
      const use = { counter: proof.counter, backed_up: proof.backedUp ? 1 : 0, last_used_at: now().toISOString() }
      const isNewer = await advancePasskey(tx, row.id, use)
      if (!isNewer) {
        await audit.record(tx, {
          type: 'suspicious_activity',
          outcome: 'denied',
          userId: row.user_id,
          actorId: row.user_id,
          resource: { type: 'passkey', id: row.id },
          detail: { reason: 'passkey_counter', counter: proof.counter },
        })
      }
      return isNewer
    })
  }

  async count(db: Db, userId: string): Promise<number> {
    return countPasskeys(db, userId)
  }
}

/** An authenticator that chose the account by itself has to say which; where it may be silent, it must not say another. */
function namesOwner(handle: string | null | undefined, row: PasskeyRow, purpose: PasskeyPurpose): boolean {
  if (handle === undefined || handle === null || handle === '') return purpose !== 'sign_in'
  return handle === userHandle(row.user_id)
}

export const descriptorOf = (row: PasskeyRow) => ({
  id: row.credential_id,
  type: 'public-key' as const,
  transports: transportsOf(row),
})

export const transportsOf = ({ transports }: PasskeyRow): string[] => (transports === '' ? [] : transports.split(','))
