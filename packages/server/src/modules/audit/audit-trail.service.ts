import type { Actor } from '../../platform/actor.ts'
import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { pause } from '../../platform/db/time-limit.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { Page } from '../../platform/http/schemas.ts'
import type { AdminReads } from './admin-reads.ts'
import {
  type AuditFilter,
  type AuditPlace,
  type AuditRow,
  deleteKeptUntil,
  listAuditEvents,
} from './audit.repository.ts'
import type { AuditEvent, SecurityLogEntry } from './audit.schema.ts'
import type { AuditService } from './audit.service.ts'
import { type AuditExportQuery, type AuditQuery, type SecurityLogQuery, toFilter } from './audit-queries.ts'
import { exportFormats, toAuditEvent, toSecurityLogEntry } from './audit-views.ts'
import { forgetSalts } from './seals.repository.ts'

export interface AuditTrailDependencies {
  database: DatabaseHandle
  audit: AuditService
  adminReads: AdminReads
  cursors: Cursors
  now: Clock
}

export interface AuditExport {
  type: string
  name: string
  /** Text, a batch of events at a time. */
  batches: AsyncIterable<string>
}

const purgeBatch = 500
const exportBatch = 500
/** The database judges by its own clock; a row it still refused would keep all others of its batch. */
const clockDifferenceSeconds = 3_600

/** What was written down, for those who may read it. */
export class AuditTrail {
  readonly #deps: AuditTrailDependencies

  constructor(deps: AuditTrailDependencies) {
    this.#deps = deps
  }

  /** Everybody's, newest first. Throws validation_failed, bad_cursor. */
  async list(actor: Actor, query: AuditQuery): Promise<{ data: AuditEvent[]; page: Page }> {
    const filter = toFilter(query)
    await this.#deps.adminReads.note(actor, 'audit', filter.user_id ?? filter.actor_id)
    const { rows, page } = await this.#page('audit', filter, query.limit ?? 50, query.cursor)
    return { data: rows.map(toAuditEvent), page }
  }

  /** What happened to the caller's own account, newest first. Throws bad_cursor. */
  async securityLog(actor: Actor, query: SecurityLogQuery): Promise<{ data: SecurityLogEntry[]; page: Page }> {
    const filter = { user_id: actor.userId }
    const { rows, page } = await this.#page('security-log', filter, query.limit ?? 20, query.cursor)
    return { data: rows.map(toSecurityLogEntry), page }
  }

  async #page(list: string, filter: AuditFilter, limit: number, cursor: string | undefined) {
    const { database, cursors } = this.#deps
    const after = cursor === undefined ? undefined : cursors.decode<AuditPlace>(list, cursor)
    const found = await listAuditEvents(database.db, filter, after, limit + 1)
    const rows = found.slice(0, limit)
    const last = rows.at(-1)
    const hasMore = found.length > limit && last !== undefined
    const next = hasMore ? cursors.encode(list, placeOf(last)) : null
    return { rows, page: { limit, next_cursor: next, prev_cursor: null, has_more: hasMore } }
  }

  /** Written down before the first line leaves. Throws validation_failed. */
  async export({ format = 'ndjson', ...query }: AuditExportQuery): Promise<AuditExport> {
    const { database, audit, now } = this.#deps
    const filter = toFilter(query)
    const entry = { type: 'data_export', resource: { type: 'audit', id: null }, detail: { format, ...query } } as const
    await database.unitOfWork(({ tx }) => audit.record(tx, entry))
    const { type } = exportFormats[format]
    const name = `audit-${now().toISOString().slice(0, 10)}.${format}`
    return { type, name, batches: this.#batches(filter, format) }
  }

  /** Holds one batch at a time, however many there are; what is written meanwhile lies before the first one. */
  async *#batches(filter: AuditFilter, format: keyof typeof exportFormats): AsyncGenerator<string> {
    const { head, line } = exportFormats[format]
    if (head !== '') yield head
    let after: AuditPlace | undefined
    for (;;) {
      const rows = await listAuditEvents(this.#deps.database.db, filter, after, exportBatch)
      const last = rows.at(-1)
      if (!last) return
      yield rows.map(line).join('')
      after = placeOf(last)
      // SQLite answers without ever letting anybody else have a turn.
      await pause(0)
    }
  }

  /** Removes the events whose time is over, a batch at a time; answers how many went. */
  async purge(): Promise<number> {
    const time = isoAfter(this.#deps.now(), -clockDifferenceSeconds)
    let removed = 0
    for (;;) {
      const gone = await this.#deps.database.unitOfWork(async ({ tx }) => {
        const ids = await deleteKeptUntil(tx, time, purgeBatch)
        if (ids.length > 0) await forgetSalts(tx, ids)
        return ids.length
      })
      removed += gone
      if (gone < purgeBatch) return removed
      await pause(0)
    }
  }
}

const placeOf = ({ at, id }: AuditRow): AuditPlace => [at, id]
