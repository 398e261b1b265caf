import { type Static, Type } from 'typebox'
import { nullable, Time } from '../../../platform/http/schemas.ts'
import { DataRow, RowParams } from '../data.schema.ts'

export const RowRevision = Type.Object(
  {
    rev: Type.String({ description: 'To revert to it; means something to this caller only' }),
    action: Type.String({
      description: 'found (what was there before the first change that is known), insert, update, delete',
    }),
    changed_by: nullable(Type.String({ description: 'A user; told to administrators and to themselves' })),
    created_at: Time,
    record: DataRow,
  },
  { title: 'RowRevision' },
)
export type RowRevision = Static<typeof RowRevision>

export const RevisionParams = Type.Object({ ...RowParams.properties, rev: Type.String({ maxLength: 200 }) })
