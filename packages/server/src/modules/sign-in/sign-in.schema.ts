import { type Static, Type } from 'typebox'
import { strict } from '../../platform/http/schemas.ts'
import { Password, Registration, signInOptions } from '../accounts/index.ts'

const Identifier = Type.String({ minLength: 1, maxLength: 320 })

export const Login = Type.Object(
  {
    identifier: Type.Optional(Identifier),
    username: Type.Optional(Identifier),
    email: Type.Optional(Identifier),
    email_or_username: Type.Optional(Identifier),
    password: Password,
    ...signInOptions,
  },
  { ...strict, title: 'Login' },
)
export type Login = Static<typeof Login>

/** A credential as browsers answer it (WebAuthn Level 3, 5.8.2); its insides are checked where it is verified. */
const Credential = Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), {
  description: 'What navigator.credentials answered, as JSON.',
})
const Code = Type.String({ minLength: 1, maxLength: 64 })
const OneTimeToken = Type.String({ minLength: 1, maxLength: 200 })

export const FactorMethods = Type.Array(
  Type.Union([Type.Literal('totp'), Type.Literal('recovery'), Type.Literal('passkey')]),
)

export const MfaRequired = Type.Object(
  {
    status: Type.Literal('mfa_required'),
    mfa_token: Type.String({ description: 'Opens the second step and nothing else.' }),
    methods: FactorMethods,
    expires_in: Type.Integer(),
  },
  { title: 'MfaRequired' },
)

export const MfaVerification = Type.Object(
  {
    mfa_token: OneTimeToken,
    method: Type.Union([Type.Literal('totp'), Type.Literal('recovery'), Type.Literal('passkey')]),
    code: Type.Optional(Code),
    assertion: Type.Optional(Credential),
    trust_device: Type.Optional(
      Type.Boolean({ description: 'Asks for no second factor on this browser for 30 days.' }),
    ),
  },
  { ...strict, title: 'MfaVerification' },
)
export type MfaVerification = Static<typeof MfaVerification>

export const Reauthentication = Type.Object(
  {
    password: Type.Optional(Password),
    code: Type.Optional(Code),
    assertion: Type.Optional(Credential),
  },
  { ...strict, title: 'Reauthentication', minProperties: 1, maxProperties: 1 },
)
export type Reauthentication = Static<typeof Reauthentication>

const Email = Type.String({ minLength: 3, maxLength: 320 })
export const EmailSignInRequest = Type.Object({ email: Email }, { ...strict, title: 'EmailSignInRequest' })

export const EmailSignInProof = Type.Object(
  {
    token: Type.Optional(OneTimeToken),
    email: Type.Optional(Email),
    code: Type.Optional(Code),
    ...signInOptions,
  },
  { ...strict, title: 'EmailSignInProof' },
)
export type EmailSignInProof = Static<typeof EmailSignInProof>

export const PasskeyOptionsRequest = Type.Object(
  {
    purpose: Type.Optional(Type.Literal('reauthenticate')),
    mfa_token: Type.Optional(OneTimeToken),
  },
  { ...strict, title: 'PasskeyOptionsRequest' },
)

export const PasskeySignIn = Type.Object(
  { assertion: Credential, ...signInOptions },
  { ...strict, title: 'PasskeySignIn' },
)

export const GuestEntry = Type.Object(signInOptions, { ...strict, title: 'GuestEntry' })

const { username, email, display_name, first_name, last_name, date_of_birth, country } = Registration.properties
export const GuestUpgrade = Type.Object(
  { username, email, password: Password, display_name, first_name, last_name, date_of_birth, country },
  { ...strict, title: 'GuestUpgrade' },
)
export type GuestUpgrade = Static<typeof GuestUpgrade>

export const UnlockRequest = Type.Object({ token: OneTimeToken }, { ...strict, title: 'UnlockRequest' })
