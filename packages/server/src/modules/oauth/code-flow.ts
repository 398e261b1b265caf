import * as client from 'openid-client'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import { type Fetch, ProviderUnreachable } from './bounded-fetch.ts'
import { oauthErrors } from './oauth.errors.ts'
import type { AuthorizationRequest, AuthorizationResponse } from './provider.ts'

/** What a server publishes about itself (RFC 8414, OpenID Connect Discovery). */
export type ServerMetadata = client.ServerMetadata
export type Claims = client.IDToken

/** Ours to choose, never the provider's or the token's (RFC 8725). */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]
const timeoutSeconds = 5
const retrySeconds = 30
/** The provider's keys are kept this long while it cannot be asked for newer ones. */
const staleKeysMs = 86_400_000

export interface CodeFlowOptions {
  clientId: string
  /** Absent: a public client, which PKCE alone protects. */
  clientSecret?: string
  scope: string
  fetch: Fetch
  /** Issuers on this machine may be plain http. */
  allowLoopbackHttp: boolean
  now: Clock
  log: Logger
}

/** What came with a code, checked. */
export interface Grant {
  accessToken: string
  /** Of the ID token; undefined where there is none. */
  claims: Claims | undefined
  /** A resource of the provider, read with the access token. */
  read(url: URL, headers?: Record<string, string>): Promise<{ status: number; body: unknown }>
  userInfo(subject: string): Promise<client.UserInfoResponse>
}

/** The authorization code flow with PKCE (RFC 6749, 7636, 9207, 9700), for one client at one provider. */
export class CodeFlow {
  readonly #options: CodeFlowOptions
  #keys: { jwks: client.JWKS; at: number } | undefined
  #lastKeys: { body: string; at: number } | undefined

  constructor(options: CodeFlowOptions) {
    this.#options = options
  }

