import type { OAuthConfig, OAuthSecrets } from '../../config/oauth.ts'
import { DevIssuer, type DevIssuerDependencies, devClientId } from '../dev-oidc/index.ts'
import { AccountLinking, type AccountLinkingDependencies } from './account-linking.ts'
import { type IdentitiesDependencies, IdentitiesService } from './identities.service.ts'
import { Newcomers, type NewcomersDependencies } from './newcomers.ts'
import { type OAuthDependencies, OAuthService } from './oauth.service.ts'
import { buildProviders, type ProviderAddresses, type ProvidersDependencies } from './providers.ts'

interface Shared {
  providers: OAuthDependencies['providers']
  newcomers: Newcomers
  linking: AccountLinking
}

export type OAuthBuild = Omit<
  DevIssuerDependencies &
    NewcomersDependencies &
    AccountLinkingDependencies &
    IdentitiesDependencies &
    OAuthDependencies &
    Pick<ProvidersDependencies, 'log'>,
  keyof Shared
> & {
  config: { production: boolean; oauth: OAuthConfig; secrets: OAuthSecrets }
  addresses: ProviderAddresses | undefined
}

/** The room, built together; the provider of a development server is part of it there and nowhere else. */
export function buildOAuth(deps: OAuthBuild) {
  const { config, addresses, log, now } = deps
  const devIssuer = config.production ? undefined : new DevIssuer(deps)
  const dev = devIssuer && { issuer: () => devIssuer.issuer, clientId: devClientId, fetch: devIssuer.fetch }
  const providers = buildProviders({ config: config.oauth, secrets: config.secrets.oauth, addresses, dev, now, log })
  const newcomers = new Newcomers(deps)
  const linking = new AccountLinking({ ...deps, newcomers })
  return {
    devIssuer,
    oauth: new OAuthService({ ...deps, providers, linking }),
    identities: new IdentitiesService({ ...deps, providers }),
  }
}
