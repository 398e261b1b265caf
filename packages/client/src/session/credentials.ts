import type { Fetch } from '../http/exchange.ts'
import { exchange } from '../http/exchange.ts'

export interface CsrfTokens {
  csrf_access_token: string
  csrf_refresh_token: string
}

/** The part of an answer that other tabs may have. */
export const csrfOf = ({ csrf_access_token, csrf_refresh_token }: CsrfTokens): CsrfTokens => ({
  csrf_access_token,
  csrf_refresh_token,
})

/** What every way in, and every renewal, hands out. */
export interface IssuedTokens extends CsrfTokens {
  expires_in: number
  access_token?: string
  refresh_token?: string
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])
export const isSafe = (request: Request): boolean => safeMethods.has(request.method)

/** How requests prove who sends them. */
export interface Credentials {
  /** Grows whenever tokens or CSRF values changed: a request sent before is worth repeating. */
  readonly generation: number
  /** When that was, in milliseconds since 1970. */
  readonly changedAt: number
  take(tokens: IssuedTokens): void
  forget(): void
  authorize(request: Request): Request
  /** A request for new tokens, ready to be authorized. */
  renewalRequest(): Request
  /** Reads CSRF values again; false where there are none to read. */
  readCsrf(): Promise<boolean>
  /** For the socket handshake; absent where cookies do it. */
  readonly accessToken: string | undefined
  /** Known to have ended; the server judges all others. */
  readonly isStale: boolean
}

const refreshPath = '/api/v1/auth/refresh'
export const isRenewal = (request: Request): boolean => new URL(request.url).pathname === refreshPath

class Changing {
  #generation = 0
  #changedAt = 0

  get generation(): number {
    return this.#generation
  }

  get changedAt(): number {
    return this.#changedAt
  }

  protected changed(): void {
    this.#generation += 1
    this.#changedAt = Date.now()
  }
}

/** The browser's way: tokens live in cookies no script can read; unsafe requests carry a CSRF value beside them. */
export class CookieCredentials extends Changing implements Credentials {
  readonly accessToken = undefined
  readonly isStale = false
  readonly #baseUrl: string
  readonly #fetch: Fetch
  #csrf: CsrfTokens | undefined

  constructor(baseUrl: string, fetch: Fetch) {
    super()
    this.#baseUrl = baseUrl
    this.#fetch = fetch
  }

  /** For the other tabs, whose cookies these are too. */
  get csrf(): CsrfTokens | undefined {
    return this.#csrf
  }

  take(tokens: CsrfTokens): void {
    this.#csrf = csrfOf(tokens)
    this.changed()
  }

  forget(): void {
    this.#csrf = undefined
    this.changed()
  }

  authorize(request: Request): Request {
    const headers = new Headers(request.headers)
    const csrf = this.#csrf
    if (csrf && !isSafe(request)) {
      headers.set('x-csrf-token', isRenewal(request) ? csrf.csrf_refresh_token : csrf.csrf_access_token)
    }
    return new Request(request, { headers, credentials: 'include' })
  }

  renewalRequest(): Request {
    return new Request(this.#baseUrl + refreshPath, { method: 'POST' })
  }

  async readCsrf(): Promise<boolean> {
    const request = new Request(`${this.#baseUrl}/api/v1/auth/csrf`, { credentials: 'include' })
    const answer = await exchange(this.#fetch, request)
    this.#csrf = (await answer.json()) as CsrfTokens
    return true
  }
}

/** The way of programs: tokens in memory, sent in a header no foreign page can set. */
export class BearerCredentials extends Changing implements Credentials {
  readonly #baseUrl: string
  #tokens: IssuedTokens | undefined
  #expiresAt = Number.POSITIVE_INFINITY

  constructor(baseUrl: string) {
    super()
    this.#baseUrl = baseUrl
  }

  get accessToken(): string | undefined {
    return this.#tokens?.access_token
  }

  get isStale(): boolean {
    return Date.now() >= this.#expiresAt
  }

  take(tokens: IssuedTokens): void {
    this.#tokens = tokens
    this.#expiresAt = Date.now() + tokens.expires_in * 1000
    this.changed()
  }

  forget(): void {
    this.#tokens = undefined
    this.#expiresAt = Number.POSITIVE_INFINITY
    this.changed()
  }

  authorize(request: Request): Request {
    const headers = new Headers(request.headers)
    const token = this.accessToken
    if (token !== undefined && !isRenewal(request)) headers.set('authorization', `Bearer ${token}`)
    return new Request(request, { headers, credentials: 'omit' })
  }

  renewalRequest(): Request {
    const body = JSON.stringify({ refresh_token: this.#tokens?.refresh_token })
    const headers = { 'content-type': 'application/json' }
    return new Request(this.#baseUrl + refreshPath, { method: 'POST', headers, body })
  }

  async readCsrf(): Promise<boolean> {
    return false
  }
}
