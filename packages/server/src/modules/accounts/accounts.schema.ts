import { type Static, Type } from 'typebox'
import { defineEvent } from '../../platform/events/event-types.ts'
import { Id, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { Avatar } from '../files/index.ts'
import { tokenFields } from '../sessions/index.ts'
import { PrivacyPatch, PrivacySettings } from './privacy.schema.ts'

/** The account as its owner sees it. */
export const User = Type.Object(
  {
    id: Id,
    username: Type.String(),
    email: nullable(Type.String({ description: 'null for guests and service accounts' })),
    email_verified: Type.Boolean(),
    pending_email: nullable(Type.String({ description: 'Takes the place of email once it is confirmed' })),
    display_name: nullable(Type.String()),
    first_name: nullable(Type.String()),
    last_name: nullable(Type.String()),
    bio: nullable(Type.String()),
    avatar: Type.Union([Avatar, Type.Null()]),
    locale: nullable(Type.String()),
    time_zone: nullable(Type.String()),
    date_of_birth: nullable(Type.String()),
    country: nullable(Type.String()),
    roles: Type.Array(Type.String()),
    permissions: Type.Array(Type.String(), { description: 'What the roles grant: resource:action, resource:* or *' }),
    kind: Type.String({ description: 'person, guest or service' }),
    has_password: Type.Boolean(),
    mfa_enabled: Type.Boolean({ description: 'Signing in with the password asks for a second factor.' }),
    status: Type.String(),
    privacy_settings: PrivacySettings,
    erase_at: nullable(Time),
    last_login_at: nullable(Time),
    created_at: Time,
    updated_at: Time,
    version: Type.Integer(),
  },
  { title: 'User' },
)
export type User = Static<typeof User>

/** The account as everyone sees it: no e-mail address, ever. */
export const PublicUser = Type.Object(
  {
    id: Id,
    username: Type.String(),
    display_name: nullable(Type.String()),
    bio: nullable(Type.String()),
    avatar: Type.Union([Avatar, Type.Null()]),
    created_at: Time,
  },
  { title: 'PublicUser' },
)
export type PublicUser = Static<typeof PublicUser>

/** Long enough for every policy to judge it and to say why; longer is refused, never cut. */
export const Password = Type.String({ minLength: 1, maxLength: 1024 })
const Delivery = Type.Union([Type.Literal('cookie'), Type.Literal('body')])
export const signInOptions = {
  remember: Type.Optional(Type.Boolean({ description: 'false: signed out when the browser closes' })),
  device_name: Type.Optional(Type.String({ maxLength: 100 })),
  token_delivery: Type.Optional(Delivery),
}
const profileFields = {
  display_name: nullable(Type.String({ maxLength: 80 })),
  first_name: nullable(Type.String({ maxLength: 80 })),
  last_name: nullable(Type.String({ maxLength: 80 })),
  bio: nullable(Type.String({ maxLength: 500 })),
  locale: nullable(Type.String({ maxLength: 35, pattern: '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$' })),
  time_zone: nullable(Type.String({ maxLength: 64 })),
  date_of_birth: nullable(Type.String({ format: 'date', maxLength: 10 })),
  country: nullable(Type.String({ pattern: '^[A-Z]{2}$', maxLength: 2 })),
}

export const Registration = Type.Object(
  {
    username: Type.String({ maxLength: 200 }),
    email: Type.String({ maxLength: 320 }),
    password: Password,
    display_name: Type.Optional(profileFields.display_name),
    first_name: Type.Optional(profileFields.first_name),
    last_name: Type.Optional(profileFields.last_name),
    date_of_birth: Type.Optional(profileFields.date_of_birth),
    country: Type.Optional(profileFields.country),
    locale: Type.Optional(profileFields.locale),
    ...signInOptions,
  },
  { ...strict, title: 'Registration' },
)
export type Registration = Static<typeof Registration>

export const Setup = Type.Object(
  {
    token: Type.String({ maxLength: 200 }),
    username: Type.String({ maxLength: 200 }),
    email: Type.String({ maxLength: 320 }),
    password: Password,
    ...signInOptions,
  },
  { ...strict, title: 'Setup' },
)
export type Setup = Static<typeof Setup>

export const PasswordChange = Type.Object(
  { current_password: Password, new_password: Password, keep_other_sessions: Type.Optional(Type.Boolean()) },
  { ...strict, title: 'PasswordChange' },
)
export type PasswordChange = Static<typeof PasswordChange>

export const ProfilePatch = Type.Partial(Type.Object({ ...profileFields, privacy_settings: nullable(PrivacyPatch) }), {
  ...strict,
  title: 'ProfilePatch',
})
export type ProfilePatch = Static<typeof ProfilePatch>

export const MessageAnswer = Type.Object({ message: Type.String() }, { title: 'MessageAnswer' })

export const LoginAnswer = Type.Object(
  {
    ...tokenFields,
    user: User,
    verification: Type.Optional(Type.Object({ required: Type.Boolean() })),
  },
  { title: 'LoginAnswer' },
)

export const CurrentUser = Type.Object(
  {
    authenticated: Type.Boolean(),
    user: Type.Union([User, Type.Null()]),
    impersonated_by: Type.Optional(Type.String({ description: 'Name of the administrator who acts as this user.' })),
  },
  { title: 'CurrentUser' },
)

/** The account changed; told to its owner's other tabs and devices. */
export const accountUpdated = defineEvent('account.updated', User)
