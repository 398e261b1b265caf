import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Caller,
  callers,
  type Operation,
  operationsOf,
  readScopes,
  rowOf,
  rowsOf,
  words,
} from '../authorization-table.ts'
import { connect, type LiveClient } from '../live-client.ts'
import { type Answer, createTestApp, type TestApp } from '../test-app.ts'

const page = readFileSync(join(import.meta.dirname, '../../../../docs/security/authorization.md'), 'utf8')
/** The outcome that is checked in, by method and path. */
const table = new Map(rowsOf(page).map((row) => [`${row[0]} ${row[1]}`, row]))

let app: TestApp
let operations: Operation[]
/** What each caller sends along. */
const credentials = new Map<Caller, Record<string, string>>()
/** Whose they are, where it is an account as it is by itself. */
const accounts = new Map<Caller, { as_user: string; scopes?: string[] }>()
let bossId = ''

beforeAll(async () => {
  app = await createTestApp({ PORT: '0', REQUIRE_MFA: 'admins' })
  await app.listen()
  operations = operationsOf(app)
  const { sessions, administration, apiKeys } = app.services
  const client = { ip: '127.0.0.1', userAgent: 'test' }

  const account = async (name: string, role: string) => {
    const input = { username: name, email: `${name}@example.com`, password: 'a quiet harbour at dawn' }
    return (await administration.create(input, [role])).id
  }
  const signIn = async (caller: Caller, userId: string, more: object = {}) => {
    const session = await app.database.unitOfWork((uow) =>
      sessions.start(uow, { userId, method: 'password', client, remember: true, delivery: 'body', aal: 2, ...more }),
    )
    credentials.set(caller, { authorization: `Bearer ${(await sessions.issue(session)).accessToken}` })
    return session.id
  }
  const boss = await account('the-boss', 'admin')
  bossId = boss
  const bossSession = await signIn('admin, old proof', boss)
  app.advance(601)
  await signIn('admin', boss)
  await signIn('factor owed', boss, { aal: 1 })
  accounts.set('admin', { as_user: boss })
  accounts.set('key *', { as_user: boss, scopes: ['*'] })
  accounts.set('key *:read', { as_user: boss, scopes: readScopes })
  for (const role of ['guest', 'user', 'moderator'] as const) {
    const id = await account(`a-${role}`, role)
    accounts.set(role, { as_user: id })
    await signIn(role, id)
  }
  const impersonator = { userId: boss, sessionId: bossSession }
  await signIn('acted for', await account('somebody', 'user'), { impersonator })
  const leaving = await account('leaving', 'user')
  await app.database.unitOfWork(({ tx }) =>
    tx.updateTable('users').set({ status: 'deletion_pending' }).where('id', '=', leaving).execute(),
  )
  await signIn('deletion pending', leaving)
  accounts.set('deletion pending', { as_user: leaving })
  await signIn('suspended', await account('shut-out', 'user'))
  await administration.setStatus('shut-out', 'suspended')
  accounts.set('suspended', { as_user: '@shut-out' })

  const owner = { ...asOwner(boss), permissions: ['*'] }
  const keyOf = async (scopes: readonly string[]) =>
    (await apiKeys.create(owner, owner, { name: 'x', scopes: [...scopes] })).key
  credentials.set('key *', { 'x-api-key': await keyOf(['*']) })
  credentials.set('key *:read', { 'x-api-key': await keyOf(readScopes) })
  credentials.set('anonymous', {})
})
afterAll(() => app.drop())

/** The owner of the keys, as the service is asked by. */
const asOwner = (userId: string) => ({
  kind: 'user' as const,
  userId,
  sessionId: '',
  roles: ['admin'],
  status: 'active' as const,
  mfaOwed: false,
  impersonatorId: null,
  authTime: 0,
  aal: 1 as const,
})

const routes = () => operations.filter(({ method }) => method !== 'socket')
const keyOf = ({ method, path }: Operation) => `${method} \`${path}\``
const expected = (operation: Operation, caller: Caller): string | undefined =>
  table.get(keyOf(operation))?.[4 + callers.indexOf(caller)]

const isSafe = (method: string) => method === 'GET'

/**
 * The door alone: what would change something gets a body that is no JSON, so whoever is let in fails with 400 before
 * anything is done.
 */
async function knock({ method, path }: Operation, caller: Caller): Promise<Answer> {
  const url = path.replace(/:(\w+)/g, '01890000-0000-7000-8000-000000000000').replace('*', 'x')
  const headers = { ...credentials.get(caller), ...(isSafe(method) ? {} : { 'content-type': 'application/json' }) }
  return app.visitor().send(method as 'GET', url, isSafe(method) ? undefined : '{', headers)
}

