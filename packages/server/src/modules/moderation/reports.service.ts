import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import { platformErrors } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import type { AuditService } from '../audit/index.ts'
import { type PeopleService, peopleErrors } from '../people/index.ts'
import type { NewReport, Report } from './moderation.schema.ts'
import type { Moderators } from './moderators.ts'
import { findOpenReport, insertReport, type ReportRow } from './reports.repository.ts'

/** What the room of messages, which this one does not know, tells of what somebody can see there. */
export interface Reportable {
  message(
    db: Db,
    messageId: string,
    viewerId: string,
  ): Promise<{ senderId: string; conversationId: string; text: string } | undefined>
  conversation(db: Db, conversationId: string, viewerId: string): Promise<boolean>
}

export interface ReportsDependencies {
  database: DatabaseHandle
  people: PeopleService
  reportable: Reportable
  moderators: Moderators
  limiter: RateLimiter
  audit: AuditService
  now: Clock
}

const limit: Limit = { name: 'reports', limit: 20, windowSeconds: 3600 }

type Target = Pick<ReportRow, 'target_user_id' | 'conversation_id' | 'excerpt'>

/** Telling those who look after the place that something is wrong. */
export class ReportsService {
  readonly #deps: ReportsDependencies

  constructor(deps: ReportsDependencies) {
    this.#deps = deps
  }

  /**
   * While a report is open, the same again is the same report. Throws not_found for what the reporter cannot see,
   * self_reference, rate_limited.
   */
  async create(actor: Actor, input: NewReport): Promise<{ report: Report; created: boolean }> {
    const { database, limiter, audit, moderators, now } = this.#deps
    assertAllowed(await limiter.take(limit, actor.userId))
    const target = await this.#find(actor.userId, input)
    if (target.target_user_id === actor.userId) throw peopleErrors.self_reference()
    const at = now().toISOString()
    const row: ReportRow = {
      ...target,
      id: newId(),
      reporter_id: actor.userId,
      target_type: input.target_type,
      target_id: input.target_id,
      open_key: openKeyOf(actor.userId, input),
      reason: input.reason,
      comment: input.comment ?? null,
      status: 'open',
      note: null,
      decided_by: null,
      decided_at: null,
      created_at: at,
      updated_at: at,
      version: 1,
    }
    try {
      await database.unitOfWork(async (uow) => {
        await insertReport(uow.tx, row)
        const resource = { type: 'report', id: row.id }
        const detail = { target: input.target_type, reason: input.reason }
        await audit.record(uow.tx, { type: 'report_created', userId: actor.userId, resource, detail })
        uow.afterCommit(() => moderators.tell({ what: 'report', id: row.id }))
      })
      return { report: toReport(row), created: true }
    } catch (error) {
      if (!database.dialect.isUniqueViolation(error, 'reports_open_key')) throw error
      const known = await findOpenReport(database.db, openKeyOf(actor.userId, input))
      return { report: toReport(known ?? row), created: false }
    }
  }

  async #find(viewerId: string, { target_type, target_id }: NewReport): Promise<Target> {
    const { people, reportable, database } = this.#deps
    const nothing: Target = { target_user_id: null, conversation_id: null, excerpt: null }
    // Also who blocked the reporter: nobody gets out of a report by that.
    if (target_type === 'user') return { ...nothing, target_user_id: await people.identify(target_id) }
    if (target_type === 'conversation') {
      if (!(await reportable.conversation(database.db, target_id, viewerId))) throw nothingThere()
      return { ...nothing, conversation_id: target_id }
    }
    const message = await reportable.message(database.db, target_id, viewerId)
    if (!message) throw nothingThere()
    return { target_user_id: message.senderId, conversation_id: message.conversationId, excerpt: message.text }
  }
}

export const openKeyOf = (reporterId: string, target: Pick<ReportRow, 'target_type' | 'target_id'>): string =>
  [reporterId, target.target_type, target.target_id].join(':')

const nothingThere = () => platformErrors.not_found({ detail: 'There is nothing to report under this id' })

export function toReport(row: ReportRow): Report {
  const { id, target_type, target_id, reason, comment, status, created_at, updated_at, version } = row
  return { id, target_type, target_id, reason, comment, status, created_at, updated_at, version } as Report
}