  /** Throws provider_error also when the answer names another issuer, be it by one letter. */
  async discover(issuer: string): Promise<ServerMetadata> {
    return this.#explain('discovery', async () => {
      const { clientId } = this.#options
      const configuration = await client.discovery(new URL(issuer), clientId, undefined, client.None(), {
        [client.customFetch]: this.#fetch,
        timeout: timeoutSeconds,
        execute: this.#options.allowLoopbackHttp ? [client.allowInsecureRequests] : [],
      })
      const metadata = configuration.serverMetadata()
      if (metadata.issuer !== issuer) throw new Error('the issuer is not spelt like the one that is configured')
      return metadata
    })
  }

  async authorizationUrl(metadata: ServerMetadata, request: AuthorizationRequest, more = {}): Promise<URL> {
    return this.#explain('authorization', async () =>
      client.buildAuthorizationUrl(this.#configuration(metadata), {
        redirect_uri: request.redirectUri,
        scope: this.#options.scope,
        state: request.state,
        code_challenge: await client.calculatePKCECodeChallenge(request.secrets.verifier),
        code_challenge_method: 'S256',
        ...more,
      }),
    )
  }

  /** Swaps the code for tokens and checks all of them; `nonce` where an ID token is due. */
  async exchange(metadata: ServerMetadata, response: AuthorizationResponse, nonce?: string): Promise<Grant> {
    return this.#explain('code exchange', async () => {
      const configuration = this.#configuration(metadata)
      this.#lendKeys(configuration)
      const tokens = await client.authorizationCodeGrant(configuration, response.url, {
        expectedState: response.state,
        pkceCodeVerifier: response.secrets.verifier,
        ...(nonce === undefined ? {} : { expectedNonce: nonce, idTokenExpected: true }),
      })
      this.#keepKeys(configuration)
      const claims = tokens.claims()
      if (claims?.azp !== undefined && claims.azp !== this.#options.clientId) {
        throw new Error('the ID token was made for another client')
      }
      return {
        accessToken: tokens.access_token,
        claims,
        read: (url, headers = {}) =>
          this.#explain('resource', async () => {
            const { access_token } = tokens
            const answer = await client.fetchProtectedResource(
              configuration,
              access_token,
              url,
              'GET',
              null,
              new Headers(headers),
            )
            return { status: answer.status, body: answer.ok ? await answer.json() : undefined }
          }),
        userInfo: (subject) =>
          this.#explain('userinfo', () => client.fetchUserInfo(configuration, tokens.access_token, subject)),
      }
    })
  }

  #configuration(metadata: ServerMetadata): client.Configuration {
    const { clientId, clientSecret, allowLoopbackHttp } = this.#options
    const offered = metadata.id_token_signing_alg_values_supported ?? ['RS256']
    const server = {
      ...metadata,
      id_token_signing_alg_values_supported: offered.filter((name) => algorithms.includes(name)),
    }
    const configuration = new client.Configuration(server, clientId, undefined, authentication(metadata, clientSecret))
    configuration[client.customFetch] = (url, init) =>
      url === metadata.jwks_uri ? this.#fetchKeys(url, init) : this.#fetch(url, init)
    configuration.timeout = timeoutSeconds
    if (allowLoopbackHttp) client.allowInsecureRequests(configuration)
    // The signature of an ID token is checked although it came from the provider itself over TLS.
    client.enableNonRepudiationChecks(configuration)
    return configuration
  }

  readonly #fetch: client.CustomFetch = (url, { body, headers, method, signal }) =>
    this.#options.fetch(url, {
      headers,
      method,
      ...(body == null ? {} : { body: body as NonNullable<RequestInit['body']> }),
      ...(signal ? { signal } : {}),
    })

  /** While the provider cannot say which keys are its own today, those of yesterday count. */
  async #fetchKeys(url: string, init: client.CustomFetchOptions): Promise<Response> {
    const now = this.#options.now().getTime()
    const last = this.#lastKeys && now - this.#lastKeys.at < staleKeysMs ? this.#lastKeys.body : undefined
    const response = await this.#fetch(url, init).catch((error: unknown) => {
      if (last === undefined) throw error
    })
    if (response && (response.ok || last === undefined)) {
      if (response.ok) this.#lastKeys = { body: await response.clone().text(), at: now }
      return response
    }
    return new Response(last, { headers: { 'content-type': 'application/json' } })
  }

  /** The library asks again after 5 minutes, or after one when a token names a key it does not know. */
  #lendKeys(configuration: client.Configuration): void {
    if (!this.#keys) return
    const ageMs = this.#options.now().getTime() - this.#keys.at
    client.setJwksCache(configuration, { jwks: this.#keys.jwks, uat: Math.floor((Date.now() - ageMs) / 1000) })
  }

  #keepKeys(configuration: client.Configuration): void {
    const cache = client.getJwksCache(configuration)
    if (!cache) return
    const ageMs = Date.now() - cache.uat * 1000
    this.#keys = { jwks: cache.jwks, at: this.#options.now().getTime() - ageMs }
  }

  /** That it is away, or that it is not to be believed; the log tells why, without what was in the answer. */
  async #explain<T>(step: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const denied = error instanceof client.AuthorizationResponseError && error.error === 'access_denied'
      if (denied) throw oauthErrors.access_denied()
      const cause = new Error(`${step}: ${reasonOf(error)}`)
      this.#options.log.warn({ err: cause, client_id: this.#options.clientId }, 'sign-in provider failed')
      if (isUnreachable(error))
        throw oauthErrors.provider_unavailable({ cause, members: { retry_after: retrySeconds } })
      throw oauthErrors.provider_error({ cause })
    }
  }
}

/** Secret in the body or in a header, as the provider takes it; a header where it does not say (OpenID Connect Core 9). */
function authentication(metadata: ServerMetadata, secret: string | undefined): client.ClientAuth {
  if (secret === undefined) return client.None()
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  return methods.includes('client_secret_basic') ? client.ClientSecretBasic(secret) : client.ClientSecretPost(secret)
}

/** The library wraps what a request threw. */
function isUnreachable(error: unknown): boolean {
  for (let each = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth++) {
    if (each instanceof ProviderUnreachable) return true
  }
  return false
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { code, error: word } = error as { code?: unknown; error?: unknown }
  const parts = [error.message, code, word].filter((part) => typeof part === 'string' && part !== '')
  const inner = error.cause instanceof Error ? ` (${error.cause.message})` : ''
  return `${parts.join(', ')}${inner}`.slice(0, 500)
}
