import { Type } from 'typebox'
import { strict } from '../../platform/http/schemas.ts'
import { Password } from './accounts.schema.ts'

const ownPassword = Type.Optional({ ...Password, description: 'Needed where the account has one.' })

export const UsernameChange = Type.Object(
  { username: Type.String({ maxLength: 200 }), password: ownPassword },
  { ...strict, title: 'UsernameChange' },
)

export const EmailChange = Type.Object(
  { new_email: Type.String({ maxLength: 320 }), password: ownPassword },
  { ...strict, title: 'EmailChange' },
)

export const EmailChangeRequested = Type.Object(
  {
    pending_email: Type.String(),
    expires_in: Type.Integer({ description: 'Seconds until the link of the mail ends.' }),
  },
  { title: 'EmailChangeRequested' },
)

export const EmailConfirmation = Type.Object(
  {
    token: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    code: Type.Optional(Type.String({ minLength: 1, maxLength: 20 })),
  },
  { ...strict, title: 'EmailConfirmation' },
)
