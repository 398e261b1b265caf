import { type Static, Type } from 'typebox'
import { strict, Time } from '../../../platform/http/schemas.ts'
import { DataRow } from '../data.schema.ts'

export const DeletedRow = Type.Object(
  {
    key: Type.String({ description: 'As in the address of the row' }),
    deleted_at: Time,
    deleted_by: Type.String({ description: 'A user' }),
    record: DataRow,
  },
  { title: 'DeletedRow' },
)
export type DeletedRow = Static<typeof DeletedRow>

export const DeletedQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
    cursor: Type.Optional(Type.String({ maxLength: 500 })),
  },
  strict,
)

export const PurgeQuery = Type.Object(
  { key: Type.Optional(Type.String({ maxLength: 200, description: 'Of one row; all of the table when left out' })) },
  strict,
)
