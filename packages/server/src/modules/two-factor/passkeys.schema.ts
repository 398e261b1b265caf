import { type Static, Type } from 'typebox'
import { Id, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { tokenFields } from '../sessions/index.ts'

/** What an assertion is asked for; each challenge serves one. */
export type PasskeyPurpose = 'sign_in' | 'mfa' | 'reauthenticate'

const passkeyFields = {
  id: Id,
  name: Type.String(),
  transports: Type.Array(Type.String()),
  backed_up: Type.Boolean({ description: 'Copies of it are kept, by a password manager say.' }),
  created_at: Time,
  last_used_at: nullable(Time),
}
export const Passkey = Type.Object(passkeyFields, { title: 'Passkey' })
export type Passkey = Static<typeof Passkey>

const name = Type.String({ minLength: 1, maxLength: 80, pattern: '\\S', description: 'For telling them apart' })

/** Base64url of at most so many characters. */
const bytes = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '^[A-Za-z0-9_-]+$' })
/** A credential id has up to 1023 bytes (WebAuthn L3 4). */
const CredentialId = bytes(1364)

/** Browsers add members as WebAuthn grows: what is not known is not read. */
const open = { additionalProperties: true } as const
const credentialFields = {
  id: CredentialId,
  rawId: CredentialId,
  type: Type.Literal('public-key'),
  authenticatorAttachment: Type.Optional(nullable(Type.String({ maxLength: 32 }))),
  clientExtensionResults: Type.Optional(Type.Object({}, open)),
}

/** RegistrationResponseJSON of WebAuthn. */
const AttestationCredential = Type.Object(
  {
    ...credentialFields,
    response: Type.Object(
      {
        clientDataJSON: bytes(8192),
        attestationObject: bytes(65_536),
        transports: Type.Optional(Type.Array(Type.String({ maxLength: 32 }), { maxItems: 16 })),
      },
      open,
    ),
  },
  { ...open, title: 'AttestationCredential' },
)
export type AttestationCredential = Static<typeof AttestationCredential>

/** AuthenticationResponseJSON of WebAuthn: what `navigator.credentials.get` gave, through `toJSON()`. */
export const AssertionCredential = Type.Object(
  {
    ...credentialFields,
    response: Type.Object(
      {
        clientDataJSON: bytes(8192),
        authenticatorData: bytes(8192),
        signature: bytes(8192),
        userHandle: Type.Optional(nullable(Type.String({ maxLength: 128 }))),
      },
      open,
    ),
  },
  { ...open, title: 'AssertionCredential' },
)
export type AssertionCredential = Static<typeof AssertionCredential>

export const NewPasskey = Type.Object(
  { credential: AttestationCredential, name: Type.Optional(name) },
  { ...strict, title: 'NewPasskey' },
)
export type NewPasskey = Static<typeof NewPasskey>

export const PasskeyPatch = Type.Object({ name }, { ...strict, title: 'PasskeyPatch' })

/** A second factor was just proved, so the session has two: its new pair comes along. */
export const PasskeyAdded = Type.Object(
  {
    ...passkeyFields,
    ...tokenFields,
    recovery_codes: Type.Optional(
      Type.Array(Type.String(), { description: 'With the first second factor; shown this once.' }),
    ),
  },
  { title: 'PasskeyAdded' },
)

const Descriptor = Type.Object({
  id: Type.String(),
  type: Type.Literal('public-key'),
  transports: Type.Array(Type.String()),
})

/** PublicKeyCredentialCreationOptionsJSON of WebAuthn, for `parseCreationOptionsFromJSON`. */
export const PasskeyCreationOptions = Type.Object(
  {
    challenge: Type.String(),
    rp: Type.Object({ id: Type.String(), name: Type.String() }),
    user: Type.Object({ id: Type.String(), name: Type.String(), displayName: Type.String() }),
    pubKeyCredParams: Type.Array(Type.Object({ alg: Type.Integer(), type: Type.Literal('public-key') })),
    timeout: Type.Integer(),
    excludeCredentials: Type.Array(Descriptor),
    authenticatorSelection: Type.Object({
      residentKey: Type.Literal('preferred'),
      requireResidentKey: Type.Boolean(),
      userVerification: Type.Literal('preferred'),
    }),
    attestation: Type.Literal('none'),
    extensions: Type.Object({ credProps: Type.Boolean() }),
  },
  { title: 'PasskeyCreationOptions' },
)
export type PasskeyCreationOptions = Static<typeof PasskeyCreationOptions>

/** PublicKeyCredentialRequestOptionsJSON of WebAuthn, for `parseRequestOptionsFromJSON`. */
export const PasskeyRequestOptions = Type.Object(
  {
    challenge: Type.String(),
    rpId: Type.String(),
    timeout: Type.Integer(),
    allowCredentials: Type.Array(Descriptor),
    userVerification: Type.Union([Type.Literal('required'), Type.Literal('preferred')]),
  },
  { title: 'PasskeyRequestOptions' },
)
export type PasskeyRequestOptions = Static<typeof PasskeyRequestOptions>
