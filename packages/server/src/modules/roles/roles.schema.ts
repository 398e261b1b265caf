import { type Static, Type } from 'typebox'
import { defineTopic } from '../../platform/events/event-bus.ts'
import { nullable, strict, Time } from '../../platform/http/schemas.ts'

export const RoleName = Type.String({
  pattern: '^[a-z][a-z0-9_-]{1,63}$',
  maxLength: 64,
  description: 'Small letters, digits, _ and -, beginning with a letter',
})

const description = Type.String({ maxLength: 200 })
const permissions = Type.Array(Type.String({ maxLength: 64 }), {
  maxItems: 200,
  description: 'Names of GET /admin/permissions, `resource:*`, or `*` for everything',
})
const inherits = Type.Array(Type.String({ maxLength: 64 }), {
  maxItems: 20,
  description: 'Roles whose permissions this one has as well',
})

export const Role = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    built_in: Type.Boolean({ description: 'Fixed: it can be given, not changed' }),
    permissions: Type.Array(Type.String(), { description: 'Its own, without the inherited ones' }),
    inherits: Type.Array(Type.String()),
    effective_permissions: Type.Array(Type.String(), { description: 'Its own and the inherited ones' }),
    created_at: nullable(Time),
    updated_at: nullable(Time),
    version: Type.Integer(),
  },
  { title: 'Role' },
)
export type Role = Static<typeof Role>

export const NewRole = Type.Object(
  {
    name: RoleName,
    description: Type.Optional(description),
    permissions: Type.Optional(permissions),
    inherits: Type.Optional(inherits),
  },
  { ...strict, title: 'NewRole' },
)
export type NewRole = Static<typeof NewRole>

export const RolePatch = Type.Partial(Type.Object({ description, permissions, inherits }), {
  ...strict,
  title: 'RolePatch',
})
export type RolePatch = Static<typeof RolePatch>

export const Permission = Type.Object(
  { name: Type.String(), resource: Type.String(), action: Type.String(), description: Type.String() },
  { title: 'Permission' },
)
export type Permission = Static<typeof Permission>

/** What a role grants changed; told after commit. */
export const rolesChanged = defineTopic<Record<never, never>>('roles.changed', { shared: true })
