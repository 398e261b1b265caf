import { csvLine } from '../../platform/csv.ts'
import type { AuditRow } from './audit.repository.ts'
import type { AuditEvent, SecurityLogEntry } from './audit.schema.ts'

const parse = (detail: string) => JSON.parse(detail) as Record<string, unknown>

const shared = (row: AuditRow) => ({
  id: row.id,
  at: row.at,
  event_type: row.type,
  category: row.category,
  outcome: row.outcome,
  success: row.success === 1,
})

const resourceOf = (row: AuditRow) =>
  row.resource_type === null ? null : { type: row.resource_type, id: row.resource_id }

/** All of it, for those who may read everybody's. */
export const toAuditEvent = (row: AuditRow): AuditEvent => ({
  ...shared(row),
  source: row.source,
  actor: { id: row.actor_id, kind: row.actor_kind },
  impersonator_id: row.impersonator_id,
  user_id: row.user_id,
  session_id: row.session_id,
  ip: row.ip,
  user_agent: row.user_agent,
  method: row.method,
  path: row.path,
  request_id: row.request_id,
  resource: resourceOf(row),
  detail: parse(row.detail),
  keep_until: row.keep_until,
})

/** For the person it is about: of an administrator no more than that it was one. */
export function toSecurityLogEntry(row: AuditRow): SecurityLogEntry {
  const isPerson = row.actor_id !== null
  const isOneself = row.actor_id === row.user_id && row.impersonator_id === null
  const isForeign = isPerson && !isOneself
  return {
    ...shared(row),
    actor: { id: isForeign ? null : row.actor_id, kind: isForeign ? 'administrator' : row.actor_kind },
    session_id: isForeign ? null : row.session_id,
    ip: isForeign ? null : row.ip,
    user_agent: isForeign ? null : row.user_agent,
    resource: resourceOf(row),
    detail: parse(row.detail),
  }
}

const columns = [
  ...(['id', 'at', 'type', 'category', 'outcome', 'source', 'actor_kind', 'actor_id', 'impersonator_id'] as const),
  ...(['user_id', 'session_id', 'ip', 'user_agent', 'method', 'path', 'request_id'] as const),
  ...(['resource_type', 'resource_id', 'detail', 'keep_until'] as const),
]

export const exportFormats = {
  ndjson: {
    type: 'application/x-ndjson; charset=utf-8',
    head: '',
    line: (row: AuditRow) => `${JSON.stringify(toAuditEvent(row))}\n`,
  },
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    head: csvLine(columns.map((column) => (column === 'type' ? 'event_type' : column))),
    line: (row: AuditRow) => csvLine(columns.map((column) => row[column])),
  },
} as const

export type ExportFormat = keyof typeof exportFormats
