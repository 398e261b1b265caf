import { type Static, Type } from 'typebox'
import { strict } from '../../platform/http/schemas.ts'

export const AvailabilityCheck = Type.Object(
  {
    username: Type.Optional(Type.String({ maxLength: 200 })),
    email: Type.Optional(Type.String({ maxLength: 320 })),
  },
  { ...strict, title: 'AvailabilityCheck' },
)

const Verdict = Type.Object(
  {
    valid: Type.Boolean({ description: 'It follows the rules.' }),
    available: Type.Boolean({ description: 'It follows the rules, and nobody has it.' }),
    code: Type.Optional(Type.String({ description: 'The rule it breaks.' })),
    message: Type.Optional(Type.String()),
  },
  { title: 'AvailabilityVerdict' },
)

export const Availability = Type.Object(
  { username: Type.Optional(Verdict), email: Type.Optional(Verdict) },
  { title: 'Availability', description: 'email is missing where addresses must be proved' },
)
export type Availability = Static<typeof Availability>
