import { ApiError, NetworkError } from '../errors.ts'
import { type Credentials, isRenewal, isSafe } from '../session/credentials.ts'
import { type Locks, Renewal } from '../session/renewal.ts'
import { sleep, spread } from './delays.ts'
import { exchange, type Fetch } from './exchange.ts'

export interface TransportOptions {
  fetch: Fetch
  credentials: Credentials
  locks: Locks | undefined
  lockName: string
  /** New tokens came. */
  renewed(): void
  /** The server no longer knows this session; `code` is the problem's. */
  sessionLost(code: string): void
}

const longestWaitSeconds = 10
const mostWaits = 2
/** The second is for a tab that left the renewal to another one, which then failed. */
const mostRenewals = 2
const lostCodes = new Set([
  'authentication_required',
  'token_invalid',
  'session_revoked',
  'refresh_invalid',
  'refresh_reused',
])

/** What one call may still do about a refusal before its caller is told. */
interface Patience {
  csrf: number
  renewals: number
  waits: number
}

/** Sends requests and does what a refusal asks for: new tokens, the right CSRF value, a short wait. */
export class Transport {
  readonly #options: TransportOptions
  readonly #renewal: Renewal

  constructor(options: TransportOptions) {
    this.#options = options
    this.#renewal = new Renewal({ ...options, send: (request: Request) => this.send(request) })
  }

  /** New tokens, unless they changed since generation `seen`. */
  renew(seen = this.#options.credentials.generation): Promise<void> {
    return this.#renewal.renew(seen)
  }

  /** Rejects with ApiError, NetworkError, or the reason the caller's own signal was aborted for. */
  async send(request: Request): Promise<Response> {
    const { credentials, fetch } = this.#options
    const patience: Patience = { csrf: 1, renewals: mostRenewals, waits: mostWaits }
    for (;;) {
      const seen = credentials.generation
      try {
        return await exchange(fetch, credentials.authorize(request.clone()))
      } catch (error) {
        if (!(await this.#mayRepeat(request, error, seen, patience))) throw error
      }
    }
  }

  async #mayRepeat(request: Request, error: unknown, seen: number, patience: Patience): Promise<boolean> {
    const { credentials, sessionLost } = this.#options
    // A lost answer may have held the new tokens: within the grace the same request gets them again.
    if (error instanceof NetworkError) return isRenewal(request) && (await this.#wait(patience, 0.3, request.signal))
    if (!(error instanceof ApiError)) return false
    const { status, code, retryAfter } = error
    if (code === 'csrf_missing' || code === 'csrf_invalid') {
      return patience.csrf-- > 0 && credentials.readCsrf()
    }
    if (code === 'token_expired' && !isRenewal(request)) {
      if (patience.renewals-- <= 0) return false
      await this.renew(seen)
      return true
    }
    if (status === 401 && lostCodes.has(code)) {
      // Whoever signed in meanwhile must not be signed out by the answer to an older request.
      if (credentials.generation !== seen && !isRenewal(request)) return patience.renewals-- > 0
      sessionLost(code)
      return false
    }
    const later = (status === 429 || status === 503) && retryAfter !== undefined
    return later && (isSafe(request) || isRenewal(request)) && this.#wait(patience, retryAfter, request.signal)
  }

  async #wait(patience: Patience, seconds: number, signal: AbortSignal): Promise<boolean> {
    if (patience.waits-- <= 0 || seconds > longestWaitSeconds) return false
    await sleep(spread(seconds), signal)
    return true
  }
}
