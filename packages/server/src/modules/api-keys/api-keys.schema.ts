import { type Static, Type } from 'typebox'
import { Id, nullable, strict, Time } from '../../platform/http/schemas.ts'

const fields = {
  name: Type.String({ minLength: 1, maxLength: 80, pattern: '\\S' }),
  scopes: Type.Array(Type.String({ maxLength: 64 }), {
    minItems: 1,
    maxItems: 100,
    description: 'What the key may do, of what its owner may: permissions, `resource:*`, or `*`',
  }),
  expires_at: nullable(Type.String({ format: 'date-time', maxLength: 40 })),
  allowed_ips: Type.Array(Type.String({ maxLength: 64 }), {
    maxItems: 50,
    description: 'Addresses and networks (10.0.0.0/8, 2001:db8::/32) it works from; empty: from everywhere',
  }),
  rate_limit: Type.Unsafe<number | null>({
    type: ['integer', 'null'],
    minimum: 1,
    maximum: 100_000,
    description: 'Requests a minute, besides the limit its owner has',
  }),
}

export const ApiKey = Type.Object(
  {
    id: Id,
    name: Type.String(),
    prefix: Type.String({ description: 'How the key begins: tells keys apart, opens nothing' }),
    scopes: Type.Array(Type.String()),
    allowed_ips: Type.Array(Type.String()),
    rate_limit: nullable(Type.Integer()),
    expires_at: nullable(Time),
    last_used_at: nullable(Time),
    last_used_ip: nullable(Type.String()),
    created_at: Time,
    updated_at: Time,
    version: Type.Integer(),
  },
  { title: 'ApiKey' },
)
export type ApiKey = Static<typeof ApiKey>

export const IssuedApiKey = Type.Object(
  { ...ApiKey.properties, key: Type.String({ description: 'The key itself, shown this once' }) },
  { title: 'IssuedApiKey' },
)
export type IssuedApiKey = Static<typeof IssuedApiKey>

export const NewApiKey = Type.Object(
  {
    name: fields.name,
    scopes: fields.scopes,
    expires_at: Type.Optional(fields.expires_at),
    allowed_ips: Type.Optional(fields.allowed_ips),
    rate_limit: Type.Optional(fields.rate_limit),
  },
  { ...strict, title: 'NewApiKey' },
)
export type NewApiKey = Static<typeof NewApiKey>

export const ApiKeyPatch = Type.Partial(Type.Object(fields), { ...strict, title: 'ApiKeyPatch' })
export type ApiKeyPatch = Static<typeof ApiKeyPatch>
