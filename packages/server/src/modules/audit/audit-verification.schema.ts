import { type Static, Type } from 'typebox'
import { nullable, strict } from '../../platform/http/schemas.ts'

const problems = ['changed', 'deleted', 'missing', 'seal', 'head', 'rewritten', 'signature', 'unsealed'] as const
const Problem = Type.Unsafe<(typeof problems)[number]>(Type.String({ description: problems.join(', ') }))

const Bad = Type.Object(
  {
    position: nullable(Type.Integer({ description: 'Its place in the chain' })),
    event_id: nullable(Type.String()),
    problem: Problem,
    detail: Type.String(),
  },
  { title: 'AuditProblem' },
)

export const AuditVerification = Type.Object(
  {
    ok: Type.Boolean(),
    checked: Type.Integer({ description: 'How many events are as they were sealed, from the first on' }),
    unsealed: Type.Integer({ description: 'Written and not sealed yet, at most 1,000 are counted' }),
    head: Type.String({ description: 'position:hash of the end of the chain; worth noting elsewhere' }),
    first_bad: Type.Unsafe<Static<typeof Bad> | null>({ ...Bad, type: ['object', 'null'] }),
  },
  { title: 'AuditVerification' },
)
export type AuditVerification = Static<typeof AuditVerification>

export const AuditVerifyQuery = Type.Object(
  {
    head: Type.Optional(
      Type.String({
        maxLength: 90,
        pattern: '^\\d{1,16}:[0-9a-f]{64}$',
        description: 'An end of the chain that was noted before: the chain must still pass it',
      }),
    ),
  },
  strict,
)
