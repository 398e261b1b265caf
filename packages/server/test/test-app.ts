import { type App, createApp, type Overrides } from '../src/app.ts'
import { type Config, loadConfig } from '../src/config/config.ts'
import { PasswordHasher } from '../src/modules/accounts/index.ts'
import type { MailboxMail } from '../src/modules/mails/index.ts'
import type { TokenAnswer } from '../src/modules/sessions/index.ts'
import type { Actor } from '../src/platform/actor.ts'
import type { EventBus } from '../src/platform/events/event-bus.ts'
import { streamsAdvanced } from '../src/platform/events/streams.ts'
import { createMigratedDatabase, silent, type TestDatabase } from './databases.ts'

/** What stands under /api/v1, so that tests need not say so. */
const roots = [
  ...['auth', 'users', 'meta', 'setup', 'admin', 'oauth', 'sync', 'conversations', 'notifications', 'push'],
  ...['messages', 'bookmarks', 'search', 'invites', 'channels', 'friends', 'friend-requests', 'blocks', 'reports'],
  ...['files', 'places', 'data', 'webhooks', 'batch', 'announcements', 'doctor'],
]
const apiPaths = new RegExp(`^/(${roots.join('|')})\\b`)

import { assertTold } from './told-events.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS'

export interface Answer {
  status: number
  headers: Record<string, string | string[] | number | undefined>
  body: string
  bytes: Buffer
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asserts
  json: any
}

/** Someone at a browser: keeps cookies and CSRF values as a page would. */
export class Visitor {
  readonly #app: App
  readonly cookies = new Map<string, string>()
  csrf: Pick<TokenAnswer, 'csrf_access_token' | 'csrf_refresh_token'> | undefined
  userId = ''
  username = ''
  sessionId = ''
  /** Sent with every request, over what the visitor would send. */
  headers: Record<string, string> = {}

  constructor(app: App) {
    this.#app = app
  }

  get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('GET', url, undefined, headers)
  }
  post(url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('POST', url, body, headers)
  }
  put(url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('PUT', url, body, headers)
  }
  patch(url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('PATCH', url, body, headers)
  }
  delete(url: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('DELETE', url, undefined, headers)
  }

  get cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** Paths without a leading /api, /health … are under /api/v1. A header with the value '' is left out. */
  async send(method: Method, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const isRefresh = url === '/auth/refresh'
    const token = isRefresh ? this.csrf?.csrf_refresh_token : this.csrf?.csrf_access_token
    const sent: Record<string, string> = {
      ...(this.cookies.size > 0 ? { cookie: this.cookieHeader } : {}),
      ...(token && method !== 'GET' ? { 'x-csrf-token': token } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...this.headers,
      ...headers,
    }
    const response = await this.#app.http.inject({
      method,
      url: apiPaths.test(url) ? `/api/v1${url}` : url,
      headers: Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== '')),
      ...(body === undefined
        ? {}
        : { payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
    })
    for (const cookie of response.cookies) {
      if (cookie.maxAge === 0) this.cookies.delete(cookie.name)
      else this.cookies.set(cookie.name, cookie.value)
    }
    const isJson = /[/+]json/.test(String(response.headers['content-type']))
    const json = isJson && response.body !== '' ? JSON.parse(response.body) : undefined
    if (url === '/sync' && response.statusCode === 200) assertTold(this.#app, json.events)
    if (json?.csrf_access_token) this.csrf = json
    return {
      status: response.statusCode,
      headers: response.headers,
      body: response.body,
      bytes: response.rawPayload,
      json,
    }
  }

  /** The visitor's cookies and CSRF values as they are now, for replaying them later, or at another instance. */
  copy(app: App = this.#app): Visitor {
    const copy = new Visitor(app)
    for (const [name, value] of this.cookies) copy.cookies.set(name, value)
    Object.assign(copy, { csrf: this.csrf, userId: this.userId, username: this.username, sessionId: this.sessionId })
    return copy
  }
}

