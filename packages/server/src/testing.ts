import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, createApp } from './app.ts'
import { loadConfig } from './config/config.ts'
import { generateSecret } from './config/secret-key.ts'
import type { AtriumModule } from './extend/module.ts'
import { PasswordHasher } from './modules/accounts/index.ts'
import { createLogger } from './platform/log.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface TestAnswer<Body> {
  status: number
  body: Body
}

/** Somebody who calls the API; `send` takes an address as it is after the server's name. */
export interface TestPerson {
  id: string
  username: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asserts
  send<Body = any>(method: Method, url: string, body?: unknown): Promise<TestAnswer<Body>>
}

export interface ModuleTestApp extends App {
  /** A new account with these roles, signed in. */
  person(username: string, roles?: readonly string[]): Promise<TestPerson>
  /** Somebody who is not signed in. */
  stranger: TestPerson
  /** Stops the server and removes its data. */
  drop(): Promise<void>
}

/** A whole server with these modules on an empty SQLite file: for the tests of a module of one's own. */
export async function openTestApp(
  modules: readonly AtriumModule[],
  settings: Readonly<Record<string, string>> = {},
): Promise<ModuleTestApp> {
  const folder = mkdtempSync(join(tmpdir(), 'atrium-module-'))
  const config = loadConfig({
    TESTING: 'true',
    RATE_LIMIT_PROFILE: 'off',
    SECRET_KEY: generateSecret(),
    DATA_DIR: folder,
    PORT: '0',
    ...settings,
  })
  const hasher = new PasswordHasher({ memoryCost: 1024, timeCost: 1 })
  const app = await createApp(config, { modules, hasher, log: createLogger({ level: 'silent' }) }).catch((error) => {
    rmSync(folder, { recursive: true, force: true })
    throw error
  })
  const caller = (id: string, username: string, token?: string): TestPerson => ({
    id,
    username,
    async send(method, url, body) {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
      const json = body === undefined ? {} : { payload: JSON.stringify(body) }
      const type = body === undefined ? {} : { 'content-type': 'application/json' }
      const answer = await app.http.inject({ method, url, headers: { ...headers, ...type }, ...json })
      return { status: answer.statusCode, body: (answer.body === '' ? undefined : answer.json()) as never }
    },
  })
  const stranger = caller('', '')
  const password = 'a quiet harbour at dawn'
  return {
    ...app,
    stranger,
    async person(username, roles = ['user']) {
      const account = { username, email: `${username}@example.com`, password }
      const { id } = await app.services.administration.create(account, roles)
      const signedIn = await stranger.send('POST', '/api/v1/auth/login', {
        identifier: username,
        password,
        token_delivery: 'body',
      })
      return caller(id, username, signedIn.body.access_token)
    },
    async drop() {
      await app.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
