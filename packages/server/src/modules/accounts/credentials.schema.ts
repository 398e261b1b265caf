import { Type } from 'typebox'
import { strict } from '../../platform/http/schemas.ts'
import { Password } from './accounts.schema.ts'
import { mailedProof } from './registration.schema.ts'

export const PasswordReset = Type.Object(
  { ...mailedProof, password: Password },
  { ...strict, title: 'PasswordReset', description: 'token of the link, or email and code' },
)

export const FirstPassword = Type.Object({ new_password: Password }, { ...strict, title: 'FirstPassword' })
