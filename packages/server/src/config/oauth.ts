import { isLoopback } from '../platform/http/loopback.ts'
import type { Settings } from './settings.ts'

/** One way in through somebody else's accounts. */
export interface OAuthProviderConfig {
  /** In addresses and in the table of identities: it must never change once people signed in with it. */
  id: string
  kind: 'google' | 'github' | 'oidc'
  name: string
  /** As the provider itself spells it; empty where the kind implies it. */
  issuer: string
  clientId: string
  /** What it says of an address being verified is believed when accounts are linked. */
  trusted: boolean
}

export interface OAuthConfig {
  providers: readonly OAuthProviderConfig[]
  /** Issuers on this machine may be plain http. */
  allowLoopbackHttp: boolean
}

export interface OAuthSecrets {
  /** Client secrets by provider id. */
  oauth: ReadonlyMap<string, string>
}

type Variables = Readonly<Record<string, string | undefined>>
type Attempt = <T>(name: string, read: () => T, fallback: T) => T

const taken = new Set(['GOOGLE', 'GITHUB', 'DEV'])
const parts = ['ISSUER', 'CLIENT_ID', 'CLIENT_SECRET', 'TRUSTED'] as const
type Part = (typeof parts)[number]
const pattern = new RegExp(`^OIDC_(.+)_(${parts.join('|')})$`)

/** The settings of sign-in providers as one; what is wrong with them goes to `attempt`. */
export function readOAuthConfig(
  settings: Settings,
  variables: Variables,
  { production, attempt }: { production: boolean; attempt: Attempt },
): { oauth: OAuthConfig; secrets: OAuthSecrets } {
  const secrets = new Map<string, string>()
  const allowLoopbackHttp = !production
  const preset = (kind: 'google' | 'github', name: string, upper: 'GOOGLE' | 'GITHUB'): OAuthProviderConfig[] => {
    const [clientId, secret] = [settings[`${upper}_CLIENT_ID`], settings[`${upper}_CLIENT_SECRET`]]
    if (clientId === '' && secret === '') return []
    if (clientId === '') attempt(`${upper}_CLIENT_ID`, () => refuse(`${upper}_CLIENT_SECRET needs it`), null)
    if (secret === '') attempt(`${upper}_CLIENT_SECRET`, () => refuse(`${upper}_CLIENT_ID needs it`), null)
    secrets.set(kind, secret)
    return [{ id: kind, kind, name, issuer: '', clientId, trusted: settings[`${upper}_TRUSTED`] }]
  }
  const issuers = [...groups(variables, attempt)].flatMap(([name, given]): OAuthProviderConfig[] => {
    const missing = parts.filter((part) => part !== 'TRUSTED' && !given[part])
    for (const part of missing) {
      attempt(`OIDC_${name}_${part}`, () => refuse(`the other OIDC_${name} settings need it`), null)
    }
    if (missing.length > 0) return []
    const id = name.toLowerCase()
    secrets.set(id, given.CLIENT_SECRET ?? '')
    return [
      {
        id,
        kind: 'oidc',
        name: name.charAt(0) + name.slice(1).toLowerCase(),
        issuer: attempt(`OIDC_${name}_ISSUER`, () => checkIssuer(given.ISSUER ?? '', allowLoopbackHttp), ''),
        clientId: given.CLIENT_ID ?? '',
        trusted: attempt(`OIDC_${name}_TRUSTED`, () => readBoolean(given.TRUSTED), false),
      },
    ]
  })
  return {
    oauth: {
      providers: [...preset('google', 'Google', 'GOOGLE'), ...preset('github', 'GitHub', 'GITHUB'), ...issuers],
      allowLoopbackHttp,
    },
    secrets: { oauth: secrets },
  }
}

/** What `config show` tells of the settings whose names are a pattern. */
export const oidcVariables = (variables: Variables): [name: string, value: string][] =>
  Object.entries(variables).filter((entry): entry is [string, string] => pattern.test(entry[0]) && Boolean(entry[1]))

/** OIDC_ACME_ISSUER=… → ACME → { ISSUER: … }. */
function groups(variables: Variables, attempt: Attempt): Map<string, Partial<Record<Part, string>>> {
  const found = new Map<string, Partial<Record<Part, string>>>()
  for (const [variable, value] of oidcVariables(variables)) {
    const [, name = '', part = ''] = pattern.exec(variable) ?? []
    const usable = attempt(
      variable,
      () => {
        if (!/^[A-Z0-9]{1,32}$/.test(name)) return refuse('the part after OIDC_ is made of A-Z and 0-9, at most 32')
        return taken.has(name) ? refuse(`${name} is the name of a provider that is built in; choose another`) : true
      },
      false,
    )
    if (usable) found.set(name, { ...found.get(name), [part]: value })
  }
  return found
}

/** Kept as it is written: tokens must name the issuer in the very same letters. */
function checkIssuer(text: string, allowLoopbackHttp: boolean): string {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) return refuse('is not an https address')
  if (url.search || url.hash || url.username || url.password || text.length > 255)
    return refuse('must be the issuer as the provider writes it: no query, no fragment, no password')
  const isLocal = allowLoopbackHttp && isLoopback(url.hostname)
  return url.protocol === 'https:' || isLocal ? text : refuse('must be https')
}

function readBoolean(text: string | undefined): boolean {
  if (text === undefined || text === '' || text === 'false') return false
  return text === 'true' || refuse('must be true or false')
}

function refuse(why: string): never {
  throw new Error(why)
}
