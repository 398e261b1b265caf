import type { TSchema } from 'typebox'
import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import { currentCall, type DecisionStep, runInContext } from '../../platform/context.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { tellStep } from '../../platform/decision-steps.ts'
import { AppError, platformErrors } from '../../platform/errors.ts'
import { type MatchedRoute, matchRoute, type Route } from '../../platform/http/route-match.ts'
import { checkedPart } from '../../platform/http/validation.ts'
import { isId } from '../../platform/ids.ts'
import { accessErrors, grants, holds, recentProofRule, routeRefusal, secondFactorRule } from '../../platform/policy.ts'
import { findUser, findUserByIdentifier, identifierKey, listRoles, type UserRow } from '../accounts/index.ts'
import { outranks } from '../admin/index.ts'
import type { AdminReads, AuditService } from '../audit/index.ts'
import { memberOf } from '../messaging/index.ts'
import type { RoleCatalogue } from '../roles/index.ts'
import { type Imagined, imaginedActor } from '../sessions/index.ts'
import type { BatchRequest, Foreseen, TableExplaining } from '../tables/index.ts'
import type { Denials } from './denials.ts'
import type { Explanation, PastDenial, Question, Step } from './explain.schema.ts'

export interface ExplainDependencies {
  database: DatabaseHandle
  roles: RoleCatalogue
  audit: AuditService
  adminReads: AdminReads
  denials: Denials
  tables: TableExplaining
  requireMfa: 'off' | 'admins' | 'all'
  now: Clock
}

interface Asked extends Question {
  asker: Actor
  imagined: Imagined
  routes: readonly Route[]
}

/** Why somebody may do something or may not: the decision itself, made once more, with the steps it took. */
export class ExplainService {
  readonly #deps: ExplainDependencies

  constructor(deps: ExplainDependencies) {
    this.#deps = deps
  }

