import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Id, Problem, pageOf, strict } from '../../platform/http/schemas.ts'
import { accessErrors } from '../../platform/policy.ts'
import type { SessionDoorkeeper } from './doorkeeper.ts'
import type { SessionRotation } from './session-rotation.ts'
import { CsrfTokens, Session, TokenAnswer } from './sessions.schema.ts'
import type { SessionsService } from './sessions.service.ts'

const tags = ['sessions']
const optionalObject = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Optional(Type.Union([Type.Object(properties, strict), Type.Null()]))

export interface SessionRoutesDependencies {
  sessions: SessionsService
  rotation: SessionRotation
  door: SessionDoorkeeper
}

export const sessionRoutes =
  ({ sessions, rotation, door }: SessionRoutesDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post('/auth/refresh', {
      config: { access: 'public' },
      schema: {
        operationId: 'refreshSession',
        summary: 'Swap the refresh token for a new pair',
        tags,
        body: optionalObject({ refresh_token: Type.Optional(Type.String({ maxLength: 2048 })) }),
        response: { 200: TokenAnswer, 401: Problem, 403: Problem },
      },
      handler: async (request, reply) => {
        const fromBody = request.body?.refresh_token
        const token = fromBody ?? door.refreshToken(request)
        if (token === undefined) throw accessErrors.authentication_required()
        if (fromBody === undefined) {
          const session = await sessions.sessionOfRefreshToken(token)
          door.assertCsrf(request, session.id, session.auth_time, ['refresh'])
        }
        const issued = await rotation.refresh(token, request.client, fromBody === undefined ? 'cookie' : 'body')
        return door.deliver(reply, issued)
      },
    })

    app.get('/auth/csrf', {
      config: { access: 'optional', sessionOnly: true },
      schema: {
        operationId: 'getCsrfTokens',
        summary: 'The CSRF tokens of this session, for a page that was reloaded',
        tags,
        response: { 200: CsrfTokens, 401: Problem },
      },
      handler: async (request, reply) => {
        const session = await sessionOf(request, sessions, door)
        if (!session) throw accessErrors.authentication_required()
        const { csrfAccess, csrfRefresh } = sessions.csrf(session)
        reply.header('cache-control', 'no-store')
        return { csrf_access_token: csrfAccess, csrf_refresh_token: csrfRefresh }
      },
    })

    app.post('/auth/logout', {
      config: { access: 'optional', sessionOnly: true, renewal: false },
      schema: {
        operationId: 'logout',
        summary: 'End this session; its cookies are cleared even if it had ended already',
        tags,
        body: optionalObject({}),
        response: { 200: Type.Object({ message: Type.String() }), 403: Problem },
      },
      handler: async (request, reply) => {
        if (request.visitor) {
          await sessions.logout(request.visitor.userId, request.visitor.sessionId)
        } else {
          // The access token has ended; the refresh token still says which session this browser means.
          const session = await sessionOf(request, sessions, door)
          if (session) {
            door.assertCsrf(request, session.id, session.auth_time, ['access', 'refresh'])
            await sessions.logout(session.user_id, session.id)
          }
        }
        door.clear(reply)
        return { message: 'logged out' }
      },
    })

    app.post('/auth/logout-everywhere', {
      config: { access: 'user', whileMfaOwed: true, whileDeleting: true },
      schema: {
        operationId: 'logoutEverywhere',
        summary: 'End all sessions of the caller',
        tags,
        body: optionalObject({ keep_current: Type.Optional(Type.Boolean()) }),
        response: { 200: Type.Object({ revoked: Type.Integer() }), 401: Problem },
      },
      handler: async ({ actor, body }, reply) => {
        const keepCurrent = body?.keep_current ?? false
        const revoked = await sessions.logoutEverywhere(actor, keepCurrent)
        if (!keepCurrent) door.clear(reply)
        return { revoked }
      },
    })

    for (const path of ['/users/me/sessions', '/users/sessions']) {
      const alias = path !== '/users/me/sessions'
      const schemaOf = (operationId: string, summary: string) => ({
        operationId: alias ? `${operationId}Alias` : operationId,
        summary,
        tags,
        ...(alias ? { hide: true } : {}),
      })

      app.get(path, {
        config: { access: 'user', whileMfaOwed: true },
        schema: {
          ...schemaOf('listSessions', 'Where the caller is signed in'),
          response: { 200: pageOf(Session, 'SessionList'), 401: Problem },
        },
        handler: async ({ actor }) => {
          const data = await sessions.list(actor)
          return { data, page: { limit: data.length, next_cursor: null, prev_cursor: null, has_more: false } }
        },
      })

      app.delete(`${path}/:session_id`, {
        config: { access: 'user', recentAuth: true },
        schema: {
          ...schemaOf('revokeSession', 'End one session of the caller'),
          params: Type.Object({ session_id: Id }),
          response: { 204: Type.Null(), 404: Problem },
        },
        handler: async ({ actor, params }, reply) => {
          await sessions.revoke(actor, params.session_id)
          return reply.code(204).send(null)
        },
      })

      app.delete(path, {
        config: { access: 'user', recentAuth: true },
        schema: {
          ...schemaOf('revokeOtherSessions', 'End all other sessions of the caller'),
          querystring: Type.Object({ others: Type.Literal(true) }, strict),
          response: { 200: Type.Object({ revoked: Type.Integer() }), 422: Problem },
        },
        handler: async ({ actor }) => ({ revoked: await sessions.logoutEverywhere(actor, true) }),
      })
    }
  }

/** The session a request belongs to, by its caller or else by its refresh cookie; undefined when neither counts. */
async function sessionOf(
  request: import('fastify').FastifyRequest,
  sessions: SessionsService,
  door: SessionDoorkeeper,
): Promise<{ id: string; user_id: string; auth_time: number } | undefined> {
  const { visitor } = request
  if (visitor) return { id: visitor.sessionId, user_id: visitor.userId, auth_time: visitor.authTime }
  const token = door.refreshToken(request)
  return token === undefined ? undefined : sessions.sessionOfRefreshToken(token).catch(() => undefined)
}
