import type { Grant, ServerMetadata } from './code-flow.ts'
import type { Flow } from './flow.ts'
import { oauthErrors } from './oauth.errors.ts'
import type { AuthorizationRequest, AuthorizationResponse, ExternalIdentity, Provider } from './provider.ts'

/** Where GitHub is; tests put it elsewhere. */
export interface GitHubAddresses {
  site: string
  api: string
}

export const gitHub: GitHubAddresses = { site: 'https://github.com', api: 'https://api.github.com' }
export const gitHubScope = 'read:user user:email'

/** GitHub: OAuth 2.0 without an ID token, so what it says of the person is fetched. */
export class GitHubProvider implements Provider {
  readonly id = 'github'
  readonly name = 'GitHub'
  readonly icon = 'github'
  readonly trusted: boolean
  readonly #flow: Flow
  readonly #metadata: ServerMetadata
  readonly #api: string

  constructor({ trusted, flow, addresses }: { trusted: boolean; flow: Flow; addresses: GitHubAddresses }) {
    const { site, api } = addresses
    this.trusted = trusted
    this.#flow = flow
    this.#api = api
    this.#metadata = {
      issuer: `${site}/login/oauth`,
      authorization_endpoint: `${site}/login/oauth/authorize`,
      token_endpoint: `${site}/login/oauth/access_token`,
      token_endpoint_auth_methods_supported: ['client_secret_post'],
    }
  }

  async authorizationUrl(request: AuthorizationRequest): Promise<URL> {
    return this.#flow.authorizationUrl(this.#metadata, request)
  }

  async identify(response: AuthorizationResponse): Promise<ExternalIdentity> {
    const grant = await this.#flow.exchange(this.#metadata, response)
    const [user, emails] = await Promise.all([this.#read(grant, '/user'), this.#read(grant, '/user/emails')])
    const { id, login, name } = (user ?? {}) as { id?: unknown; login?: unknown; name?: unknown }
    // The login can be given up and taken by somebody else; the number cannot.
    if (!Number.isSafeInteger(id) || (id as number) <= 0) throw oauthErrors.provider_error()
    const email = verifiedPrimary(emails)
    return {
      issuer: this.#metadata.issuer,
      subject: String(id),
      ...(email === undefined ? {} : { email }),
      emailVerified: email !== undefined,
      ...(typeof name === 'string' && name.trim() !== '' ? { name: name.trim() } : {}),
      ...(typeof login === 'string' && login !== '' ? { username: login } : {}),
    }
  }

  async #read(grant: Grant, path: string): Promise<unknown> {
    const headers = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' }
    const { status, body } = await grant.read(new URL(this.#api + path), headers)
    if (status === 200) return body
    // Without the scope for addresses there is none; without the person there is nothing.
    if (path === '/user/emails' && (status === 403 || status === 404)) return []
    throw oauthErrors.provider_error()
  }
}

function verifiedPrimary(emails: unknown): string | undefined {
  if (!Array.isArray(emails)) return undefined
  const found = (emails as unknown[]).find((entry): entry is { email: string } => {
    const { email, primary, verified } = (entry ?? {}) as Record<string, unknown>
    return primary === true && verified === true && typeof email === 'string'
  })
  return found?.email
}
