import { type Static, Type } from 'typebox'
import { Id, strict, Time } from '../../platform/http/schemas.ts'

export const ServiceAccount = Type.Object(
  {
    id: Id,
    name: Type.String(),
    description: Type.String(),
    roles: Type.Array(Type.String()),
    permissions: Type.Array(Type.String(), { description: 'What the roles grant' }),
    status: Type.String(),
    created_at: Time,
    updated_at: Time,
    version: Type.Integer(),
  },
  { title: 'ServiceAccount' },
)
export type ServiceAccount = Static<typeof ServiceAccount>

export const NewServiceAccount = Type.Object(
  {
    name: Type.String({ maxLength: 200, description: 'As the name of a person: nobody else has it' }),
    description: Type.Optional(Type.String({ maxLength: 500 })),
    roles: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 20 })),
  },
  { ...strict, title: 'NewServiceAccount' },
)
export type NewServiceAccount = Static<typeof NewServiceAccount>
