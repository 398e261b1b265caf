import { createHash } from 'node:crypto'
import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { networkOf } from '../../platform/limits/network.ts'
import type { Logger } from '../../platform/log.ts'
import { countAttempts, hasAuditEvent, listResources } from './audit.repository.ts'
import type { AuditService } from './audit.service.ts'
import type { AuditType } from './audit-types.ts'

export interface SuspicionWatchDependencies {
  database: DatabaseHandle
  audit: AuditService
  log: Logger
  now: Clock
}

/** What honest people do now and then, and seldom so often. */
const attempts: readonly AuditType[] = ['login_failed', 'mfa_failed', 'unauthorized_access_attempt']
const windowSeconds = 600
/** So many within the window, of one account or from one network (IPv6: a /64). */
const enough = { user: 10, network: 15 } as const
/** An attack from everywhere at once is one news, not thousands. */
const maxSubjects = 100
const maxAddresses = 10_000

interface Subject {
  type: 'user' | 'network'
  id: string
  attempts: number
}

/** Reads the audit log for accounts and networks with many refused attempts; each is told once in 10 minutes. */
export class SuspicionWatch {
  readonly #deps: SuspicionWatchDependencies

  constructor(deps: SuspicionWatchDependencies) {
    this.#deps = deps
  }

  /** Answers how many it told of. Harmless when several processes do it at once. */
  async run(): Promise<number> {
    const { db } = this.#deps.database
    const since = isoAfter(this.#deps.now(), -windowSeconds)
    const found = [...(await this.#accounts(since)), ...(await this.#networks(since))]
    if (found.length === 0) return 0
    const known = await listResources(db, 'suspicious_activity', since)
    const isKnown = ({ type, id }: Subject) => known.some((row) => row.resource_type === type && row.resource_id === id)
    let told = 0
    for (const subject of found.filter((one) => !isKnown(one)).slice(0, maxSubjects)) {
      if (await this.#tell(subject)) told++
    }
    return told
  }

  async #accounts(since: string): Promise<Subject[]> {
    const rows = await countAttempts(this.#deps.database.db, {
      by: 'user_id',
      types: attempts,
      since,
      limit: maxSubjects,
    })
    return rows
      .filter(({ count }) => count >= enough.user)
      .map(({ subject, count }) => ({ type: 'user', id: subject, attempts: count }))
  }

  async #networks(since: string): Promise<Subject[]> {
    const rows = await countAttempts(this.#deps.database.db, { by: 'ip', types: attempts, since, limit: maxAddresses })
    const counts = new Map<string, number>()
    for (const { subject, count } of rows) {
      const network = networkOf(subject)
      counts.set(network, (counts.get(network) ?? 0) + count)
    }
    return [...counts]
      .filter(([, count]) => count >= enough.network)
      .map(([id, count]): Subject => ({ type: 'network', id, attempts: count }))
      .sort((a, b) => b.attempts - a.attempts)
  }

  /** False when another process was first: the id says which account or network, and when. */
  async #tell({ type, id, attempts: count }: Subject): Promise<boolean> {
    const { database, audit, log, now } = this.#deps
    const eventId = idOf(`${type} ${id} ${Math.floor(now().getTime() / 1000 / windowSeconds)}`)
    try {
      const isFirst = await database.unitOfWork(async ({ tx }) => {
        if (await hasAuditEvent(tx, eventId)) return false
        await audit.record(tx, {
          id: eventId,
          type: 'suspicious_activity',
          outcome: 'failure',
          userId: type === 'user' ? id : undefined,
          resource: { type, id },
          detail: { attempts: count, window_seconds: windowSeconds },
        })
        return true
      })
      if (isFirst) {
        const fields = { event: 'suspicious_activity', [type]: id, attempts: count, window_seconds: windowSeconds }
        log.warn(fields, 'many refused attempts')
      }
      return isFirst
    } catch (error) {
      if (database.dialect.isUniqueViolation(error, 'audit_events_pkey')) return false
      throw error
    }
  }
}

/** The same id wherever the same is noticed: a UUID of version 8 (RFC 9562). */
function idOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest()
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