function outcome({ rule, method }: Operation, { status, json }: Answer): string {
  if (!isSafe(method)) return json?.code === 'malformed_json' ? 'yes' : (words[json?.code] ?? String(status))
  const word = words[json?.code]
  // What such a route says of missing sessions it says itself: its door is open.
  const isOpen = rule.access === 'public' || rule.access === 'optional'
  return word === undefined || (isOpen && word === 'login') ? 'yes' : word
}

describe('AZ1: the table', () => {
  it('AZ1: has a row for everything there is, with today’s rule', () => {
    expect(operations.length).toBeGreaterThan(90)
    expect(operations.map(rowOf)).toEqual([...table.values()])
  })

  it('AZ1: a route that is missing from it, or has another rule, is noticed', () => {
    const rule = { access: { permission: 'users:read' } } as const
    const forgotten = { method: 'GET', path: '/api/v1/forgotten', rule, isHidden: false }
    expect(table.get(keyOf(forgotten))).toBe(undefined)
    const known = operations.find(({ path, method }) => path === '/api/v1/admin/roles' && method === 'GET') as Operation
    expect(table.get(keyOf(known))).toEqual(rowOf(known))
    expect(table.get(keyOf(known))).not.toEqual(rowOf({ ...known, rule }))
    expect(table.get(keyOf(known))).not.toEqual(rowOf({ ...known, rule: { ...known.rule, recentAuth: true } }))
  })

  it('AZ1: HEAD is as GET', () => {
    const rules = (method: string) =>
      app.http.guardedRoutes
        .filter((route) => [route.method].flat().includes(method) && route.url.startsWith('/api/v1/'))
        .map(({ url, config }) => [url, config?.access])
    const get = new Map(rules('GET') as [string, unknown][])
    for (const [url, access] of rules('HEAD')) expect([url, access]).toEqual([url, get.get(url as string)])
  })
})

describe('AZ1: every route answers each caller as the table says', () => {
  it.each(callers)('AZ1: %s', async (caller) => {
    const wrong: string[] = []
    for (const operation of routes()) {
      const answer = await knock(operation, caller)
      const found = outcome(operation, answer)
      if (answer.status >= 500) wrong.push(`${keyOf(operation)}: ${answer.body}`)
      if (found !== expected(operation, caller)) {
        wrong.push(`${keyOf(operation)}: ${found} instead of ${expected(operation, caller)} (${answer.status})`)
      }
    }
    expect(wrong).toEqual([])
  })
})

describe('W02: an explanation says what the door says', () => {
  it.each(['guest', 'user', 'moderator', 'admin', 'key *', 'key *:read', 'deletion pending', 'suspended'] as const)(
    'W02: %s',
    async (caller) => {
      const asker = { ...asOwner(bossId), permissions: ['*'] }
      const wrong: string[] = []
      for (const operation of routes()) {
        const path = operation.path.replace(/:(\w+)/g, '01890000-0000-7000-8000-000000000000').replace('*', 'x')
        const method = operation.method as 'GET'
        const asked = { ...(accounts.get(caller) as { as_user: string }), method, path }
        const { code, steps, allowed } = await app.services.explaining.explain(asker, asked, app.http.guardedRoutes)
        const isOpen = operation.rule.access === 'public' || operation.rule.access === 'optional'
        const found = (isOpen && code === 'authentication_required' ? undefined : words[code ?? '']) ?? 'yes'
        if (found !== expected(operation, caller)) wrong.push(`${keyOf(operation)}: ${found}`)
        const said = steps.at(-1)?.result ?? (isOpen ? 'allow' : 'nothing')
        if (allowed ? said === 'deny' : found !== 'yes' && said !== 'deny')
          wrong.push(`${keyOf(operation)} ends in ${said}`)
      }
      expect(wrong).toEqual([])
    },
  )
})

describe('AZ1 #20: every socket command answers each caller as the table says', () => {
  it.each(callers)('AZ1: %s', async (caller) => {
    const commands = operations.filter(({ method, path }) => method === 'socket' && path !== 'connect')
    const enter = operations.find(({ method, path }) => method === 'socket' && path === 'connect') as Operation
    const headers = credentials.get(caller) ?? {}
    const token = headers.authorization?.replace('Bearer ', '') ?? headers['x-api-key']
    const handshake = { extraHeaders: {}, ...(token === undefined ? {} : { auth: { token } }) }
    let live: LiveClient | undefined
    try {
      live = await connect(app, app.visitor(), handshake)
    } catch (error) {
      const { code } = (error as { problem: { code: string } }).problem
      for (const operation of [enter, ...commands]) expect(words[code]).toBe(expected(operation, caller))
      return
    }
    expect(expected(enter, caller)).toBe('yes')
    for (const operation of commands) {
      // No command has such a field: who is let in changes nothing.
      const { error } = await live.ask(operation.path, { no_such_field: true })
      expect([operation.path, words[error?.code] ?? 'yes']).toEqual([operation.path, expected(operation, caller)])
    }
    live.close()
  })
})

