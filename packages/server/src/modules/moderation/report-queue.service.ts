import type { Actor } from '../../platform/actor.ts'
import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { inBatches } from '../../platform/db/in-batches.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { listPublicUsers } from '../accounts/index.ts'
import { type AdminReads, type AuditService, retentionDays } from '../audit/index.ts'
import type { NotificationsService } from '../notifications/index.ts'
import type { AdminReport, ReportPatch, ReportQuery } from './moderation.schema.ts'
import type { Moderators } from './moderators.ts'
import {
  deleteDecidedReports,
  findReport,
  lockReport,
  type ReportRow,
  reports,
  updateReport,
} from './reports.repository.ts'
import { openKeyOf, toReport } from './reports.service.ts'

export interface ReportQueueDependencies {
  database: DatabaseHandle
  notifications: NotificationsService
  moderators: Moderators
  adminReads: AdminReads
  audit: AuditService
  cursors: Cursors
  now: Clock
}

const list = 'reports'
/** As long as the audit log keeps what concerns security. */
const keptDays = retentionDays.security

/** What was reported, as those see it who look after the place. */
export class ReportQueue {
  readonly #deps: ReportQueueDependencies

  constructor(deps: ReportQueueDependencies) {
    this.#deps = deps
  }

  async list(actor: Actor, query: ReportQuery): Promise<{ data: AdminReport[]; page: Page }> {
    const { database, cursors, adminReads } = this.#deps
    const limit = query.limit ?? 20
    const [before] = query.cursor === undefined ? [] : cursors.decode<[string]>(list, query.cursor)
    await adminReads.note(actor, 'report')
    const { status, user_id: userId } = query
    const rows = await reports(database.db, { status, userId, before, limit: limit + 1 }).execute()
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    const hasMore = rows.length > limit && last !== undefined
    const next = hasMore ? cursors.encode(list, [last.id]) : null
    return {
      data: await this.#render(shown),
      page: { limit, next_cursor: next, prev_cursor: null, has_more: hasMore },
    }
  }

  /** Reports decided long ago; answers how many went. */
  async purge(): Promise<number> {
    const { database, now } = this.#deps
    const before = isoAfter(now(), -keptDays * 86_400)
    return inBatches((limit) => database.unitOfWork(({ tx }) => deleteDecidedReports(tx, before, limit)))
  }

  /** Throws not_found. */
  async get(actor: Actor, id: string): Promise<AdminReport> {
    await this.#deps.adminReads.note(actor, 'report', id)
    const row = await findReport(this.#deps.database.db, id)
    if (!row) throw noReport()
    return this.#renderOne(row)
  }

  /** Who made the report is told once it is decided. Throws not_found, precondition_failed, state_conflict. */
  async decide(actor: Actor, id: string, patch: ReportPatch, expectedVersion?: number): Promise<AdminReport> {
    const { database, audit, moderators, now } = this.#deps
    try {
      const changed = await database.unitOfWork(async (uow) => {
        const row = await lockReport(uow.tx, database.dialect, id)
        if (!row) throw noReport()
        if (expectedVersion !== undefined && expectedVersion !== row.version) throw platformErrors.precondition_failed()
        const at = now().toISOString()
        const decision = decisionOf(row, patch, actor.userId, at)
        const note = patch.note === undefined ? {} : { note: patch.note }
        const change = { ...decision, ...note, updated_at: at, version: row.version + 1 }
        await updateReport(uow.tx, id, change)
        const detail = { status: change.status ?? row.status }
        await audit.record(uow.tx, { type: 'report_updated', resource: { type: 'report', id }, detail })
        uow.afterCommit(() => moderators.tell({ what: 'report', id }))
        if (change.status !== undefined && change.status !== 'open') await this.#tellReporter(uow, row)
        return { ...row, ...change }
      })
      return await this.#renderOne(changed)
    } catch (error) {
      if (!database.dialect.isUniqueViolation(error, 'reports_open_key')) throw error
      throw platformErrors.state_conflict({ detail: 'The same was reported anew meanwhile: look at that report' })
    }
  }

  async #tellReporter(uow: UnitOfWork, row: ReportRow): Promise<void> {
    const told = await this.#deps.notifications.notify(uow, [
      {
        userId: row.reporter_id,
        type: 'report_resolved',
        actorId: null,
        target: null,
        data: { report_id: row.id },
      },
    ])
    await uow.append(told)
  }

  async #render(rows: readonly ReportRow[]): Promise<AdminReport[]> {
    const ids = rows.flatMap((row) => [row.reporter_id, row.target_user_id ?? [], row.decided_by ?? []].flat())
    const people = new Map((await listPublicUsers(this.#deps.database.db, ids)).map((user) => [user.id, user]))
    const personOf = (id: string | null) => (id === null ? null : (people.get(id) ?? null))
    return rows.map((row) => ({
      ...toReport(row),
      reporter: personOf(row.reporter_id),
      target_user: personOf(row.target_user_id),
      conversation_id: row.conversation_id,
      excerpt: row.excerpt,
      note: row.note,
      decided_by: personOf(row.decided_by),
      decided_at: row.decided_at,
    }))
  }

  async #renderOne(row: ReportRow): Promise<AdminReport> {
    const [report] = await this.#render([row])
    return report as AdminReport
  }
}

/** What follows of a new status; nothing where it stays. */
function decisionOf(row: ReportRow, { status }: ReportPatch, by: string, at: string): Partial<ReportRow> {
  if (status === undefined || status === row.status) return {}
  return status === 'open'
    ? { status, open_key: openKeyOf(row.reporter_id, row), decided_by: null, decided_at: null }
    : { status, open_key: null, decided_by: by, decided_at: at }
}

const noReport = () => platformErrors.not_found({ detail: 'There is no such report' })
