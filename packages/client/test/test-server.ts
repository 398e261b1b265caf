import { expect } from 'vitest'
import { type App, createApp } from '../../server/src/app.ts'
import { loadConfig } from '../../server/src/config/config.ts'
import { PasswordHasher } from '../../server/src/modules/accounts/index.ts'
import { createTestDatabase, silent } from '../../server/test/databases.ts'
import { type AtriumClient, type ClientOptions, createClient } from '../src/index.ts'

export const password = 'a quiet harbour at dawn'

/** Waits for what is on its way; long only where it fails, however busy the machine is. */
export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 15_000, interval: 20 })

/** A browser's cookies for one origin, and a record of what was asked with them. */
export class Jar {
  #cookies = new Map<string, string>()
  readonly asked: string[] = []

  get header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    this.asked.push(`${request.method} ${new URL(request.url).pathname}`)
    const headers = new Headers(request.headers)
    if (this.header) headers.set('cookie', this.header)
    const answer = await fetch(new Request(request, { headers }))
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0\b/i.test(line)) this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
    return answer
  }

  copy(): Map<string, string> {
    return new Map(this.#cookies)
  }

  restore(cookies: Map<string, string>): void {
    this.#cookies = cookies
  }

  count(call: string): number {
    return this.asked.filter((asked) => asked === call).length
  }
}

export interface TestServer {
  url: string
  /** Where it keeps its data. */
  dataDir: string
  app: App
  /** Moves the server's clock. */
  advance(seconds: number): void
  now(): Date
  /** A page in a browser of its own, or in the browser whose jar is given. */
  page(options?: ClientOptions, jar?: Jar): AtriumClient & { jar: Jar }
  /** A page where a new person is signed in. */
  person(name: string, options?: ClientOptions): Promise<AtriumClient & { jar: Jar }>
  /** The newest mail to somebody: the token of its link, and its code. */
  mail(to: string): Promise<{ token: string; code: string }>
  stop(): Promise<void>
  /** The same installation again, at the same address. */
  start(): Promise<void>
  drop(): Promise<void>
}

export async function startServer(variables: Record<string, string> = {}): Promise<TestServer> {
  const database = await createTestDatabase()
  const pages: AtriumClient[] = []
  const moved = { ms: 0 }
  const now = () => new Date(Date.now() + moved.ms)
  const open = async (port: number): Promise<App> => {
    const config = loadConfig({
      TESTING: 'true',
      RATE_LIMIT_PROFILE: 'off',
      SECRET_KEY: 'kdjfhg8374hgf-2389rhfwe-9283hfwei7',
      DATA_DIR: database.dataDir,
      DATABASE_URL: database.url,
      PORT: String(port),
      // The issuer of tokens; derived from the port it would change with the first restart.
      PUBLIC_URL: 'http://localhost:8000',
      ...variables,
    })
    const hasher = new PasswordHasher({ memoryCost: 1024, timeCost: 1 })
    return createApp(config, { log: silent, hasher, now })
  }
  let app = await open(0)
  const port = await app.listen()
  const url = `http://127.0.0.1:${port}`
  const server: TestServer = {
    url,
    dataDir: database.dataDir,
    get app() {
      return app
    },
    advance: (seconds) => {
      moved.ms += seconds * 1000
    },
    now,
    page(options = {}, jar = new Jar()) {
      const socketHeaders = {
        get cookie() {
          return jar.header
        },
        origin: url,
      }
      const byCookie = options.tokenDelivery === 'body' ? {} : { socketHeaders }
      const client = createClient({ baseUrl: url, fetch: jar.fetch, ...byCookie, ...options })
      pages.push(client)
      return Object.assign(client, { jar })
    },
    async person(name, options) {
      const page = server.page(options)
      await page.session.register({ username: name, email: `${name}@example.com`, password })
      return page
    },
    async mail(to) {
      const answer = await fetch(`${url}/dev/mailbox`, { headers: { accept: 'application/json' } })
      const { data } = (await answer.json()) as { data: { to: string; text: string; links: string[] }[] }
      const newest = data.find((mail) => mail.to === to)
      if (!newest) throw new Error(`There is no mail to ${to}`)
      const token = /#token=([\w-]+)/.exec(newest.links.join(' '))?.[1] ?? ''
      return { token, code: /^\d{8}$/m.exec(newest.text)?.[0] ?? '' }
    },
    stop: () => app.close(),
    async start() {
      app = await open(port)
      await app.listen()
    },
    async drop() {
      for (const page of pages) page.close()
      await app.close()
      await database.drop()
    },
  }
  return server
}