/** What must hold of the table itself, whatever is added to it. */
describe('AZ1: the rules', () => {
  const open = (caller: Caller) =>
    operations
      .filter(({ rule }) => rule.access !== 'public' && rule.access !== 'optional')
      .filter((operation) => expected(operation, caller) === 'yes')
      .map(({ method, path }) => `${method} ${path}`)

  it('AZ7: no API key makes sessions or touches credentials', () => {
    const closed = operations.filter(({ rule, path }) => rule.access === 'user' || path.startsWith('/api/v1/auth/'))
    expect(closed.length).toBeGreaterThan(25)
    for (const operation of closed) {
      for (const caller of ['key *', 'key *:read'] as const) {
        expect([keyOf(operation), expected(operation, caller)]).not.toEqual([keyOf(operation), 'yes'])
      }
    }
  })

  it('M33: a key that reads, and a guest, write nothing', () => {
    const writes = (caller: Caller) =>
      operations
        .filter(({ rule, method }) => typeof rule.access === 'object' && !['GET', 'socket'].includes(method))
        .filter((operation) => expected(operation, caller) === 'yes')
        .map(({ method, path }) => `${method} ${path}`)
    // Asking for many streams at once, or with more than fits into an address, and how far one has read.
    const harmless = [
      'PUT /api/v1/conversations/:id/read',
      'PUT /api/v1/conversations/:id/unread',
      'POST /api/v1/data/:table/query',
      'POST /api/v1/places/within',
      'POST /api/v1/sync',
    ]
    expect(writes('key *:read')).toEqual(harmless)
    expect(writes('guest')).toEqual(harmless)
    expect(writes('user').length).toBeGreaterThan(harmless.length)
  })

  it('AZ6: only administrators change what is administered', () => {
    const ofAdmins = operations.filter(({ path }) => path.startsWith('/api/v1/admin/'))
    expect(ofAdmins.length).toBeGreaterThan(5)
    for (const operation of ofAdmins) {
      for (const caller of ['anonymous', 'guest', 'user', 'acted for', 'factor owed', 'deletion pending'] as const) {
        expect([keyOf(operation), expected(operation, caller)]).not.toEqual([keyOf(operation), 'yes'])
      }
      const isLight = [
        'access:explain',
        'limits:update',
        'mails:retry',
        'moderation:remove',
        'reports:update',
      ].includes(rowOf(operation)[2] ?? '')
      if (operation.method === 'GET' || isLight) continue
      expect([keyOf(operation), operation.rule.recentAuth]).toEqual([keyOf(operation), true])
    }
  })

  it('#2 AU12: who owes a second factor can add one and leave, and nothing else', () => {
    const factors = /^\S+ \/api\/v1\/(auth\/[\w/-]+|users\/me\/(mfa|passkeys)(\/[\w/:-]+)?)$/
    // Taking back a deletion gives nothing but the account as it was.
    const looking =
      /^(GET \/api\/v1\/users\/(me|profile|sessions|me\/sessions|me\/security-log)|POST \/api\/v1\/users\/me\/restore)$/
    const names = open('factor owed')
    expect(names).toContain('POST /api/v1/users/me/mfa/totp')
    expect(names.filter((name) => !factors.test(name) && !looking.test(name))).toEqual([])
  })

  it('who waits for deletion can look, return and leave, and nothing else', () => {
    const own = /^(GET|POST|DELETE) \/api\/v1\/(auth\/[\w/-]+|users\/(me|profile)(\/(restore|deletion))?)$/
    const names = open('deletion pending')
    expect(names).toContain('GET /api/v1/users/me')
    expect(names.filter((name) => !own.test(name))).toEqual([])
  })

  it('who acts as somebody else touches no credentials', () => {
    const credential = operations.filter(({ rule }) => rule.access === 'user' && !rule.whileImpersonating)
    expect(credential.length).toBeGreaterThan(20)
    for (const operation of credential) expect(expected(operation, 'acted for')).toBe('no')
  })
})
