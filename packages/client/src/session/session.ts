import type { SessionState, SignedOutReason, Unsubscribe } from '../contract.ts'
import { ApiError } from '../errors.ts'
import { contentOf, type Http } from '../http/api.ts'
import { Listeners } from '../listeners.ts'
import type { User } from '../types.ts'
import { type Credentials, csrfOf, type IssuedTokens } from './credentials.ts'
import type { SignedInMark, TabNews } from './tabs.ts'

export interface SessionOptions {
  http: Http
  credentials: Credentials
  delivery: 'cookie' | 'body'
  mark: SignedInMark
  renew(): Promise<void>
  /** For the other tabs of this browser. */
  tell(news: TabNews): void
  report(error: unknown): void
}

const reasons: Record<string, SignedOutReason> = { session_revoked: 'revoked', refresh_reused: 'refresh_reused' }

/** Who is signed in, and how that ends; the ways in are built on it. */
export class SessionKeeper {
  protected readonly options: SessionOptions
  readonly #listeners: Listeners<[SessionState]>
  #state: SessionState = { status: 'unknown', user: null, reason: null }
  #loading: Promise<SessionState> | undefined
  #entries = 0
  /** This person is signing out, here or in another tab: the socket often says so before the answer comes. */
  leaving = false
  /** One session is being exchanged for another: the end of the old one is no news. */
  protected changing = false

  constructor(options: SessionOptions) {
    this.options = options
    this.#listeners = new Listeners(options.report)
  }

  get state(): SessionState {
    return this.#state
  }

  get user(): User | null {
    return this.#state.user
  }

  /** Grows with every sign-in: what was connected for an older one has to connect again. */
  get entries(): number {
    return this.#entries
  }

  subscribe(listener: (state: SessionState) => void): Unsubscribe {
    return this.#listeners.add(listener)
  }

  load(): Promise<SessionState> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  async #load(): Promise<SessionState> {
    const { http, credentials } = this.options
    const before = this.#entries
    let { user, impersonated_by: impersonatedBy } = await contentOf(http.GET('/api/v1/auth/current_user'))
    // An access token that ended long ago counts as none; the refresh token beside it may still be good.
    if (!user && (await this.#revive())) user = (await contentOf(http.GET('/api/v1/auth/current_user'))).user
    else if (user) await credentials.readCsrf()
    if (this.#entries !== before) return this.#state
    if (!user) this.#leave(null)
    else if (this.user?.id === user.id) this.update(user)
    else this.enter(user, impersonatedBy)
    return this.#state
  }

  async #revive(): Promise<boolean> {
    const { credentials, delivery, mark, renew } = this.options
    const hopeless = delivery === 'body' ? credentials.accessToken === undefined : !mark.isSet()
    if (hopeless) return false
    try {
      await credentials.readCsrf()
      await renew()
      return true
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return false
      throw error
    }
  }

  /** Takes what a way in handed out. */
  protected begin(answer: IssuedTokens & { user: User }): User {
    this.options.credentials.take(answer)
    this.enter(answer.user)
    this.options.tell({ kind: 'signed-in', user: answer.user, csrf: csrfOf(answer) })
    return answer.user
  }

  renew(tokens: IssuedTokens): void {
    this.options.credentials.take(tokens)
    this.options.tell({ kind: 'renewed', csrf: csrfOf(tokens) })
  }

  async logout(): Promise<void> {
    const { credentials, http, renew } = this.options
    // Without cookies only a token that still counts says which session is meant.
    if (credentials.isStale) await renew()
    await this.#leaveBy(http.POST('/api/v1/auth/logout', { body: {} }))
  }

  async logoutEverywhere({ keepCurrent = false }: { keepCurrent?: boolean } = {}): Promise<number> {
    const body = { keep_current: keepCurrent }
    const call = contentOf(this.options.http.POST('/api/v1/auth/logout-everywhere', { body }))
    return (await (keepCurrent ? call : this.#leaveBy(call))).revoked
  }

  async #leaveBy<T>(call: Promise<T>): Promise<T> {
    const { tell } = this.options
    this.leaving = true
    tell({ kind: 'leaving', on: true })
    try {
      const answer = await call
      this.end('logged_out')
      tell({ kind: 'signed-out' })
      return answer
    } finally {
      this.leaving = false
      tell({ kind: 'leaving', on: false })
    }
  }

  /** Someone signed in, here or in another tab. */
  enter(user: User, impersonatedBy?: string): void {
    this.#entries += 1
    this.options.mark.set(true)
    this.#set({ status: 'signed-in', user, reason: null, impersonatedBy })
  }

  /** The newest of what is known about the person who is signed in. */
  update(user: User): void {
    const known = this.#state
    if (known.status !== 'signed-in' || known.user.id !== user.id) return
    if (user.version < known.user.version) return
    // What somebody may do changes without a new version of the account.
    if (JSON.stringify(user) !== JSON.stringify(known.user)) this.#set({ ...known, user })
  }

  /** The session is over, for this reason; nothing happens where nobody was signed in. */
  end(reason: SignedOutReason): void {
    if (this.#state.status === 'signed-in' && !this.changing) this.#leave(this.leaving ? 'logged_out' : reason)
  }

  /** The server's refusal said that the session is over. */
  lost(code: string): void {
    this.end(reasons[code] ?? 'expired')
  }

  #leave(reason: SignedOutReason | null): void {
    this.options.credentials.forget()
    this.options.mark.set(false)
    this.#set({ status: 'signed-out', user: null, reason })
  }

  #set(state: SessionState): void {
    this.#state = state
    this.#listeners.tell(state)
  }
}
