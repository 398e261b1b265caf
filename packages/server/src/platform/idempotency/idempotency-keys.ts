import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { DatabaseHandle } from '../db/database.ts'
import { inBatches } from '../db/in-batches.ts'
import type { Db } from '../db/schema.ts'
import { platformErrors } from '../errors.ts'
import { newId } from '../ids.ts'
import {
  answerKey,
  deleteClaim,
  deleteKeysOf,
  deleteOldKeys,
  insertKey,
  type KeyRow,
  type KeyTable,
  lockKey,
  replaceKey,
} from './keys.repository.ts'

export interface KeyedRequest {
  userId: string
  /** Who, to what, by which key: each text is one of them. */
  scope: readonly string[]
  /** Everything else that makes it the same request. */
  content: readonly unknown[]
}

/** An answer as it is given again; without a body it is not. */
export interface KeptAnswer {
  status: number
  headers: Readonly<Record<string, string>>
  body: string | null
}

export interface Claim {
  id: string
  holder: string
}

const leaseSeconds = 60
const keptSeconds = 24 * 3600
/** One who asks again before the lease ends is told no longer time than most requests take. */
const longestWaitSeconds = 5

/**
 * Idempotency keys of one database. A key is claimed in a transaction of its own; the answer is kept in the transaction
 * of the effect, so that both are there or neither is, wherever a process ends.
 */
export class IdempotencyKeys {
  readonly #database: Pick<DatabaseHandle, 'unitOfWork' | 'dialect'>
  readonly #table: KeyTable
  readonly #now: Clock

  constructor(options: { database: Pick<DatabaseHandle, 'unitOfWork' | 'dialect'>; table: KeyTable; now: Clock }) {
    this.#database = options.database
    this.#table = options.table
    this.#now = options.now
  }

  /** A claim, or the answer there is. Throws idempotency_key_reused, idempotency_in_progress. */
  async claim({ userId, scope, content }: KeyedRequest): Promise<{ claim: Claim } | { answer: KeptAnswer }> {
    const { unitOfWork, dialect } = this.#database
    const claim = { id: digest(scope), holder: newId() }
    const fingerprint = digest(content)
    const take = () => {
      const now = this.#now()
      const fresh: KeyRow = {
        ...{ ...claim, user_id: userId, fingerprint },
        ...{ lease_until: after(now, leaseSeconds), status: null, headers: null, body: null },
        created_at: now.toISOString(),
      }
      return unitOfWork(async ({ tx }) => {
        const known = await lockKey(tx, dialect, this.#table, claim.id)
        if (!known) await insertKey(tx, this.#table, fresh)
        else {
          const answer = judge(known, fingerprint, now)
          if (answer) return { answer }
          await replaceKey(tx, this.#table, fresh)
        }
        return { claim }
      })
    }
    try {
      return await take()
    } catch (error) {
      // Two came at once: the second finds the row of the first.
      if (dialect.isUniqueViolation(error, `${this.#table}_pkey`)) return take()
      throw error
    }
  }

  /**
   * In the transaction of the effect. Throws idempotency_in_progress where the lease had ended and another one has taken
   * over: then nothing of this may be kept.
   */
  async keep(tx: Db, claim: Claim, { status, headers, body }: KeptAnswer): Promise<void> {
    const isOurs = await answerKey(tx, this.#table, claim, { status, headers: JSON.stringify(headers), body })
    if (!isOurs) throw platformErrors.idempotency_in_progress({ members: { retry_after: 1 } })
  }

  /** An answer without an effect. */
  async keepAlone(claim: Claim, answer: KeptAnswer): Promise<void> {
    await this.#database.unitOfWork(({ tx }) => this.keep(tx, claim, answer))
  }

  /** Nothing came of it that would be final: the next request with the key begins anew. */
  async release(claim: Claim): Promise<void> {
    await this.#database.unitOfWork(({ tx }) => deleteClaim(tx, this.#table, claim))
  }

  async forget(tx: Db, userId: string): Promise<void> {
    await deleteKeysOf(tx, this.#table, userId)
  }

  async purge(): Promise<number> {
    const before = after(this.#now(), -keptSeconds)
    const step = (limit: number) => this.#database.unitOfWork(({ tx }) => deleteOldKeys(tx, this.#table, before, limit))
    return inBatches(step)
  }
}

/** The answer to repeat; undefined where the key is free. */
function judge(known: KeyRow, fingerprint: string, now: Date): KeptAnswer | undefined {
  if (known.created_at < after(now, -keptSeconds)) return undefined
  const isRunning = known.status === null && known.lease_until > now.toISOString()
  // One that ended without a trace belongs to nobody any more.
  if (known.status === null && !isRunning) return undefined
  if (known.fingerprint !== fingerprint) throw platformErrors.idempotency_key_reused()
  if (known.status === null) {
    const left = Math.ceil((Date.parse(known.lease_until) - now.getTime()) / 1000)
    throw platformErrors.idempotency_in_progress({ members: { retry_after: Math.min(left, longestWaitSeconds) } })
  }
  return { status: known.status, headers: JSON.parse(known.headers ?? '{}'), body: known.body }
}

const after = (now: Date, seconds: number): string => new Date(now.getTime() + seconds * 1000).toISOString()

/** Of values without order among their names: the same object written in another order is the same. */
function digest(parts: readonly unknown[]): string {
  const ordered = (_: string, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value
  return createHash('sha256').update(JSON.stringify(parts, ordered)).digest('base64url')
}
