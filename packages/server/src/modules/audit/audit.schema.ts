import { type Static, Type } from 'typebox'
import { Id, nullable, Time } from '../../platform/http/schemas.ts'

const Outcome = Type.String({ description: 'success, failure or denied' })
const Resource = Type.Object({ type: Type.String(), id: nullable(Type.String()) }, { title: 'AuditResource' })
const Detail = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  additionalProperties: true,
  description: 'Facts of this event_type; never a secret',
})
const resource = Type.Unsafe<Static<typeof Resource> | null>({ ...Resource, type: ['object', 'null'] })

const eventFields = {
  id: Id,
  at: Time,
  event_type: Type.String(),
  category: Type.String(),
  outcome: Outcome,
  success: Type.Boolean(),
}

export const AuditEvent = Type.Object(
  {
    ...eventFields,
    source: Type.String({ description: 'http, socket, cli or job' }),
    actor: Type.Object({
      id: nullable(Id),
      kind: Type.String({ description: 'user, api_key, system (a command or a job) or anonymous' }),
    }),
    impersonator_id: nullable(Id),
    user_id: nullable(Type.String({ description: 'Whom it is about' })),
    session_id: nullable(Type.String({ description: 'The session, or the API key, it was done with' })),
    ip: nullable(Type.String()),
    user_agent: nullable(Type.String()),
    method: nullable(Type.String()),
    path: nullable(Type.String({ description: 'The pattern of the route, or the socket command' })),
    request_id: nullable(Type.String()),
    resource,
    detail: Detail,
    keep_until: Time,
  },
  { title: 'AuditEvent' },
)
export type AuditEvent = Static<typeof AuditEvent>

/** An event as the person sees it whom it is about. */
export const SecurityLogEntry = Type.Object(
  {
    ...eventFields,
    actor: Type.Object({
      id: nullable(Type.String({ description: 'The caller, or null' })),
      kind: Type.String({ description: 'user or api_key (oneself), administrator, system or anonymous' }),
    }),
    session_id: nullable(Type.String()),
    ip: nullable(Type.String()),
    user_agent: nullable(Type.String()),
    resource,
    detail: Detail,
  },
  { title: 'SecurityLogEntry' },
)
export type SecurityLogEntry = Static<typeof SecurityLogEntry>
