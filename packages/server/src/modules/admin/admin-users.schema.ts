import { type Static, Type } from 'typebox'
import { Id, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { Registration, User } from '../accounts/index.ts'

/** An account as an administrator sees it: everything but secrets. */
export const AdminUser = Type.Object(
  {
    ...User.properties,
    locked_until: nullable(Time),
    banned_until: nullable(Time),
    can_impersonate: Type.Boolean({ description: 'Whether the caller may act as this person.' }),
  },
  { title: 'AdminUser' },
)
export type AdminUser = Static<typeof AdminUser>

const Status = Type.Union(
  ['active', 'pending', 'suspended', 'deactivated', 'deletion_pending', 'deleted'].map((status) =>
    Type.Literal(status),
  ),
)
const Kind = Type.Union(['person', 'guest', 'service'].map((kind) => Type.Literal(kind)))
const RoleName = Type.String({ minLength: 1, maxLength: 64 })

export const AdminUserQuery = Type.Object(
  {
    search: Type.Optional(Type.String({ maxLength: 200, description: 'Beginning of a name, display name or address' })),
    status: Type.Optional(Status),
    kind: Type.Optional(Kind),
    role: Type.Optional(RoleName),
    created_after: Type.Optional(Type.String({ format: 'date-time', maxLength: 40 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 })),
    cursor: Type.Optional(Type.String({ maxLength: 500 })),
  },
  strict,
)
export type AdminUserQuery = Static<typeof AdminUserQuery>

const { username, email, display_name, locale } = Registration.properties
const Roles = Type.Array(RoleName, { minItems: 1, maxItems: 20, uniqueItems: true })

/** No password: nobody chooses one for somebody else. The person gets a mail to choose one. */
export const NewAdminUser = Type.Object(
  { username, email, display_name, locale, roles: Type.Optional(Roles) },
  { ...strict, title: 'NewAdminUser' },
)
export type NewAdminUser = Static<typeof NewAdminUser>

export const AdminUserPatch = Type.Object(
  {
    display_name,
    roles: Type.Optional(Roles),
    status: Type.Optional(Type.Union([Type.Literal('active'), Type.Literal('suspended'), Type.Literal('deactivated')])),
  },
  { ...strict, title: 'AdminUserPatch', minProperties: 1 },
)
export type AdminUserPatch = Static<typeof AdminUserPatch>

export const UserParams = Type.Object({ id: Id })

export const Reason = Type.Object(
  { reason: Type.String({ minLength: 3, maxLength: 500 }) },
  { ...strict, title: 'Reason' },
)
