import type { OAuthConfig, OAuthProviderConfig, OAuthSecrets } from '../../config/oauth.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import { boundedFetch, type Fetch } from './bounded-fetch.ts'
import { codeFlow } from './flow.ts'
import { type GitHubAddresses, GitHubProvider, gitHub, gitHubScope } from './github-provider.ts'
import { OidcProvider, oidcScope } from './oidc-provider.ts'
import type { Provider } from './provider.ts'

/** Where the built-in providers are; tests put them elsewhere. */
export interface ProviderAddresses {
  google?: string
  gitHub?: GitHubAddresses
}

export interface ProvidersDependencies {
  config: OAuthConfig
  secrets: OAuthSecrets['oauth']
  addresses?: ProviderAddresses | undefined
  /** The provider of a development server, which is spoken to without a network. */
  dev?: { issuer: () => string; clientId: string; fetch: Fetch } | undefined
  now: Clock
  log: Logger
}

const googleIssuer = 'https://accounts.google.com'

/** The providers that are set up, by id, in the order of the settings. */
export function buildProviders(deps: ProvidersDependencies): ReadonlyMap<string, Provider> {
  const { config, secrets, addresses, dev, now, log } = deps
  const { allowLoopbackHttp } = config
  const common = { allowLoopbackHttp, now, log }
  const fetch = boundedFetch({ allowLoopbackHttp })

  const build = ({ id, kind, name, issuer, clientId, trusted }: OAuthProviderConfig): Provider => {
    const clientSecret = secrets.get(id) ?? ''
    const flow = (scope: string) => codeFlow({ ...common, fetch, clientId, clientSecret, scope })
    switch (kind) {
      case 'github':
        return new GitHubProvider({ trusted, flow: flow(gitHubScope), addresses: addresses?.gitHub ?? gitHub })
      case 'google': {
        const at = addresses?.google ?? googleIssuer
        return new OidcProvider({ id, name, icon: 'google', trusted, issuer: () => at, flow: flow(oidcScope), now })
      }
      case 'oidc':
        return new OidcProvider({ id, name, icon: 'openid', trusted, issuer: () => issuer, flow: flow(oidcScope), now })
    }
  }
  const providers = config.providers.map(build)
  if (dev) {
    const flow = codeFlow({ ...common, fetch: dev.fetch, clientId: dev.clientId, scope: oidcScope })
    const like = { id: 'dev', name: 'Development', icon: 'dev', trusted: true }
    providers.push(new OidcProvider({ ...like, issuer: dev.issuer, flow, now }))
  }
  return new Map(providers.map((provider) => [provider.id, provider]))
}
