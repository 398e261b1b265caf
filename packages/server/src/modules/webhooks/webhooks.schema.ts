import { type Static, Type } from 'typebox'
import { Id, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { auditTypes, moduleAuditPattern } from '../audit/index.ts'

const EventType = Type.Union(
  [
    Type.Literal('*'),
    ...Object.keys(auditTypes).map((name) => Type.Literal(name)),
    Type.String({ maxLength: 64, pattern: moduleAuditPattern, description: 'An event of a module' }),
  ],
  { description: 'An event_type of the audit log, or * for all' },
)
const Events = Type.Array(EventType, { minItems: 1, maxItems: 100, uniqueItems: true })
const Filter = Type.Object(
  { success: Type.Optional(Type.Boolean({ description: 'Only what succeeded, or only what did not' })) },
  { ...strict, title: 'WebhookFilter' },
)

const fields = {
  id: Id,
  name: Type.String(),
  url: Type.String(),
  events: Type.Array(Type.String()),
  filter: Filter,
  enabled: Type.Boolean(),
  disabled_reason: nullable(Type.String({ description: 'Why it was switched off by itself' })),
  old_secret_until: nullable(Type.String({ description: 'Until then the secret before the last change signs too' })),
  created_at: Time,
  updated_at: Time,
  version: Type.Integer(),
}

export const Webhook = Type.Object(fields, { title: 'Webhook' })
export type Webhook = Static<typeof Webhook>

export const IssuedWebhook = Type.Object(
  {
    ...fields,
    secret: Type.String({ description: 'What messages are signed with, whsec_…; in this answer and nowhere else' }),
  },
  { title: 'IssuedWebhook' },
)
export type IssuedWebhook = Static<typeof IssuedWebhook>

const name = Type.String({ minLength: 1, maxLength: 100 })
const url = Type.String({ maxLength: 2048, description: 'https, an address of the internet' })

export const NewWebhook = Type.Object(
  { name, url, events: Events, filter: Type.Optional(Filter) },
  { ...strict, title: 'NewWebhook' },
)
export type NewWebhook = Static<typeof NewWebhook>

export const WebhookPatch = Type.Object(
  {
    name: Type.Optional(name),
    url: Type.Optional(url),
    events: Type.Optional(Events),
    filter: Type.Optional(Filter),
    enabled: Type.Optional(Type.Boolean()),
  },
  { ...strict, title: 'WebhookPatch', minProperties: 1 },
)
export type WebhookPatch = Static<typeof WebhookPatch>

export const SecretRotation = Type.Object(
  {
    overlap_hours: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 168,
        default: 24,
        description: 'How long the old secret signs beside the new one',
      }),
    ),
  },
  { ...strict, title: 'SecretRotation' },
)
export type SecretRotation = Static<typeof SecretRotation>

export const WebhookDelivery = Type.Object(
  {
    id: Id,
    event_id: nullable(Type.String({ description: 'Of the audit log; null for a test' })),
    event_type: Type.String(),
    status: Type.String({ description: 'pending, sending, delivered or dead' }),
    attempts: Type.Integer(),
    next_attempt_at: nullable(Type.String()),
    response_status: nullable(Type.Integer()),
    last_error: nullable(Type.String()),
    created_at: Time,
    delivered_at: nullable(Type.String()),
  },
  { title: 'WebhookDelivery' },
)
export type WebhookDelivery = Static<typeof WebhookDelivery>

export const DeliveryQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 1000 })),
  },
  strict,
)
export type DeliveryQuery = Static<typeof DeliveryQuery>
