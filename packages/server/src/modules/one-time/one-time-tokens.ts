import { createHash, createHmac, randomInt, timingSafeEqual } from 'node:crypto'
import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import { pause } from '../../platform/db/time-limit.ts'
import { newId, newToken } from '../../platform/ids.ts'
import type { Keys } from '../../platform/keys.ts'
import { SealedBox } from '../../platform/sealed-box.ts'
import {
  countAttemptsLeft,
  deleteAllTokensOf,
  deleteEnded,
  deleteToken,
  deleteTokensOf,
  findToken,
  findWithCode,
  insertToken,
  type OneTimeRow,
  takeAttempt,
} from './one-time.repository.ts'

/** A kind of thing that works once; `Data` travels with it, encrypted. */
export interface Purpose<Data> {
  readonly name: string
  readonly lifeSeconds: number
  /** Also readable as an 8-digit code, for this long. */
  readonly codeLifeSeconds?: number
  /** A new one makes the earlier ones of its subject worthless. */
  readonly newestOnly: boolean
  /** Carries the type only; never set. */
  readonly data?: Data
}

export const definePurpose = <Data>(purpose: Omit<Purpose<Data>, 'data'>): Purpose<Data> => purpose

export interface IssuedToken {
  token: string
  /** Empty where the purpose has no codes. */
  code: string
  expiresAt: string
}

/** One that was found and can still be used up. */
export interface Ticket<Data> {
  id: string
  subject: string
  data: Data
}

const codeAttempts = 5
const purgeBatch = 500

/**
 * Things that work once: links of mails, tickets between two steps, states, challenges. Used up by one conditional
 * DELETE whose row count decides (security.md decision 5); the database holds hashes only.
 */
export class OneTimeTokens {
  readonly #database: DatabaseHandle
  readonly #keys: Keys
  readonly #now: Clock
  readonly #box: SealedBox

  constructor(deps: { database: DatabaseHandle; keys: Keys; now: Clock }) {
    this.#database = deps.database
    this.#keys = deps.keys
    this.#now = deps.now
    this.#box = new SealedBox(deps.keys.sealing)
  }

  async issue<Data>(tx: Db, purpose: Purpose<Data>, subject: string, data: Data): Promise<IssuedToken> {
    const now = this.#now()
    const id = newId()
    const token = newToken()
    const code = purpose.codeLifeSeconds === undefined ? '' : String(randomInt(100_000_000)).padStart(8, '0')
    const expiresAt = isoAfter(now, purpose.lifeSeconds)
    if (purpose.newestOnly) await deleteTokensOf(tx, purpose.name, subject)
    await insertToken(tx, {
      id,
      purpose: purpose.name,
      subject,
      token_hash: hashOf(token),
      code_hash: code === '' ? null : this.#codeHash(id, code),
      attempts_left: codeAttempts,
      sealed: this.#box.seal(JSON.stringify(data), purpose.name),
      expires_at: expiresAt,
      created_at: now.toISOString(),
    })
    return { token, code, expiresAt }
  }

  /** Looks without using it up; undefined for unknown, used, superseded and expired alike. */
  async find<Data>(db: Db, purpose: Purpose<Data>, token: string): Promise<Ticket<Data> | undefined> {
    const row = await findToken(db, purpose.name, hashOf(token), this.#now().toISOString())
    return row && this.#toTicket(purpose, row)
  }

  /**
   * Checks an 8-digit code; every try counts, and is counted even when the caller's work fails later. Answers the
   * ticket, or how many tries are left; `spent`: there were none left for this one. Runs a unit of work of its own.
   */
  async tryCode<Data>(
    purpose: Purpose<Data>,
    subject: string,
    code: string,
  ): Promise<{ ticket: Ticket<Data> } | { ticket?: never; remaining: number; spent?: boolean }> {
    const now = this.#now()
    const bornAfter = isoAfter(now, -(purpose.codeLifeSeconds ?? 0))
    return this.#database.unitOfWork(async ({ tx }) => {
      const row = await findWithCode(tx, { purpose: purpose.name, subject, now: now.toISOString(), bornAfter })
      if (!row) return { remaining: 0 }
      if (!(await takeAttempt(tx, row.id))) return { remaining: 0, spent: true }
      const right = timingSafeEqual(Buffer.from(row.code_hash ?? ''), Buffer.from(this.#codeHash(row.id, code)))
      return right ? { ticket: this.#toTicket(purpose, row) } : { remaining: await countAttemptsLeft(tx, row.id) }
    })
  }

  /** True for the one caller that uses it up; in the transaction of what it allows. */
  async consume(tx: Db, ticket: { id: string }): Promise<boolean> {
    return deleteToken(tx, ticket.id)
  }

  /** Makes all of a subject worthless. */
  async revoke(tx: Db, purpose: Purpose<unknown>, subject: string): Promise<void> {
    await deleteTokensOf(tx, purpose.name, subject)
  }

  /** Makes everything that was ever sent to a subject, or begun for it, worthless. */
  async revokeAll(tx: Db, subject: string): Promise<void> {
    await deleteAllTokensOf(tx, subject)
  }

  /** Removes what has expired, a batch at a time; answers how many went. */
  async purge(): Promise<number> {
    for (let removed = 0; ; await pause(0)) {
      const batch = await this.#database.unitOfWork(({ tx }) => deleteEnded(tx, this.#now().toISOString(), purgeBatch))
      removed += batch
      if (batch < purgeBatch) return removed
    }
  }

  #toTicket<Data>(purpose: Purpose<Data>, row: OneTimeRow): Ticket<Data> {
    return { id: row.id, subject: row.subject, data: JSON.parse(this.#box.open(row.sealed, purpose.name)) as Data }
  }

  /** Eight digits are guessed quickly from a plain hash: the key stays outside the database. */
  #codeHash(id: string, code: string): string {
    return createHmac('sha256', this.#keys.oneTime).update(`${id}:${code}`).digest('base64url')
  }
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url')
