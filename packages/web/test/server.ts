import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const main = join(import.meta.dirname, '../../server/dist/main.js')
const cheapHashes = pathToFileURL(join(import.meta.dirname, '../../server/test/programs/cheap-hashes.ts')).href

const given = new Set<number>()

/**
 * Below the range of outgoing connections, so that none of them takes it while the server is down; and each worker of
 * vitest has ports of its own.
 */
export async function freePort(): Promise<number> {
  const own = 18_200 + (Number(process.env.VITEST_POOL_ID ?? 1) % 8) * 200
  for (let tries = 0; tries < 100; tries++) {
    const port = own + Math.floor(Math.random() * 200)
    if (given.has(port)) continue
    const probe = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false))
      probe.listen(port, () => resolve(true))
    })
    if (!isFree) continue
    given.add(port)
    probe.close()
    await once(probe, 'close')
    return port
  }
  throw new Error(`No free port found from ${own} on.`)
}

/** The built server as a process of its own, with its data in a temporary folder. */
export class TestServer {
  readonly url: string
  /** Where the first administrator is made; printed while there is none. */
  setupLink: string | undefined
  readonly #port: number
  readonly #folder = mkdtempSync(join(tmpdir(), 'atrium-web-'))
  #process: ChildProcess | undefined
  #output = ''

  readonly #variables: Record<string, string>

  private constructor(port: number, variables: Record<string, string>) {
    this.#port = port
    this.#variables = variables
    this.url = `http://localhost:${port}`
  }

  /** With settings beyond those of every test. */
  static async start(variables: Record<string, string> = {}): Promise<TestServer> {
    const server = new TestServer(await freePort(), variables)
    await server.run()
    return server
  }

  /** Starts it, again on the same port and with the same data after `kill`. */
  async run(): Promise<void> {
    const child = spawn(process.execPath, ['--import', cheapHashes, main], {
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        NODE_ENV: 'development',
        DATA_DIR: join(this.#folder, 'data'),
        PORT: String(this.#port),
        TESTING: 'true',
        RATE_LIMIT_PROFILE: 'off',
        ...this.#variables,
      },
    })
    this.#process = child
    const listen = (chunk: Buffer) => {
      this.#output += chunk
      this.setupLink = /\S+\/setup#token=\S+/.exec(this.#output)?.[0] ?? this.setupLink
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    for (let tries = 0; tries < 200; tries++) {
      if (child.exitCode !== null) throw new Error(`The server did not start:\n${this.#output.slice(-3_000)}`)
      const isReady = await fetch(`${this.url}/api/v1/meta`).then(
        ({ ok }) => ok,
        () => false,
      )
      if (isReady) return
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    throw new Error(`The server does not answer:\n${this.#output.slice(-3_000)}`)
  }

  /** Ends it, as a crash does (`SIGKILL`) or as an operator does (`SIGTERM`). */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

export interface TestUser {
  id: string
  username: string
  email: string
  password: string
  name: string
  token: string
}

/** The REST API without a browser: to prepare what a test is not about. */
export class TestApi {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async call<Answer>(token: string, method: string, path: string, body?: object): Promise<Answer> {
    const response = await fetch(`${this.#url}/api/v1${path}`, {
      method,
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return (text ? JSON.parse(text) : undefined) as Answer
  }

  /** Somebody with a name nobody else in this server has. */
  async person(username: string, name = username): Promise<TestUser> {
    const account = { username, email: `${username}@example.org`, password: 'quiet garden walls' }
    const { user, access_token } = await this.call<{ user: { id: string }; access_token: string }>(
      '',
      'POST',
      '/auth/register',
      { ...account, display_name: name, token_delivery: 'body' },
    )
    return { ...account, id: user.id, name, token: access_token }
  }

  async conversation(from: TestUser, to: TestUser): Promise<string> {
    const body = { kind: 'direct', username: to.username }
    return (await this.call<{ id: string }>(from.token, 'POST', '/conversations', body)).id
  }

  async send(from: TestUser, conversationId: string, text: string): Promise<void> {
    const body = { client_id: crypto.randomUUID(), text }
    await this.call(from.token, 'POST', `/conversations/${conversationId}/messages`, body)
  }

  /** The newest mail to somebody, or the newest whose link leads to that page of the app. */
  async mail(to: string, page?: string): Promise<{ link: string; code: string }> {
    const response = await fetch(`${this.#url}/dev/mailbox`, { headers: { accept: 'application/json' } })
    const { data } = (await response.json()) as { data: { to: string; text: string; links: string[] }[] }
    const begin = `${this.#url}/${page ?? ''}`
    const mail = data.find(
      (each) => each.to === to && (!page || each.links.some((link) => link.startsWith(`${begin}#`))),
    )
    if (!mail) throw new Error(`There is no mail to ${to} that leads to ${page}`)
    const link = mail.links.find((each) => each.startsWith(begin)) ?? ''
    return { link, code: /^\d{8}$/m.exec(mail.text)?.[0] ?? '' }
  }

  /** Somebody whose address is confirmed. */
  async provedPerson(username: string, name = username): Promise<TestUser> {
    const person = await this.person(username, name)
    const { link } = await this.mail(person.email, 'verify-email')
    await this.call(person.token, 'POST', '/auth/verify-email', { token: tokenOf(link) })
    return person
  }
}

export const tokenOf = (link: string): string => new URLSearchParams(new URL(link).hash.slice(1)).get('token') ?? ''
