import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { expectedVersion, sendWithVersion } from '../../platform/http/etag.ts'
import { Problem, pageOf, strict } from '../../platform/http/schemas.ts'
import { AdminUser, AdminUserPatch, AdminUserQuery, NewAdminUser, UserParams } from './admin-users.schema.ts'
import type { AdminUsersService } from './admin-users.service.ts'
import type { UserActions } from './user-actions.service.ts'

const tags = ['admin']
const problems = { 401: Problem, 403: Problem, 404: Problem, 409: Problem }

export interface AdminUserRoutesDependencies {
  adminUsers: AdminUsersService
  userActions: UserActions
}

export const adminUserRoutes =
  ({ adminUsers, userActions }: AdminUserRoutesDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/admin/users', {
      config: { access: { permission: 'users:read' } },
      schema: {
        operationId: 'listUsers',
        summary: 'All accounts, the newest first',
        tags,
        querystring: AdminUserQuery,
        response: { 200: pageOf(AdminUser, 'AdminUserList'), 400: Problem, ...problems },
      },
      handler: async ({ actor, query }) => adminUsers.list(actor, query),
    })

    app.post('/admin/users', {
      config: { access: { permission: 'users:create' }, recentAuth: true },
      schema: {
        operationId: 'createUser',
        summary: 'Create an account; its owner gets a mail to choose a password',
        tags,
        body: NewAdminUser,
        response: { 201: AdminUser, ...problems, 422: Problem },
      },
      handler: async ({ actor, body }, reply) => {
        const user = await adminUsers.create(actor, body)
        return reply.code(201).header('location', `/api/v1/admin/users/${user.id}`).send(user)
      },
    })

    app.get('/admin/users/:id', {
      config: { access: { permission: 'users:read' } },
      schema: {
        operationId: 'getUser',
        summary: 'One account',
        tags,
        params: UserParams,
        response: { 200: AdminUser, ...problems },
      },
      // Whether somebody is locked out changes without their version.
      handler: async ({ actor, params }, reply) => sendWithVersion(reply, await adminUsers.get(actor, params.id)),
    })

    app.patch('/admin/users/:id', {
      config: { access: { permission: 'users:update' }, recentAuth: true },
      schema: {
        operationId: 'updateUser',
        summary: 'Change roles, state or display name; sessions end where rights change',
        tags,
        params: UserParams,
        body: AdminUserPatch,
        response: { 200: AdminUser, ...problems, 412: Problem, 422: Problem },
      },
      handler: async (request, reply) => {
        const { actor, params, body } = request
        return sendWithVersion(reply, await adminUsers.update(actor, params.id, body, expectedVersion(request)))
      },
    })

    app.delete('/admin/users/:id', {
      config: { access: { permission: 'users:delete' }, recentAuth: true },
      schema: {
        operationId: 'deleteUser',
        summary: 'Deactivate an account, or erase it for good',
        tags,
        params: UserParams,
        querystring: Type.Object(
          { mode: Type.Optional(Type.Union([Type.Literal('deactivate'), Type.Literal('erase')])) },
          strict,
        ),
        response: { 204: Type.Null(), ...problems },
      },
      handler: async ({ actor, params, query }, reply) => {
        await userActions.remove(actor, params.id, query.mode ?? 'deactivate')
        if (query.mode === 'erase') reply.header('link', `</api/v1/admin/erasures/${params.id}>; rel="describedby"`)
        return reply.code(204).send(null)
      },
    })

    const actions = [
      ['unlock', 'unlockUser', 'users:update', 'Lift a lock after wrong passwords', userActions.unlock],
      ['verify-email', 'verifyUserEmail', 'users:update', 'Take the address for confirmed', userActions.verifyEmail],
      ['reset-mfa', 'resetUserMfa', 'users:update', 'Remove all second factors', userActions.resetMfa],
      [
        'force-password-reset',
        'forcePasswordReset',
        'users:update',
        'Make the password useless and mail a link for a new one',
        userActions.forcePasswordReset,
      ],
      ['revoke-sessions', 'revokeUserSessions', 'users:update', 'End all sessions', userActions.revokeSessions],
      [
        'suspend',
        'suspendUser',
        'users:suspend',
        'Shut the account out; its sessions end',
        (...[actor, id]: ActionInput) => userActions.setStatus(actor, id, 'suspended'),
      ],
      [
        'activate',
        'activateUser',
        'users:suspend',
        'Let the account in again',
        (...[actor, id]: ActionInput) => userActions.setStatus(actor, id, 'active'),
      ],
    ] as const
    for (const [name, operationId, permission, summary, act] of actions) {
      app.post(`/admin/users/:id/${name}`, {
        config: { access: { permission }, recentAuth: true },
        schema: { operationId, summary, tags, params: UserParams, response: { 204: Type.Null(), ...problems } },
        handler: async ({ actor, params }, reply) => {
          await act.call(userActions, actor, params.id)
          return reply.code(204).send(null)
        },
      })
    }
  }

type ActionInput = Parameters<UserActions['unlock']>
