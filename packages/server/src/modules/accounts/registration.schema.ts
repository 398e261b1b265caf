import { type Static, Type } from 'typebox'
import { strict } from '../../platform/http/schemas.ts'
import { Password } from './accounts.schema.ts'

export const VerificationRequired = Type.Object(
  {
    status: Type.Literal('verification_required'),
    expires_in: Type.Integer({ description: 'Seconds until the registration is forgotten.' }),
  },
  { title: 'VerificationRequired' },
)

/** The token of a mailed link, or the address and the code. */
export const mailedProof = {
  token: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  email: Type.Optional(Type.String({ maxLength: 320 })),
  code: Type.Optional(Type.String({ minLength: 1, maxLength: 20 })),
}

export const EmailVerification = Type.Object(
  {
    ...mailedProof,
    password: Type.Optional({ ...Password, description: 'Outside the browser that registered.' }),
  },
  { ...strict, title: 'EmailVerification' },
)
export type EmailVerification = Static<typeof EmailVerification>

export const EmailAddress = Type.Object(
  { email: Type.String({ maxLength: 320 }) },
  { ...strict, title: 'EmailAddress' },
)
