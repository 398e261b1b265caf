import type { Actor, ClientInfo } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import { platformErrors } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'
import type { IssuedSession, SessionsService } from '../sessions/index.ts'
import { type FactorChanges, notice } from './factor-changes.ts'
import { countRecoveryCodes } from './factors.repository.ts'
import { challengeLifeSeconds, type PasskeyChallenges } from './passkey-challenges.ts'
import {
  deletePasskey,
  findPasskey,
  insertPasskey,
  listPasskeys,
  type PasskeyRow,
  renamePasskey,
} from './passkeys.repository.ts'
import type { NewPasskey, Passkey, PasskeyCreationOptions } from './passkeys.schema.ts'
import { descriptorOf, transportsOf } from './passkeys.service.ts'
import { newRecoveryCodes } from './recovery-codes.ts'
import { twoFactorErrors } from './two-factor.errors.ts'
import { algorithms, credentialHash, type RelyingParty, userHandle, verifyAttestation } from './webauthn.ts'

export interface PasskeyEnrolmentDependencies {
  database: DatabaseHandle
  sessions: SessionsService
  changes: FactorChanges
  challenges: PasskeyChallenges
  party: RelyingParty
  now: Clock
  /** How many ways to sign in the account has besides passkeys: its password, linked identities. */
  otherLoginMethods(tx: Db, userId: string): Promise<number>
}

const maxPasskeys = 20

/** The owner's side of passkeys. */
export class PasskeyEnrolment {
  readonly #deps: PasskeyEnrolmentDependencies

  constructor(deps: PasskeyEnrolmentDependencies) {
    this.#deps = deps
  }

  /** For `navigator.credentials.create`. */
  async creationOptions(actor: Actor): Promise<PasskeyCreationOptions> {
    const { database, challenges, party } = this.#deps
    // Asked here too, so that nobody is sent to their authenticator for nothing.
    const { user } = await database.unitOfWork(({ tx }) => this.#beginAdding(tx, actor))
    const own = await listPasskeys(database.db, actor.userId)
    return {
      challenge: await challenges.issue('register', actor.userId),
      rp: { id: party.id, name: party.name },
      user: {
        id: userHandle(user.id),
        name: user.username,
        displayName: user.display_name ?? user.username,
      },
      pubKeyCredParams: algorithms.map((alg) => ({ alg, type: 'public-key' })),
      timeout: challengeLifeSeconds * 1000,
      excludeCredentials: own.map(descriptorOf),
      authenticatorSelection: { residentKey: 'preferred', requireResidentKey: false, userVerification: 'preferred' },
      attestation: 'none',
      extensions: { credProps: true },
    }
  }

  /** Throws validation_failed, already_exists, state_conflict. */
  async add(
    actor: Actor,
    input: NewPasskey,
    client: ClientInfo,
  ): Promise<{ passkey: Passkey; issued: IssuedSession; codes: string[] | undefined }> {
    const { database } = this.#deps
    const row = await this.#verified(actor, input)
    try {
      return await this.#keep(actor, row, client)
    } catch (error) {
      if (!database.dialect.isUniqueViolation(error, 'passkeys_credential_hash')) throw error
      throw platformErrors.already_exists({ detail: 'This passkey is in use already', cause: error })
    }
  }

  async #verified(actor: Actor, { credential, name = 'Passkey' }: NewPasskey): Promise<PasskeyRow> {
    const { challenges, party, now } = this.#deps
    const challenge = await challenges.burn(credential.response.clientDataJSON, 'register', actor.userId)
    const made = challenge === undefined ? undefined : await verifyAttestation(party, credential, challenge)
    if (!made) throw notAccepted()
    return {
      id: newId(),
      user_id: actor.userId,
      credential_hash: credentialHash(made.id),
      credential_id: made.id,
      public_key: made.publicKey,
      counter: made.counter,
      transports: knownTransports(credential.response.transports),
      aaguid: made.aaguid,
      backup_eligible: made.backupEligible ? 1 : 0,
      backed_up: made.backedUp ? 1 : 0,
      name: name.trim(),
      created_at: now().toISOString(),
      last_used_at: null,
    }
  }

