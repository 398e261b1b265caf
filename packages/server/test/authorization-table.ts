import type { RouteOptions } from 'fastify'
import { builtInRoles, permissions } from '../src/modules/roles/index.ts'
import type { Actor } from '../src/platform/actor.ts'
import { type Access, type Rule, recentSeconds, refusal } from '../src/platform/policy.ts'
import type { TestApp } from './test-app.ts'

/** Something one can ask for, and who may. */
export interface Operation {
  /** `socket` for commands. */
  method: string
  path: string
  rule: Rule
  isHidden: boolean
}

/** Callers of every kind; the security test signs each of them in. */
export const callers = [
  'anonymous',
  'guest',
  'user',
  'moderator',
  'admin',
  'admin, old proof',
  'key *',
  'key *:read',
  'factor owed',
  'deletion pending',
  'acted for',
  'suspended',
] as const
export type Caller = (typeof callers)[number]

/** What the table says for a refusal with this code; anything else counts as let in. */
export const words: Readonly<Record<string, string>> = {
  authentication_required: 'login',
  session_revoked: 'ended',
  token_invalid: 'token',
  forbidden: 'no',
  admin_required: 'no',
  scope_missing: 'scope',
  mfa_required: 'factor',
  account_inactive: 'inactive',
  reauthentication_required: 'prove',
}

export const readScopes = Object.keys(permissions).filter((name) => name.endsWith(':read'))

const now = new Date()
const nowSeconds = now.getTime() / 1000
const person = (role: string, more: Partial<Actor> = {}): Actor => ({
  kind: 'user',
  userId: 'u',
  sessionId: 's',
  roles: [role],
  permissions: builtInRoles[role]?.permissions ?? [],
  status: 'active',
  mfaOwed: false,
  impersonatorId: null,
  authTime: nowSeconds,
  aal: 2,
  ...more,
})

const actors: Record<Caller, Actor | null> = {
  anonymous: null,
  guest: person('guest'),
  user: person('user'),
  moderator: person('moderator'),
  admin: person('admin'),
  'admin, old proof': person('admin', { authTime: nowSeconds - recentSeconds - 1 }),
  'key *': person('admin', { kind: 'api_key', scopes: ['*'], authTime: 0 }),
  'key *:read': person('admin', { kind: 'api_key', scopes: readScopes, authTime: 0 }),
  'factor owed': person('admin', { mfaOwed: true, aal: 1 }),
  'deletion pending': person('user', { status: 'deletion_pending' }),
  'acted for': person('user', { impersonatorId: 'a' }),
  // No session of theirs is alive.
  suspended: null,
}

export const listenRule: Rule = { access: { permission: 'events:read' } }

/** What the policy says to one of the callers, in a word of the table. */
export function verdict({ method, rule }: Operation, caller: Caller): string {
  const actor = actors[caller]
  const isKey = actor?.kind === 'api_key'
  if (method === 'socket' && isKey) return 'token'
  const isOpen = rule.access === 'public' || rule.access === 'optional'
  if (isOpen && rule.sessionOnly && isKey) return 'no'
  if (!isOpen && caller === 'suspended') return 'ended'
  const refused = (method === 'socket' ? refusal(actor, listenRule, now) : undefined) ?? refusal(actor, rule, now)
  return refused === undefined ? 'yes' : (words[refused.code] ?? refused.code)
}

/** Every route and every command of the app, but for pages and files that are anyone's to read. */
export function operationsOf({ http, realtime }: TestApp): Operation[] {
  const routes = http.guardedRoutes.flatMap((route) =>
    [route.method]
      .flat()
      .map((method) => ({ method, path: route.url, rule: ruleOf(route), isHidden: isHidden(route) })),
  )
  const commands = realtime.commandRules.map(({ name, access }) => ({
    method: 'socket',
    path: name,
    rule: { access },
    isHidden: false,
  }))
  const connect = { method: 'socket', path: 'connect', rule: listenRule, isHidden: false }
  const listed = routes.filter(
    ({ method, path, rule }) =>
      !['HEAD', 'OPTIONS'].includes(method) &&
      !(method === 'GET' && rule.access === 'public' && !path.startsWith('/api/v1/')),
  )
  return [...listed, connect, ...commands].sort((a, b) => compare(a.path, b.path) || compare(a.method, b.method))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const ruleOf = (route: RouteOptions): Rule => ({ ...route.config, access: route.config?.access ?? 'public' })
const isHidden = (route: RouteOptions): boolean => (route.schema as { hide?: boolean } | undefined)?.hide ?? false

const flagNames: Record<keyof Omit<Rule, 'access'>, string> = {
  recentAuth: '⚠',
  whileMfaOwed: 'factor owed',
  whileDeleting: 'deletion pending',
  whileImpersonating: 'acted for',
  sessionOnly: 'no keys',
}

const ruleText = (access: Access): string => (typeof access === 'object' ? access.permission : access)

/** The cells of an operation's row. */
export function rowOf(operation: Operation): string[] {
  const { method, path, rule, isHidden } = operation
  const flags = Object.entries(flagNames).flatMap(([name, text]) => (rule[name as keyof Rule] ? [text] : []))
  return [
    method,
    `\`${path}\``,
    ruleText(rule.access),
    [...flags, ...(isHidden ? ['alias'] : [])].join(', '),
    ...callers.map((caller) => verdict(operation, caller)),
  ]
}

/** The rows of the page, as the cells between the bars. */
export const rowsOf = (page: string): string[][] =>
  page
    .split('\n')
    .filter((line) => /^\| (GET|POST|PUT|PATCH|DELETE|socket) \|/.test(line))
    .map((line) =>
      line
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.trim()),
    )

export function authorizationPage(operations: readonly Operation[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const head = ['', 'Path or command', 'Rule', 'Flags', ...callers]
  return `<!-- Written by \`npm run reference\` from the code; a test fails when it differs. -->

# Who may do what

Every route and every socket command with its rule, and what it says to each kind of caller. The table is made from the
rules; a test then signs each of these callers in, on each database, calls everything that stands here, and compares. A
route that is missing here fails the tests, and so does a change of a rule that was not meant: it shows as a difference of
this page.

Rules: \`public\` anyone, nobody is looked up · \`optional\` anyone, and who is signed in is known · \`user\` a person in a
session of their own · \`resource:action\` who holds the permission. Flags: ⚠ needs a proof of identity of the last
10 minutes · \`factor owed\`, \`deletion pending\`, \`acted for\` open to a session in that state · \`no keys\` not for API
keys · \`alias\` a second name, left out of the API's description.

| Word | Answer |
| --- | --- |
| yes | The door lets in; what is asked for may still not exist, or not be the caller's |
| login | 401 \`authentication_required\` |
| ended | 401 \`session_revoked\` |
| token | 401 \`token_invalid\` |
| no | 403 \`forbidden\`, under /admin 403 \`admin_required\` |
| scope | 403 \`scope_missing\` |
| factor | 403 \`mfa_required\` |
| inactive | 403 \`account_inactive\` |
| prove | 403 \`reauthentication_required\` |

Callers: \`key *\` and \`key *:read\` are API keys of an administrator, with all scopes and with those that read; \`factor
owed\` is an administrator where \`REQUIRE_MFA\` demands a second factor and the session has none; \`acted for\` is a user as
whom an administrator acts. Pages and files that anyone may read outside /api/v1 are left out.

${line(head)}
${line(head.map(() => '---'))}
${operations.map((operation) => line(rowOf(operation))).join('\n')}
`
}
