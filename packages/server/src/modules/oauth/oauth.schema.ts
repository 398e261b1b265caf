import { type Static, Type } from 'typebox'
import { Id, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { signInOptions } from '../accounts/index.ts'

export const ProviderId = Type.String({ pattern: '^[a-z0-9]{1,32}$', maxLength: 32, description: 'google, github …' })

export const ProviderList = Type.Object(
  {
    data: Type.Array(
      Type.Object(
        {
          id: Type.String(),
          name: Type.String(),
          icon: Type.String({ description: 'google, github, openid or dev' }),
          enabled: Type.Boolean(),
          initiate_url: Type.String({ description: 'Open it in the browser; redirect_to may be added' }),
        },
        { title: 'OAuthProvider' },
      ),
    ),
  },
  { title: 'OAuthProviderList' },
)
export type ProviderList = Static<typeof ProviderList>

const RedirectTo = Type.String({
  maxLength: 8192,
  description: 'A path of this site to return to; with token_delivery=body also an address at one of ALLOWED_ORIGINS.',
})

export const InitiateQuery = Type.Object(
  {
    redirect_to: Type.Optional(RedirectTo),
    remember: Type.Optional(Type.Boolean({ description: 'false: signed out when the browser closes' })),
    token_delivery: Type.Optional(
      Type.Union([Type.Literal('cookie'), Type.Literal('body')], {
        description: 'body: for apps, which swap the code they are given for tokens at /oauth/exchange',
      }),
    ),
    code_challenge: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]{43}$',
        maxLength: 43,
        description:
          'S256 of the verifier that /oauth/exchange must be sent (RFC 7636); needed with token_delivery=body',
      }),
    ),
    code_challenge_method: Type.Optional(Type.Literal('S256')),
  },
  strict,
)
export type InitiateQuery = Static<typeof InitiateQuery>

export const LinkRequest = Type.Object({ redirect_to: Type.Optional(RedirectTo) }, { ...strict, title: 'LinkRequest' })

export const LinkAnswer = Type.Object(
  { url: Type.String({ description: 'Open it in the same browser' }) },
  { title: 'LinkAnswer' },
)

export const OAuthExchange = Type.Object(
  {
    code: Type.String({ maxLength: 128 }),
    code_verifier: Type.String({ pattern: '^[A-Za-z0-9._~-]{43,128}$', maxLength: 128 }),
    device_name: signInOptions.device_name,
  },
  { ...strict, title: 'OAuthExchange' },
)
export type OAuthExchange = Static<typeof OAuthExchange>

export const LinkedIdentity = Type.Object(
  {
    id: Id,
    provider: Type.String(),
    provider_name: Type.String(),
    email: nullable(Type.String()),
    name: nullable(Type.String({ description: 'How the provider calls the person' })),
    created_at: Time,
    last_used_at: nullable(Time),
  },
  { title: 'LinkedIdentity' },
)
export type LinkedIdentity = Static<typeof LinkedIdentity>