  async #keep(actor: Actor, row: PasskeyRow, client: ClientInfo) {
    const { database, sessions, changes } = this.#deps
    const newCodes = newRecoveryCodes()
    const { session, codes } = await database.unitOfWork(async (uow) => {
      const holder = await this.#beginAdding(uow.tx, actor)
      await insertPasskey(uow.tx, row)
      const isFirst = !holder.hasTotp && holder.passkeys === 0
      const getsCodes = isFirst && (await countRecoveryCodes(uow.tx, actor.userId)) === 0
      if (getsCodes) await changes.replaceCodes(uow.tx, actor.userId, newCodes)
      const raised = await sessions.raise(uow, actor, client, 2)
      await changes.settle(uow, actor, holder, {
        audit: {
          type: 'passkey_added',
          userId: actor.userId,
          resource: { type: 'passkey', id: row.id },
          detail: { method: 'passkey', name: row.name },
        },
        mail: notice(holder.user, 'passkey_added', { passkey: row.name }),
      })
      return { session: raised, codes: getsCodes ? newCodes : undefined }
    })
    return { passkey: toPasskey(row), issued: await sessions.issue(session), codes }
  }

  async #beginAdding(tx: Db, actor: Actor) {
    const holder = await this.#deps.changes.begin(tx, actor)
    if (holder.passkeys >= maxPasskeys) {
      throw platformErrors.state_conflict({
        detail: `An account has at most ${maxPasskeys} passkeys; remove one first`,
      })
    }
    return holder
  }

  async list(actor: Actor): Promise<Passkey[]> {
    return (await listPasskeys(this.#deps.database.db, actor.userId)).map(toPasskey)
  }

  /** Throws not_found. */
  async get(actor: Actor, id: string): Promise<Passkey> {
    const row = await findPasskey(this.#deps.database.db, actor.userId, id)
    if (!row) throw noSuchPasskey()
    return toPasskey(row)
  }

  /** Throws not_found. */
  async rename(actor: Actor, id: string, name: string): Promise<Passkey> {
    await this.#deps.database.unitOfWork(async ({ tx }) => {
      if (!(await renamePasskey(tx, actor.userId, id, name.trim()))) throw noSuchPasskey()
    })
    return this.get(actor, id)
  }

  /** Throws not_found, last_login_method, state_conflict. */
  async remove(actor: Actor, id: string): Promise<void> {
    const { database, changes, otherLoginMethods } = this.#deps
    await database.unitOfWork(async (uow) => {
      const holder = await changes.begin(uow.tx, actor)
      const row = await findPasskey(uow.tx, actor.userId, id)
      if (!row) throw noSuchPasskey()
      if (holder.passkeys === 1 && (await otherLoginMethods(uow.tx, actor.userId)) === 0) {
        throw twoFactorErrors.last_login_method()
      }
      changes.assertNotLast(actor, holder)
      await deletePasskey(uow.tx, actor.userId, id)
      await changes.settle(uow, actor, holder, {
        audit: {
          type: 'passkey_removed',
          userId: actor.userId,
          resource: { type: 'passkey', id },
          detail: { method: 'passkey', name: row.name },
        },
        mail: notice(holder.user, 'passkey_removed', { passkey: row.name }),
      })
    })
  }
}

const noSuchPasskey = () => platformErrors.not_found({ detail: 'There is no such passkey' })

const notAccepted = () => {
  const message = 'This passkey was not accepted; ask for new options and try again'
  return platformErrors.validation_failed({
    detail: message,
    members: { errors: [{ pointer: '/credential', code: 'passkey_invalid', message }] },
  })
}

/** Browsers name how a key is reached; what WebAuthn does not know is left out. */
const knownTransports = (transports: readonly string[] = []): string =>
  ['ble', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'].filter((name) => transports.includes(name)).join(',')

function toPasskey(row: PasskeyRow): Passkey {
  const { id, name, backed_up, created_at, last_used_at } = row
  return { id, name, transports: transportsOf(row), backed_up: backed_up === 1, created_at, last_used_at }
}