export interface TestApp extends App {
  config: Config
  /** Moves the application's clock; the machine's stays. */
  advance(seconds: number): void
  /** The application's time. */
  now(): Date
  visitor(): Visitor
  /** A new person, signed in. */
  person(name?: string): Promise<Visitor>
  /** A new account with these roles, signed in. */
  holderOf(roles: readonly string[], name?: string): Promise<Visitor>
  conversation(a: Visitor, b: Visitor): Promise<string>
  /** The mails written so far, oldest first: sent or not, those whose words are still kept. */
  mails(to?: string): Promise<MailboxMail[]>
  /** Types of the events committed so far, in order. */
  events(): Promise<string[]>
  drop(): Promise<void>
}

export const password = 'a quiet harbour at dawn'

/**
 * A whole application on a fresh database of this run's engine; nothing of ours is replaced but clock and cost of hashing.
 * On a database that is given it starts again where another one ended.
 */
export async function createTestApp(
  variables: Record<string, string> = {},
  overrides: Overrides = {},
  given?: TestDatabase,
): Promise<TestApp> {
  const database = given ?? (await createMigratedDatabase())
  const config = loadConfig({
    TESTING: 'true',
    RATE_LIMIT_PROFILE: 'off',
    LOG_LEVEL: 'silent',
    SECRET_KEY: 'kdjfhg8374hgf-2389rhfwe-9283hfwei7',
    DATA_DIR: database.dataDir,
    DATABASE_URL: database.url,
    ...variables,
  })
  let shift = 0
  let people = 0
  const now = () => new Date(Date.now() + shift)
  const app = await createApp(config, {
    now,
    log: silent,
    hasher: new PasswordHasher({ memoryCost: 1024, timeCost: 1 }),
    ...overrides,
  })
  const visitor = () => new Visitor(app)
  return {
    ...app,
    config,
    advance: (seconds) => {
      shift += seconds * 1000
    },
    now: overrides.now ?? now,
    visitor,
    async person(name = `person${++people}`) {
      const someone = visitor()
      const answer = await someone.post('/auth/register', { username: name, email: `${name}@example.com`, password })
      if (answer.status !== 201) throw new Error(`register ${name}: ${answer.body}`)
      return Object.assign(someone, { userId: answer.json.user.id, username: name, sessionId: answer.json.session_id })
    },
    async holderOf(roles, name = `holder${++people}`) {
      const account = { username: name, email: `${name}@example.com`, password }
      const { id } = await app.services.administration.create(account, roles)
      const someone = visitor()
      const answer = await someone.post('/auth/login', { identifier: name, password })
      if (answer.status !== 200) throw new Error(`login ${name}: ${answer.body}`)
      return Object.assign(someone, { userId: id, username: name, sessionId: answer.json.session_id })
    },
    async conversation(a, b) {
      const answer = await a.post('/conversations', { kind: 'direct', member_ids: [b.userId] })
      return answer.json.id
    },
    async mails(to) {
      return (await app.services.mailbox.list({ to, limit: 1000 })).reverse()
    },
    async events() {
      const rows = await app.database.db
        .selectFrom('events')
        .select('type')
        .orderBy('created_at')
        .orderBy('stream_id')
        .orderBy('seq')
        .execute()
      return rows.map((row) => row.type)
    },
    async drop() {
      await app.close()
      await database.drop()
    },
  }
}

/** The caller a service is asked by, where a test goes past the doors. */
export const actorOf = ({ userId, sessionId }: Visitor, more: Partial<Actor> = {}): Actor => ({
  kind: 'user',
  userId,
  sessionId,
  roles: ['user'],
  permissions: [],
  status: 'active',
  mfaOwed: false,
  impersonatorId: null,
  authTime: 0,
  aal: 1,
  ...more,
})

/** Collects what the bus tells of streams while a test runs. */
export function recordHeads(bus: EventBus): { stream: string; seq: number }[] {
  const heads: { stream: string; seq: number }[] = []
  bus.subscribe(streamsAdvanced, (news) => {
    heads.push(...news.map(({ stream, seq }) => ({ stream, seq })))
  })
  return heads
}
