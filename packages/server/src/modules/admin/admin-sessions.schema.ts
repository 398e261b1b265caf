import { type Static, Type } from 'typebox'
import { Id, nullable, strict } from '../../platform/http/schemas.ts'
import { PublicUser } from '../accounts/index.ts'
import { Session } from '../sessions/index.ts'

/** Where somebody is signed in, as an administrator sees it. */
export const AdminSession = Type.Object(
  {
    ...Session.properties,
    user: PublicUser,
    impersonator_id: nullable(Type.String({ description: 'The administrator who acts as this person' })),
  },
  { title: 'AdminSession' },
)
export type AdminSession = Static<typeof AdminSession>

export const AdminSessionQuery = Type.Object(
  {
    user_id: Type.Optional(Id),
    search: Type.Optional(
      Type.String({ maxLength: 200, description: 'Beginning of the name, display name or address of the account' }),
    ),
    device: Type.Optional(
      Type.String({ maxLength: 100, description: 'Part of the device’s name, or of what its browser calls itself' }),
    ),
    ip: Type.Optional(Type.String({ maxLength: 64, description: 'The network address of its last use' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 })),
    cursor: Type.Optional(Type.String({ maxLength: 500 })),
  },
  strict,
)
export type AdminSessionQuery = Static<typeof AdminSessionQuery>

export const AdminSessionParams = Type.Object({ id: Id })
