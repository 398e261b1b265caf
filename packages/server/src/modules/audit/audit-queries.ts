import { isIP } from 'node:net'
import { type Static, Type } from 'typebox'
import { platformErrors } from '../../platform/errors.ts'
import { Id, strict } from '../../platform/http/schemas.ts'
import { canonicalAddress } from '../../platform/limits/network.ts'
import type { AuditFilter } from './audit.repository.ts'
import { type AuditType, auditCategories, auditTypes, type ModuleAuditType, moduleAuditPattern } from './audit-types.ts'

const oneOf = <T extends string>(values: readonly T[]) =>
  Type.Unsafe<T>(Type.Union(values.map((value) => Type.Literal(value))))

const When = (description: string) =>
  Type.String({
    maxLength: 40,
    pattern: '^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?(Z|[+-]\\d\\d:\\d\\d))?$',
    description: `${description}; RFC 3339, or a day in UTC`,
  })

const filterFields = {
  event_type: Type.Optional(
    Type.Unsafe<AuditType | ModuleAuditType>(
      Type.Union([
        ...Object.keys(auditTypes).map((name) => Type.Literal(name)),
        Type.String({ maxLength: 64, pattern: moduleAuditPattern, description: 'An event of a module' }),
      ]),
    ),
  ),
  category: Type.Optional(oneOf(auditCategories)),
  user_id: Type.Optional(Id),
  actor_id: Type.Optional(Id),
  ip: Type.Optional(Type.String({ maxLength: 64 })),
  success: Type.Optional(Type.Boolean()),
  from: Type.Optional(When('Not before this time')),
  to: Type.Optional(When('Before this time')),
}

const Cursor = Type.Optional(Type.String({ maxLength: 500 }))

export const AuditQuery = Type.Object(
  {
    ...filterFields,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 50 })),
    cursor: Cursor,
  },
  strict,
)
export type AuditQuery = Static<typeof AuditQuery>

export const AuditExportQuery = Type.Object(
  { ...filterFields, format: Type.Optional(oneOf(['ndjson', 'csv'])) },
  strict,
)
export type AuditExportQuery = Static<typeof AuditExportQuery>

export const SecurityLogQuery = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })), cursor: Cursor },
  strict,
)
export type SecurityLogQuery = Static<typeof SecurityLogQuery>

/** Throws validation_failed. */
export function toFilter({
  event_type,
  category,
  user_id,
  actor_id,
  ip,
  success,
  from,
  to,
}: Omit<AuditExportQuery, 'format'>): AuditFilter {
  return {
    type: event_type,
    category,
    user_id,
    actor_id,
    ip: ip === undefined ? undefined : toAddress(ip),
    success: success === undefined ? undefined : Number(success),
    from: from === undefined ? undefined : toTime('from', from),
    to: to === undefined ? undefined : toTime('to', to),
  }
}

function toAddress(ip: string): string {
  if (!isIP(ip)) throw invalid('ip', 'This is no IP address')
  return canonicalAddress(ip)
}

/** As it is stored. Not every engine compares with the year 0, and none of ours is that old. */
function toTime(name: string, text: string): string {
  const time = new Date(text)
  const isTime = !Number.isNaN(time.getTime()) && time.getTime() >= 0 && time.getUTCFullYear() <= 9999
  if (!isTime) throw invalid(name, 'There is no such time')
  return time.toISOString()
}

const invalid = (name: string, message: string) =>
  platformErrors.validation_failed({
    detail: '1 field needs attention',
    members: { errors: [{ pointer: `/${name}`, code: 'invalid', message }] },
  })
