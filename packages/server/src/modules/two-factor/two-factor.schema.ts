import { type Static, Type } from 'typebox'
import { nullable, strict, Time } from '../../platform/http/schemas.ts'
import { tokenFields } from '../sessions/index.ts'

/** How somebody may prove the second step. */
export type FactorMethod = 'totp' | 'recovery' | 'passkey'

export const MfaStatus = Type.Object(
  {
    totp: Type.Object({ enabled: Type.Boolean(), confirmed_at: nullable(Time) }),
    passkeys: Type.Integer(),
    recovery_codes_left: Type.Integer(),
    required: Type.Boolean({ description: 'This account must keep a second factor.' }),
  },
  { title: 'MfaStatus' },
)
export type MfaStatus = Static<typeof MfaStatus>

export const TotpEnrolment = Type.Object(
  {
    secret: Type.String({ description: 'Base32, for typing; never told again.' }),
    otpauth_uri: Type.String(),
    qr_svg: Type.String({ description: 'The URI as a picture: plain SVG without scripts.' }),
  },
  { title: 'TotpEnrolment' },
)
export type TotpEnrolment = Static<typeof TotpEnrolment>

export const TotpConfirmation = Type.Object(
  { code: Type.String({ minLength: 6, maxLength: 16 }) },
  { ...strict, title: 'TotpConfirmation' },
)

const codes = Type.Array(Type.String(), { description: 'Shown this once; each works once.' })

export const RecoveryCodes = Type.Object({ recovery_codes: codes }, { title: 'RecoveryCodes' })

/** A second factor was just proved, so the session has two: its new pair comes along. */
export const TotpConfirmed = Type.Object({ ...tokenFields, recovery_codes: codes }, { title: 'TotpConfirmed' })

export const Nothing = Type.Optional(Type.Union([Type.Object({}, strict), Type.Null()]))