  /** Changes nothing. Throws not_found for an account there is not, forbidden for whoever may not see accounts. */
  async explain(asker: Actor, question: Question, routes: readonly Route[]): Promise<Explanation> {
    const { database, audit } = this.#deps
    if (!holds(asker, 'users:read')) throw accessErrors.forbidden({ members: { required_permission: 'users:read' } })
    const row = await this.#accountOf(question.as_user)
    const imagined = await this.#imagine(row)
    if (question.scopes) Object.assign(imagined.actor, { kind: 'api_key', scopes: question.scopes, authTime: 0 })
    const steps: DecisionStep[] = []
    const context = { ...(currentCall() ?? { source: 'http' as const, actor: null }), steps }
    const asked = { ...question, asker, imagined, routes }
    const { code, path } = await runInContext(context, () => this.#decide(asked, steps))
    const explanation = { allowed: code === null, code, steps: await this.#shown(asker, steps, imagined.actor.roles) }
    await database.unitOfWork(({ tx }) =>
      audit.record(tx, {
        type: 'access_explained',
        resource: { type: 'user', id: row.id },
        detail: { method: question.method, path, code },
      }),
    )
    return explanation
  }

  /** A refusal of the last hour. Throws not_found: also for one of another instance, or from before a restart. */
  async past(asker: Actor, id: string): Promise<PastDenial> {
    if (!holds(asker, 'users:read')) throw accessErrors.forbidden({ members: { required_permission: 'users:read' } })
    const denial = this.#deps.denials.find(id)
    if (!denial)
      throw platformErrors.not_found({ detail: 'Refusals are kept for an hour, by the process that refused' })
    await this.#deps.adminReads.note(asker, 'denial', denial.userId)
    const { at, userId, method, path, code } = denial
    const roles = await listRoles(this.#deps.database.db, userId)
    const steps = await this.#shown(asker, denial.steps, roles)
    return { allowed: false, code, steps, id, at, user_id: userId, method, path }
  }

  /** The caller an account would be, for what is made for it without it: its documents. Throws not_found. */
  async asUser(name: string): Promise<Actor> {
    return (await this.#imagine(await this.#accountOf(name))).actor
  }

  async #imagine({ id, status, banned_until: bannedUntil }: UserRow): Promise<Imagined> {
    const { database, roles, requireMfa, now } = this.#deps
    const theirRoles = await listRoles(database.db, id)
    const permissions = await roles.permissionsOf(theirRoles)
    return imaginedActor({ id, status, bannedUntil, roles: theirRoles, permissions }, requireMfa, now())
  }

  async #accountOf(name: string): Promise<UserRow> {
    const { db } = this.#deps.database
    const byName = () => findUserByIdentifier(db, identifierKey(name.slice(1)))
    const byId = async () => (isId(name) ? findUser(db, name) : undefined)
    const row = await (name.startsWith('@') ? byName() : byId())
    if (!row || row.status === 'deleted') throw platformErrors.not_found({ detail: 'There is no such user' })
    return row
  }

  /** The steps tell themselves on the way. */
  async #decide(asked: Asked, steps: DecisionStep[]): Promise<{ code: string | null; path: string | null }> {
    const { imagined, method } = asked
    // Whatever else is asked for gets the web app, where nothing is decided.
    const routes = asked.routes.filter(({ url }) => url !== '/*')
    const { actor } = imagined
    const isKey = actor.kind === 'api_key'
    const isLive = imagined.isLive && (!isKey || actor.status === 'active')
    const [path = '', search = ''] = asked.path.split(/\?(.*)/s)
    const matched = matchRoute(routes, method, path)
    const known = matched !== undefined
    if (!known) {
      tellStep('rule', 'there is such a route', false)
      const others = routes.filter((route) => matchRoute([route], [route.method].flat()[0] ?? '', path))
      return { code: others.length > 0 ? 'method_not_allowed' : 'not_found', path: null }
    }
    const { route } = matched
    const { access } = route.config ?? {}
    const isOpen = access === undefined || access === 'public' || access === 'optional'
    const done = (code: string | null) => ({ code, path: route.url })
    if (!isOpen) tellStep('rule', 'sessions of this account count', isLive, { status: actor.status })
    if (!isOpen && !isLive) return done(isKey ? 'token_invalid' : 'session_revoked')
    const refused = routeRefusal(actor, { ...route.config, access: access ?? 'public' }, route.url, this.#deps.now())
    this.#mark(asked, matched, steps)
    if (refused) return done(refused.code)
    try {
      const parts = partsOf(asked, matched, search)
      tellStep('rule', 'the request has the form its route takes', true)
      return done(await this.#decideInside(asked, matched, parts, steps))
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error
      tellStep('rule', 'the request has the form its route takes', false, { errors: error.members.errors ?? [] })
      return done(error.code)
    }
  }

  /** What depends on the session, and not on the account. */
  #mark({ imagined }: Asked, { route }: MatchedRoute, steps: DecisionStep[]): void {
    for (const [index, step] of steps.entries())
      if (step.rule === recentProofRule) steps[index] = { ...step, result: 'unknown' }
    const { access, whileMfaOwed } = route.config ?? {}
    const isAsked = access !== undefined && access !== 'public' && access !== 'optional' && !whileMfaOwed
    if (isAsked && imagined.demandsMfa && imagined.actor.kind === 'user') {
      steps.push({ kind: 'rule', rule: secondFactorRule, result: 'unknown', values: { demanded: true } })
    }
  }

  /** What services decide themselves, where it can be asked without doing it. */
  async #decideInside(asked: Asked, { route, params }: MatchedRoute, parts: Parts, steps: DecisionStep[]) {
    const { database, tables } = this.#deps
    const { asker, imagined } = asked
    const { operationId = '' } = (route.schema ?? {}) as { operationId?: string }
    const unknown = (rule: string) => {
      steps.push({ kind: 'rule', rule, result: 'unknown', values: {} })
      return null
    }
    if (isOfRows(route.url)) {
      const question = questionOf({ route, params }, parts)
      const code = await tables.outcome(imagined.actor, question, holds(asker, 'data:manage'))
      return code === undefined ? unknown('what the rows themselves decide') : code
    }
    if (operationId === 'runBatch') {
      const { requests } = parts.body as { requests: BatchRequest[] }
      const code = await tables.batchOutcome(requests, (one) => this.#inBatch(asked, one))
      return code === undefined ? unknown('what the rows themselves decide') : code
    }
    if (route.url.startsWith('/api/v1/conversations/:id') && holds(asker, 'users:impersonate')) {
      if (outranks(asker.permissions, imagined.actor.permissions)) {
        const code = await memberOf(database.db, parts.params.id ?? '', imagined.actor.userId).then(
          () => null,
          (error: unknown) => {
            if (error instanceof AppError) return error.code
            throw error
          },
        )
        if (code !== null) return code
      }
    }
    return unknown('what the route itself decides: that it exists, whose it is, and limits')
  }

  /** By the same doors as alone. What is no route to rows cannot be in a batch at all. */
  async #inBatch(
    { asker, imagined, routes }: Asked,
    { method, path: text, body, headers }: BatchRequest,
  ): Promise<Foreseen> {
    const [path = '', search = ''] = `/api/v1${text}`.split(/\?(.*)/s)
    const matched = matchRoute(
      routes.filter(({ url }) => isOfRows(url)),
      method,
      path,
    )
    if (!matched) return { code: 'not_found' }
    const { config, url } = matched.route
    const refused = routeRefusal(
      imagined.actor,
      { ...config, access: config?.access ?? 'public' },
      url,
      this.#deps.now(),
    )
    if (refused) return { code: refused.code }
    try {
      const own = Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]))
      const question = { ...questionOf(matched, partsOf({ body }, matched, search)), headers: own }
      const foreseen = await this.#deps.tables.inBatch(imagined.actor, question, holds(asker, 'data:manage'))
      return /return=minimal/.test(own.prefer ?? '') && foreseen.code === null
        ? { ...foreseen, answer: null }
        : foreseen
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error
      return { code: error.code }
    }
  }

  /** The steps as far as the asker may see what they name. */
  async #shown(asker: Actor, steps: readonly DecisionStep[], roles: readonly string[]): Promise<Step[]> {
    const seesTables = holds(asker, 'tables:read')
    const granted = await Promise.all(
      roles.map(async (role) => [role, await this.#deps.roles.permissionsOf([role])] as const),
    )
    return steps.map((step) => {
      if (step.values.table !== undefined && !seesTables) return { ...step, rule: 'a rule of a table', values: {} }
      if (step.kind !== 'role' || step.values.table !== undefined) return { ...step, values: { ...step.values } }
      const by = granted.filter(([, held]) => grants(held, step.rule)).map(([role]) => role)
      return { ...step, values: { ...step.values, granted_by: by } }
    })
  }
}

