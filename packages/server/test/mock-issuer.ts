import { OAuth2Server } from 'oauth2-mock-server'
import { pathOf } from './dev-sign-in.ts'
import type { Answer, Visitor } from './test-app.ts'

type Json = Record<string, unknown>

/** What a provider does at the next sign-ins; each is told the thing to change in place. */
export interface Tampering {
  /** Of the ID token. */
  claims?: (claims: Json) => void
  /** The body of the token endpoint's answer, with the ID token in it. */
  tokens?: (body: Json) => void
  userInfo?: (answer: { body: Json; statusCode: number }) => void
  metadata?: (body: Json) => void
  redirect?: (url: URL) => void
}

/** A provider on this machine that says whatever a test tells it to. */
export interface MockIssuer {
  /** As its tokens and its metadata name it. */
  url: string
  clientId: string
  clientSecret: string
  does: Tampering
  /** Settings that set it up under a name. */
  settings(name: string, more?: Record<string, string>): Record<string, string>
  server: OAuth2Server
  /** Another port is another issuer: it comes back at its own. */
  pause(): Promise<void>
  resume(): Promise<void>
  stop(): Promise<void>
}

const clientId = 'atrium-test'
const clientSecret = 'the secret of a client at a mock issuer'

export async function startMockIssuer(): Promise<MockIssuer> {
  const server = new OAuth2Server()
  await server.issuer.keys.generate('RS256')
  await server.start(0, '127.0.0.1')
  const { port } = server.address()
  const issuer: MockIssuer = {
    url: server.issuer.url ?? '',
    clientId,
    clientSecret,
    does: {},
    settings: (name, more = {}) => ({
      [`OIDC_${name}_ISSUER`]: issuer.url,
      [`OIDC_${name}_CLIENT_ID`]: clientId,
      [`OIDC_${name}_CLIENT_SECRET`]: clientSecret,
      ...Object.fromEntries(Object.entries(more).map(([part, value]) => [`OIDC_${name}_${part}`, value])),
    }),
    server,
    pause: () => server.stop(),
    resume: () => server.start(port, '127.0.0.1'),
    stop: async () => {
      if (server.listening) await server.stop()
    },
  }
  const { service } = server
  service.on('beforeTokenSigning', ({ payload }: { payload: Json }) => {
    if (payload.aud !== undefined) issuer.does.claims?.(payload)
  })
  service.on('beforeResponse', ({ body }: { body: Json }) => issuer.does.tokens?.(body))
  service.on('beforeUserinfo', (answer: { body: Json; statusCode: number }) => issuer.does.userInfo?.(answer))
  service.on('beforeWellKnownOpenIdConfiguration', ({ body }: { body: Json }) => issuer.does.metadata?.(body))
  service.on('beforeAuthorizeRedirect', ({ url }: { url: URL }) => issuer.does.redirect?.(url))
  return issuer
}

/** Follows to the provider and back to our door: the callback's path. */
export async function comeBack(
  visitor: Visitor,
  providerId: string,
  query: Record<string, string> = {},
): Promise<string> {
  const left = await visitor.get(`/oauth/${providerId}/initiate?${new URLSearchParams(query)}`)
  if (left.status !== 302) throw new Error(`initiate: ${left.status} ${left.body}`)
  return returnFrom(String(left.headers.location))
}

/** What a browser does at a provider that asks nothing. */
export async function returnFrom(address: string): Promise<string> {
  const sent = await fetch(address, { redirect: 'manual' })
  await sent.body?.cancel()
  return pathOf(sent.headers.get('location') ?? '')
}

export async function signInWith(
  visitor: Visitor,
  providerId: string,
  query: Record<string, string> = {},
): Promise<Answer> {
  return visitor.get(await comeBack(visitor, providerId, query))
}
