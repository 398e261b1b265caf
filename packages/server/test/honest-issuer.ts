import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { type Adapter, type AdapterPayload } from 'oidc-provider'

export interface HonestPerson {
  sub: string
  email: string
  email_verified: boolean
  name: string
}

/** A certified OpenID provider (oidc-provider) on this machine, at which one person signs in without being asked. */
export interface HonestIssuer {
  url: string
  clientId: string
  clientSecret: string
  /** Takes up its work: only now is it known where the client is. */
  open(redirectUri: string): void
  person: HonestPerson
  stop(): void
}

export async function startHonestIssuer(person: HonestPerson): Promise<HonestIssuer> {
  let answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => response.end()
  const server = createServer((request, response) => answer(request, response))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer: HonestIssuer = {
    url,
    clientId: 'atrium',
    clientSecret: 'the secret at an honest issuer',
    person,
    open(redirectUri) {
      const provider: Provider = new Provider(url, {
        clients: [{ client_id: issuer.clientId, client_secret: issuer.clientSecret, redirect_uris: [redirectUri] }],
        adapter: Memory,
        jwks: { keys: [{ ...signingKey(), alg: 'RS256', use: 'sig' }] },
        ttl: { AccessToken: 300, Grant: 300, IdToken: 300, Interaction: 300, Session: 300 },
        pkce: { required: () => true },
        features: { devInteractions: { enabled: false } },
        interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
        cookies: { keys: ['a key for cookies'] },
        // As most providers do it: the ID token says who it is, userinfo says the rest.
        claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
        findAccount: (_context, id) => ({ accountId: id, claims: () => ({ ...issuer.person }) }),
        loadExistingGrant: async (context) => {
          const { client, session } = context.oidc
          const grant = new provider.Grant({ clientId: client?.clientId ?? '', accountId: session?.accountId ?? '' })
          grant.addOIDCScope('openid email profile')
          await grant.save()
          return grant
        },
      })
      const handle = provider.callback()
      answer = (request, response) => {
        if (!request.url?.startsWith('/interaction/')) return void handle(request, response)
        return void provider.interactionFinished(request, response, { login: { accountId: issuer.person.sub } })
      }
    },
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
  return issuer
}

const signingKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })

/** What the provider remembers, for as long as the test runs. */
class Memory implements Adapter {
  static readonly kept = new Map<string, AdapterPayload>()
  readonly #kind: string

  constructor(kind: string) {
    this.#kind = kind
  }
  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    Memory.kept.set(`${this.#kind}:${id}`, payload)
  }
  async find(id: string): Promise<AdapterPayload | undefined> {
    return Memory.kept.get(`${this.#kind}:${id}`)
  }
  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return [...Memory.kept.values()].find((payload) => payload.uid === uid && payload.kind === this.#kind)
  }
  async findByUserCode(): Promise<undefined> {}
  async destroy(id: string): Promise<void> {
    Memory.kept.delete(`${this.#kind}:${id}`)
  }
  async consume(id: string): Promise<void> {
    const payload = await this.find(id)
    if (payload) payload.consumed = Math.floor(Date.now() / 1000)
  }
  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, payload] of Memory.kept) if (payload.grantId === grantId) Memory.kept.delete(key)
  }
}
