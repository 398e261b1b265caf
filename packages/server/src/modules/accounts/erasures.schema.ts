import { type Static, Type } from 'typebox'
import { Id, nullable, Time } from '../../platform/http/schemas.ts'

const counts = (description: string) => Type.Record(Type.String({ maxLength: 64 }), Type.Integer(), { description })

export const ErasureReceipt = Type.Object(
  {
    user_id: Id,
    erased_at: Time,
    by: Type.String({ description: 'person or administrator' }),
    removed: counts('Rows that were removed, by table'),
    changed: counts('Rows that were overwritten or counted anew, by table'),
    kept: Type.Array(Type.String(), { description: 'What stays without a name' }),
    document: Type.String({ description: 'All of it as it was hashed' }),
    sha256: Type.String({ description: 'Of the document; the event of the audit log carries it too' }),
    signature: Type.String({ description: 'HMAC-SHA-256 of it with a key that is not in the database' }),
    event_id: Id,
    position: nullable(
      Type.Integer({ description: 'Of the event in the chain of the audit log; null until it is sealed' }),
    ),
    is_valid: Type.Boolean({ description: 'Whether document, hash, signature and event agree' }),
  },
  { title: 'ErasureReceipt' },
)
export type ErasureReceipt = Static<typeof ErasureReceipt>
