import type { Actor, ClientInfo } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { newId } from '../../platform/ids.ts'
import { networkOf } from '../../platform/limits/network.ts'
import { assertAllowed, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import { listPublicUsers } from '../accounts/index.ts'
import type { BrowserReport, Found, NewReport, ReportsQuery } from './browser-check.schema.ts'
import {
  deleteOf,
  deleteOlder,
  deleteUpTo,
  findSurplus,
  insertReport,
  listReports,
  type ReportRow,
} from './browser-reports.repository.ts'

export interface BrowserReportsDependencies {
  database: DatabaseHandle
  limiter: RateLimiter
  cursors: Cursors
  now: Clock
}

const list = 'browser-reports'
/** Anybody may send one, also without an account: what strangers can fill is small. */
const mostKept = 500
const keptDays = 30
const perHour = { name: 'doctor-report', limit: 5, windowSeconds: 3_600 }

/** What browsers found out, for whoever looks after the server. */
export class BrowserReports {
  readonly #deps: BrowserReportsDependencies

  constructor(deps: BrowserReportsDependencies) {
    this.#deps = deps
  }

  /** The oldest make room. Throws rate_limited. */
  async send(
    actor: Actor | null,
    { ip, userAgent }: ClientInfo,
    { findings, comment }: NewReport,
  ): Promise<Pick<ReportRow, 'id' | 'created_at'>> {
    const { database, limiter, now } = this.#deps
    assertAllowed(await limiter.take(perHour, actor?.userId ?? networkOf(ip)))
    const row: ReportRow = {
      ...{ id: newId(), user_id: actor?.userId ?? null, user_agent: userAgent, comment: comment?.trim() || null },
      ...{ findings: JSON.stringify(findings), created_at: now().toISOString() },
    }
    await database.unitOfWork(async ({ tx }) => {
      const surplus = await findSurplus(tx, mostKept - 1)
      if (surplus !== undefined) await deleteUpTo(tx, surplus)
      await insertReport(tx, row)
    })
    return { id: row.id, created_at: row.created_at }
  }

  /** The newest first. Throws bad_cursor. */
  async list({ limit = 20, cursor }: ReportsQuery): Promise<{ data: BrowserReport[]; page: Page }> {
    const { database, cursors } = this.#deps
    const [before] = cursor === undefined ? [] : cursors.decode<[string]>(list, cursor)
    const found = await listReports(database.db, { before, limit: limit + 1 })
    const rows = found.slice(0, limit)
    const last = rows.at(-1)
    const hasMore = found.length > limit && last !== undefined
    const senders = rows.flatMap(({ user_id }) => user_id ?? [])
    const users = new Map((await listPublicUsers(database.db, senders)).map((user) => [user.id, user]))
    const data = rows.map(({ user_id, findings, ...row }) => ({
      ...row,
      user: user_id === null ? null : (users.get(user_id) ?? null),
      findings: JSON.parse(findings) as Found[],
    }))
    const next = hasMore ? cursors.encode(list, [last.id]) : null
    return { data, page: { limit, next_cursor: next, prev_cursor: null, has_more: hasMore } }
  }

  async purge(): Promise<number> {
    const { database, now } = this.#deps
    const oldest = new Date(now().getTime() - keptDays * 86_400_000).toISOString()
    return database.unitOfWork(({ tx }) => deleteOlder(tx, oldest))
  }

  forget(tx: Db, userId: string): Promise<void> {
    return deleteOf(tx, userId)
  }
}
