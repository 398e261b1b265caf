import { createHash } from 'node:crypto'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import { newToken } from '../../platform/ids.ts'
import { definePurpose, type OneTimeTokens } from '../one-time/index.ts'
import type { Approval, AuthorizationQuery } from './dev-oidc.schema.ts'
import { SigningKey } from './signing-key.ts'

export interface DevIssuerDependencies {
  database: DatabaseHandle
  oneTime: OneTimeTokens
  now: Clock
  publicUrl: URL
}

export const devClientId = 'atrium'

interface PersonClaims {
  sub: string
  name: string
  email?: string
  email_verified?: boolean
}

interface Code {
  person: PersonClaims
  redirectUri: string
  codeChallenge: string
  nonce: string | undefined
  slow: boolean
}

const authorizationCode = definePurpose<Code>({ name: 'dev_oidc_code', lifeSeconds: 60, newestOnly: false })
const accessToken = definePurpose<PersonClaims>({ name: 'dev_oidc_access', lifeSeconds: 300, newestOnly: false })

const slowMs = 3_000

export interface TokenAnswer {
  status: number
  body: object
}

/** An OpenID provider where everybody is who they say, to develop against without one; never part of production. */
export class DevIssuer {
  readonly #deps: DevIssuerDependencies
  readonly #key = new SigningKey()

  constructor(deps: DevIssuerDependencies) {
    this.#deps = deps
  }

  get issuer(): string {
    return `${this.#deps.publicUrl.origin}/dev/oidc`
  }

  get host(): string {
    return this.#deps.publicUrl.host
  }

  metadata(): object {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      userinfo_endpoint: `${this.issuer}/userinfo`,
      jwks_uri: `${this.issuer}/jwks`,
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
      token_endpoint_auth_methods_supported: ['none'],
      code_challenge_methods_supported: ['S256'],
      scopes_supported: ['openid', 'email', 'profile'],
      claims_supported: ['sub', 'name', 'email', 'email_verified'],
      authorization_response_iss_parameter_supported: true,
    }
  }

  keySet(): object {
    return this.#key.keySet()
  }

  /** Throws bad_request: an address to return to that is not ours must not be returned to. */
  assertRequest({ client_id, redirect_uri }: AuthorizationQuery): void {
    const expected = `${this.#deps.publicUrl.origin}/oauth/dev/callback`
    if (client_id === devClientId && redirect_uri === expected) return
    throw platformErrors.bad_request({ detail: `The client is ${devClientId} and its redirect_uri is ${expected}` })
  }

  /** Where the browser goes once the form was sent. */
  async approve(approval: Approval): Promise<string> {
    this.assertRequest(approval)
    const { database, oneTime } = this.#deps
    const answer = new URL(approval.redirect_uri)
    answer.searchParams.set('state', approval.bad_state ? newToken() : approval.state)
    answer.searchParams.set('iss', this.issuer)
    if (approval.denied) {
      answer.searchParams.set('error', 'access_denied')
      return answer.href
    }
    const code: Code = {
      person: personOf(approval),
      redirectUri: approval.redirect_uri,
      codeChallenge: approval.code_challenge,
      nonce: approval.wrong_nonce ? newToken() : approval.nonce,
      slow: approval.slow !== undefined,
    }
    const { token } = await database.unitOfWork(({ tx }) => oneTime.issue(tx, authorizationCode, code.person.sub, code))
    answer.searchParams.set('code', token)
    return answer.href
  }

  /** The token endpoint (RFC 6749 4.1.3, with PKCE). */
  async token(form: URLSearchParams): Promise<TokenAnswer> {
    const { database, oneTime, now } = this.#deps
    const refused = (error: string): TokenAnswer => ({ status: 400, body: { error } })
    if (form.get('grant_type') !== 'authorization_code') return refused('unsupported_grant_type')
    if (form.get('client_id') !== devClientId) return { status: 401, body: { error: 'invalid_client' } }
    const ticket = await oneTime.find(database.db, authorizationCode, form.get('code') ?? '')
    const used = ticket !== undefined && (await database.unitOfWork(({ tx }) => oneTime.consume(tx, ticket)))
    if (!ticket || !used) return refused('invalid_grant')
    const { person, redirectUri, codeChallenge, nonce, slow } = ticket.data
    const isProved = challengeOf(form.get('code_verifier') ?? '') === codeChallenge
    if (!isProved || form.get('redirect_uri') !== redirectUri) return refused('invalid_grant')
    if (slow) await new Promise((done) => setTimeout(done, slowMs))
    const { token } = await database.unitOfWork(({ tx }) => oneTime.issue(tx, accessToken, person.sub, person))
    const issuedAt = Math.floor(now().getTime() / 1000)
    const times = { iat: issuedAt, exp: issuedAt + 300, auth_time: issuedAt }
    const claims = {
      iss: this.issuer,
      aud: devClientId,
      ...times,
      ...(nonce === undefined ? {} : { nonce }),
      ...person,
    }
    const body = { access_token: token, token_type: 'Bearer', expires_in: 300, id_token: this.#key.sign(claims) }
    return { status: 200, body }
  }

  /** Undefined for a token that is not ours. */
  async userInfo(authorization: string | undefined): Promise<object | undefined> {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
    const ticket = await this.#deps.oneTime.find(this.#deps.database.db, accessToken, token ?? '')
    return ticket?.data
  }

  /** What a request to this issuer answers, for the client in the same process: no network, no port to know. */
  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const path = url.startsWith(this.issuer) ? url.slice(this.issuer.length) : ''
    const headers = new Headers(init.headers)
    switch (path) {
      case '/.well-known/openid-configuration':
        return Response.json(this.metadata())
      case '/jwks':
        return Response.json(this.keySet())
      case '/token': {
        const { status, body } = await this.token(new URLSearchParams(String(init.body ?? '')))
        return Response.json(body, { status })
      }
      case '/userinfo': {
        const person = await this.userInfo(headers.get('authorization') ?? undefined)
        return person ? Response.json(person) : new Response(null, { status: 401 })
      }
      default:
        return new Response(null, { status: 404 })
    }
  }
}

function personOf({ name, email, no_email, unverified_email }: Approval): PersonClaims {
  const address = email.trim()
  const known = (address === '' ? name.trim() : address).toLowerCase()
  const sub = createHash('sha256').update(known).digest('base64url').slice(0, 22)
  const isNamed = address !== '' && no_email === undefined
  return {
    sub,
    name: name.trim() || 'Somebody',
    ...(isNamed ? { email: address, email_verified: unverified_email === undefined } : {}),
  }
}

const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url')
