import { createHash, timingSafeEqual } from 'node:crypto'
import type { Actor, ClientInfo } from '../../platform/actor.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { AppError, platformErrors } from '../../platform/errors.ts'
import { newToken } from '../../platform/ids.ts'
import { invalidFields } from '../accounts/index.ts'
import type { AuditService } from '../audit/index.ts'
import { definePurpose, type OneTimeTokens, oneTimeErrors } from '../one-time/index.ts'
import { type SignInResult, type SignInService, signInErrors } from '../sign-in/index.ts'
import type { AccountLinking } from './account-linking.ts'
import { oauthErrors } from './oauth.errors.ts'
import type { InitiateQuery, OAuthExchange, ProviderList } from './oauth.schema.ts'
import { ownPath, withParameter } from './own-path.ts'
import type { FlowSecrets, Provider } from './provider.ts'

export interface OAuthDependencies {
  database: DatabaseHandle
  oneTime: OneTimeTokens
  audit: AuditService
  signIn: SignInService
  linking: AccountLinking
  providers: ReadonlyMap<string, Provider>
  publicUrl: URL
  /** Where apps may be sent back to. */
  allowedOrigins: readonly string[]
}

/** What is kept from the moment the browser leaves until it comes back. */
interface Flow {
  provider: string
  secrets: FlowSecrets
  /** SHA-256 of the browser's cookie: the flow ends in the browser it began in. */
  browser: string
  /** A path of ours, or an address of an app. Absent: where people usually begin. */
  redirectTo?: string
  remember: boolean
  /** An app that swaps a code for tokens. */
  app?: { codeChallenge: string }
  /** Somebody who is signed in and wants to be known by this identity too. */
  link?: { userId: string; sessionId: string }
}

const flowState = definePurpose<Flow>({ name: 'oauth_state', lifeSeconds: 600, newestOnly: false })
export const flowSeconds = flowState.lifeSeconds

/** For apps: between the browser and the app. */
interface Exchange {
  userId: string
  method: string
  remember: boolean
  codeChallenge: string
}

const exchangeCode = definePurpose<Exchange>({ name: 'oauth_exchange', lifeSeconds: 60, newestOnly: false })

/** A browser that was sent somewhere. */
export interface Departure {
  url: string
  /** For the cookie that the browser must bring back. */
  browserToken: string
}

/** Where the browser goes after the provider, signed in or not. */
export interface Arrival {
  to: string
  /** A finished sign-in, whose cookies go with the answer. */
  signedIn?: SignInResult & { status: 'complete' }
  /** For the registration cookie: here the link counts that was mailed to prove the address. */
  registrationToken?: string
}

const errorPage = '/sign-in'

export interface Returning {
  providerId: string
  /** The query the provider sent the browser back with. */
  search: string
  browserToken: string | undefined
  visitor: Actor | null
  client: ClientInfo
  deviceToken: string | undefined
}

/** The flow through a provider: leaving, coming back, and for apps the swap of a code for tokens (RFC 9700). */
export class OAuthService {
  readonly #deps: OAuthDependencies

  constructor(deps: OAuthDependencies) {
    this.#deps = deps
  }

