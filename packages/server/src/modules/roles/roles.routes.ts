import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { etagOf, expectedVersion, sendVersioned } from '../../platform/http/etag.ts'
import { Problem, pageOf, strict, wholeList } from '../../platform/http/schemas.ts'
import { NewRole, Permission, Role, RolePatch } from './roles.schema.ts'
import type { RolesService } from './roles.service.ts'

const tags = ['administration']
const reads = { access: { permission: 'roles:read' } }
const writes = { access: { permission: 'roles:update' }, recentAuth: true }
const params = Type.Object({ name: Type.String({ maxLength: 64 }) })
const refusals = { 401: Problem, 403: Problem, 404: Problem }

export const roleRoutes =
  (roles: RolesService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/admin/permissions', {
      config: reads,
      schema: {
        operationId: 'listPermissions',
        summary: 'Everything a role or an API key can allow',
        tags,
        response: { 200: pageOf(Permission, 'PermissionList'), 401: Problem, 403: Problem },
      },
      handler: async () => wholeList(roles.permissions()),
    })

    app.get('/admin/roles', {
      config: reads,
      schema: {
        operationId: 'listRoles',
        summary: 'All roles, the built-in ones first',
        tags,
        response: { 200: pageOf(Role, 'RoleList'), 401: Problem, 403: Problem },
      },
      handler: async () => wholeList(await roles.list()),
    })

    app.get('/admin/roles/:name', {
      config: reads,
      schema: { operationId: 'getRole', summary: 'A role', tags, params, response: { 200: Role, ...refusals } },
      handler: async (request, reply) => sendVersioned(request, reply, await roles.get(request.params.name)),
    })

    app.post('/admin/roles', {
      config: { ...writes, idempotency: 'kept' },
      schema: {
        operationId: 'createRole',
        summary: 'Make a role; it can grant what the caller holds',
        tags,
        body: NewRole,
        response: { 201: Role, 401: Problem, 403: Problem, 409: Problem, 422: Problem },
      },
      handler: async ({ actor, body }, reply) => {
        const role = await roles.create(actor, body)
        reply.code(201).headers({ location: `/api/v1/admin/roles/${role.name}`, etag: etagOf(role.version) })
        return role
      },
    })

    app.patch('/admin/roles/:name', {
      config: { ...writes, idempotency: 'kept' },
      schema: {
        operationId: 'updateRole',
        summary: 'Change a role; everyone who has it is judged by the new one with their next request',
        tags,
        params,
        body: RolePatch,
        response: { 200: Role, ...refusals, 409: Problem, 412: Problem, 422: Problem },
      },
      handler: async (request, reply) => {
        const { actor, params, body } = request
        return sendVersioned(request, reply, await roles.update(actor, params.name, body, expectedVersion(request)))
      },
    })

    app.delete('/admin/roles/:name', {
      config: writes,
      schema: {
        operationId: 'deleteRole',
        summary: 'Delete a role',
        tags,
        params,
        querystring: Type.Object(
          {
            force: Type.Optional(
              Type.Boolean({ description: 'Take it from everyone who has it and every role that inherits from it' }),
            ),
          },
          strict,
        ),
        response: { 204: Type.Null(), ...refusals, 409: Problem, 412: Problem },
      },
      handler: async (request, reply) => {
        const { actor, params, query } = request
        const options = { force: query.force ?? false, expectedVersion: expectedVersion(request) }
        await roles.delete(actor, params.name, options)
        return reply.code(204).send(null)
      },
    })
  }