interface Parts {
  params: Record<string, string>
  query: Record<string, unknown>
  body: unknown
}

const isOfRows = (url: string): boolean => /^\/api\/v1\/data(\/|$)/.test(url)

function questionOf({ route, params }: MatchedRoute, parts: Parts) {
  const { operationId: operation = '' } = (route.schema ?? {}) as { operationId?: string }
  return { operation, table: parts.params.table ?? '', key: params.key ?? '', ...parts }
}

/** Throws what the route would. */
function partsOf({ body }: Pick<Question, 'body'>, { route, params }: MatchedRoute, search: string): Parts {
  const schema = (route.schema ?? {}) as Partial<Record<'params' | 'querystring' | 'body', TSchema>>
  const checked = (part: 'params' | 'querystring' | 'body', data: unknown) =>
    schema[part] ? checkedPart(part, schema[part], data) : data
  const query: Record<string, unknown> = {}
  for (const [name, value] of new URLSearchParams(search)) {
    query[name] = Object.hasOwn(query, name) ? [query[name], value].flat() : value
  }
  return {
    params: checked('params', decoded(params)) as Record<string, string>,
    query: checked('querystring', query) as Record<string, unknown>,
    body: checked('body', body),
  }
}

function decoded(params: Record<string, string>): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)]))
  } catch (error) {
    throw platformErrors.bad_request({ cause: error })
  }
}