  list(): ProviderList {
    const { origin } = this.#deps.publicUrl
    return {
      data: [...this.#deps.providers.values()].map(({ id, name, icon }) => ({
        id,
        name,
        icon,
        enabled: true,
        initiate_url: `${origin}/oauth/${id}/initiate`,
      })),
    }
  }

  /** Throws not_found, validation_failed, provider_error, provider_unavailable. */
  async initiate(providerId: string, query: InitiateQuery, browserToken: string | undefined): Promise<Departure> {
    const isApp = query.token_delivery === 'body'
    if (isApp && query.code_challenge === undefined) {
      throw invalidFields([
        { pointer: '/code_challenge', code: 'required', message: 'token_delivery=body needs a code_challenge' },
      ])
    }
    const redirectTo = ownPath(query.redirect_to) ?? (isApp ? this.#appAddress(query.redirect_to) : undefined)
    return this.#depart(this.#provider(providerId), browserToken, {
      remember: query.remember ?? true,
      ...(redirectTo === undefined ? {} : { redirectTo }),
      ...(isApp ? { app: { codeChallenge: query.code_challenge ?? '' } } : {}),
    })
  }

  /** Throws not_found, forbidden, provider_error, provider_unavailable. */
  async link(
    actor: Actor,
    providerId: string,
    redirectTo: string | undefined,
    browserToken: string | undefined,
  ): Promise<Departure> {
    const path = ownPath(redirectTo)
    await this.#deps.linking.assertMayLink(actor.userId)
    return this.#depart(this.#provider(providerId), browserToken, {
      remember: true,
      link: { userId: actor.userId, sessionId: actor.sessionId },
      ...(path === undefined ? {} : { redirectTo: path }),
    })
  }

  async #depart(
    provider: Provider,
    known: string | undefined,
    more: Omit<Flow, 'provider' | 'secrets' | 'browser'>,
  ): Promise<Departure> {
    const { database, oneTime } = this.#deps
    // One value per browser, so that two tabs may be on their way at once.
    const browserToken = known !== undefined && /^[A-Za-z0-9_-]{43}$/.test(known) ? known : newToken()
    // As long as a verifier of PKCE should be (RFC 7636 4.1).
    const secrets = { verifier: newToken(), nonce: newToken() }
    const flow: Flow = { provider: provider.id, secrets, browser: hashOf(browserToken), ...more }
    const { token } = await database.unitOfWork(({ tx }) => oneTime.issue(tx, flowState, provider.id, flow))
    const url = await provider.authorizationUrl({ redirectUri: this.#redirectUri(provider), state: token, secrets })
    return { url: url.href, browserToken }
  }

  /**
   * What a person, a provider or an attacker did wrong becomes `?error=` on a page of ours. Throws not_found where there
   * is no such provider.
   */
  async arrive(returning: Returning): Promise<Arrival> {
    this.#provider(returning.providerId)
    let flow: Flow | undefined
    try {
      flow = await this.#takeFlow(returning)
      return await this.#finish(flow, returning)
    } catch (error) {
      if (!(error instanceof AppError) || isOurs(error)) throw error
      if (!flow?.link) await this.#recordFailure(returning.providerId, error)
      return { to: withParameter(flow?.redirectTo ?? errorPage, 'error', error.code) }
    }
  }

  /** Whose account it would have been is known to the linking only, which writes that down itself. */
  async #recordFailure(providerId: string, { code }: AppError): Promise<void> {
    const { database, audit } = this.#deps
    if (code === oauthErrors.account_exists_link_first().code) return
    const detail = { method: `oauth:${providerId}`, reason: code }
    await database.unitOfWork(({ tx }) => audit.record(tx, { type: 'login_failed', outcome: 'failure', detail }))
  }

  /** The state is used up by whoever brings it first, right or wrong. Throws oauth_state_invalid. */
  async #takeFlow({ providerId, search, browserToken }: Returning): Promise<Flow> {
    const { database, oneTime } = this.#deps
    const [state, ...others] = new URLSearchParams(search).getAll('state')
    const single = state !== undefined && others.length === 0 ? state : undefined
    const ticket = single === undefined ? undefined : await oneTime.find(database.db, flowState, single)
    const used = ticket !== undefined && (await database.unitOfWork(({ tx }) => oneTime.consume(tx, ticket)))
    if (!ticket || !used) throw oauthErrors.oauth_state_invalid()
    const { data } = ticket
    const sameBrowser = browserToken !== undefined && isEqual(hashOf(browserToken), data.browser)
    if (!sameBrowser || data.provider !== providerId) throw oauthErrors.oauth_state_invalid()
    return data
  }

  async #finish(flow: Flow, returning: Returning): Promise<Arrival> {
    const { linking, signIn } = this.#deps
    const provider = this.#provider(flow.provider)
    if (flow.link && flow.link.sessionId !== returning.visitor?.sessionId) throw oauthErrors.oauth_state_invalid()
    const url = new URL(this.#redirectUri(provider))
    url.search = returning.search
    const state = url.searchParams.get('state') ?? ''
    const identity = await provider.identify({ url, state, secrets: flow.secrets })
    if (flow.link) {
      await linking.link(flow.link.userId, { provider, identity })
      return { to: flow.redirectTo ?? '/' }
    }
    const resolved = await linking.resolve({ provider, identity }, returning.client)
    if ('waits' in resolved) {
      const to = withParameter(flow.redirectTo ?? errorPage, 'error', signInErrors.email_not_verified().code)
      return { to, registrationToken: resolved.waits }
    }
    const { userId } = resolved
    const method = `oauth:${provider.id}`
    if (flow.app) return { to: await this.#handToApp(flow, { ...flow.app, userId, method, remember: flow.remember }) }
    const { client, deviceToken } = returning
    const result = await signIn.complete({ userId, method, client, deviceToken, options: { remember: flow.remember } })
    return result.status === 'complete'
      ? { to: flow.redirectTo ?? '/', signedIn: result }
      : { to: secondStepAddress(result, flow.redirectTo) }
  }

  async #handToApp(flow: Flow, data: Exchange): Promise<string> {
    const { database, oneTime } = this.#deps
    const { token } = await database.unitOfWork(({ tx }) => oneTime.issue(tx, exchangeCode, data.userId, data))
    return withParameter(flow.redirectTo ?? '/', 'code', token)
  }

  /** A code works once, wrong verifier or right. Throws link_invalid, account_*. */
  async exchange({ code, code_verifier, device_name }: OAuthExchange, client: ClientInfo): Promise<SignInResult> {
    const { database, oneTime, signIn } = this.#deps
    const ticket = await oneTime.find(database.db, exchangeCode, code)
    const used = ticket !== undefined && (await database.unitOfWork(({ tx }) => oneTime.consume(tx, ticket)))
    if (!ticket || !used || !isEqual(hashOf(code_verifier), ticket.data.codeChallenge)) {
      throw oneTimeErrors.link_invalid()
    }
    const { userId, method, remember } = ticket.data
    const options = { remember, token_delivery: 'body' as const, ...(device_name === undefined ? {} : { device_name }) }
    return signIn.complete({ userId, method, client, options, deviceToken: undefined })
  }

  #provider(id: string): Provider {
    const provider = this.#deps.providers.get(id)
    if (!provider) throw platformErrors.not_found({ detail: 'There is no such provider' })
    return provider
  }

  /** Exactly this address is registered with the provider; one of its own for each (RFC 9700). */
  #redirectUri({ id }: Provider): string {
    return `${this.#deps.publicUrl.origin}/oauth/${id}/callback`
  }

  #appAddress(text: string | undefined): string | undefined {
    const url = text === undefined || text.length > 2_000 ? null : URL.parse(text)
    const usable = url && url.username === '' && url.password === '' && this.#deps.allowedOrigins.includes(url.origin)
    return usable ? url.href : undefined
  }
}

/** Nothing that the person, the provider or an attacker did. */
const isOurs = ({ kind, code }: AppError): boolean =>
  kind === 'internal' || (kind === 'unavailable' && code !== oauthErrors.provider_unavailable().code)

/** In the fragment, which no server and no Referer is told; our page takes it out of the address at once. */
function secondStepAddress(
  { mfa_token, methods, expires_in }: SignInResult & { status: 'mfa_required' },
  redirectTo: string | undefined,
): string {
  const told = new URLSearchParams({ mfa_token, methods: methods.join(','), expires_in: String(expires_in) })
  if (redirectTo !== undefined) told.set('redirect_to', redirectTo)
  return `/sign-in#${told}`
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url')

const isEqual = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
