import { type Static, Type } from 'typebox'
import { strict } from '../../platform/http/schemas.ts'

const text = (maxLength: number) => Type.String({ maxLength })
const request = {
  client_id: text(100),
  redirect_uri: text(2048),
  response_type: Type.Literal('code'),
  scope: Type.Optional(text(200)),
  state: text(512),
  nonce: Type.Optional(text(512)),
  code_challenge: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', maxLength: 43 }),
  code_challenge_method: Type.Literal('S256'),
}

/** What a client asks the development provider; PKCE is not optional. */
export const AuthorizationQuery = Type.Object(request)
export type AuthorizationQuery = Static<typeof AuthorizationQuery>

const onOff = Type.Optional(text(10))

/** The form of its page: who one is, and what is to go wrong. */
export const Approval = Type.Object(
  {
    ...request,
    name: text(200),
    email: text(320),
    denied: onOff,
    no_email: onOff,
    unverified_email: onOff,
    slow: onOff,
    bad_state: onOff,
    wrong_nonce: onOff,
  },
  strict,
)
export type Approval = Static<typeof Approval>
