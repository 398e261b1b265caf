import type { Clock } from '../../platform/clock.ts'
import type { Claims, Grant, ServerMetadata } from './code-flow.ts'
import type { Flow } from './flow.ts'
import { oauthErrors } from './oauth.errors.ts'
import type { AuthorizationRequest, AuthorizationResponse, ExternalIdentity, Provider } from './provider.ts'
import { ProviderMetadata } from './provider-metadata.ts'

export interface OidcProviderOptions {
  id: string
  name: string
  icon: string
  trusted: boolean
  issuer: () => string
  flow: Flow
  now: Clock
}

export const oidcScope = 'openid email profile'

/** Any OpenID Connect provider, by what it publishes about itself. */
export class OidcProvider implements Provider {
  readonly id: string
  readonly name: string
  readonly icon: string
  readonly trusted: boolean
  readonly #flow: Flow
  readonly #metadata: ProviderMetadata<ServerMetadata>

  constructor({ id, name, icon, trusted, issuer, flow, now }: OidcProviderOptions) {
    this.id = id
    this.name = name
    this.icon = icon
    this.trusted = trusted
    this.#flow = flow
    this.#metadata = new ProviderMetadata(() => flow.discover(issuer()), now)
  }

  async authorizationUrl(request: AuthorizationRequest): Promise<URL> {
    return this.#flow.authorizationUrl(await this.#metadata.get(), request, { nonce: request.secrets.nonce })
  }

  async identify(response: AuthorizationResponse): Promise<ExternalIdentity> {
    const metadata = await this.#metadata.get()
    const grant = await this.#flow.exchange(metadata, response, response.secrets.nonce)
    const { claims } = grant
    // At most 255 ASCII characters (OpenID Connect Core 2): what a database might cut or trim identifies nobody.
    if (!claims || !/^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(claims.sub)) {
      throw oauthErrors.provider_error({ cause: new Error('the ID token names nobody') })
    }
    const profile = profileOf(await this.#person(metadata, grant, claims))
    return { issuer: metadata.issuer, subject: claims.sub, ...profile }
  }

  /** Address and promise always come from the same place: of one without the other nothing would follow. */
  async #person(metadata: ServerMetadata, grant: Grant, claims: Claims): Promise<Profile> {
    if (claims.email !== undefined || metadata.userinfo_endpoint === undefined) return claims
    return grant.userInfo(claims.sub)
  }
}

interface Profile {
  readonly [claim: string]: unknown
}

function profileOf(person: Profile) {
  const text = (value: unknown) => (typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined)
  const email = text(person.email)
  const name = text(person.name)
  const username = text(person.preferred_username)
  return {
    ...(email === undefined ? {} : { email }),
    emailVerified: email !== undefined && person.email_verified === true,
    ...(name === undefined ? {} : { name }),
    ...(username === undefined || username.includes('@') ? {} : { username }),
  }
}
