import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { etagOf, expectedVersion, sendVersioned } from '../../platform/http/etag.ts'
import { Id, Problem, pageOf, wholeList } from '../../platform/http/schemas.ts'
import { ApiKey, ApiKeyPatch, IssuedApiKey, NewApiKey } from './api-keys.schema.ts'
import type { ApiKeysService } from './api-keys.service.ts'

const tags = ['api keys']
const base = '/users/me/api-keys'
const reads = { access: 'user' } as const
const writes = { access: 'user', recentAuth: true } as const
const params = Type.Object({ id: Id })
const refusals = { 401: Problem, 403: Problem, 404: Problem }

export const apiKeyRoutes =
  (keys: ApiKeysService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(base, {
      config: reads,
      schema: {
        operationId: 'listApiKeys',
        summary: 'The API keys of the caller',
        tags,
        response: { 200: pageOf(ApiKey, 'ApiKeyList'), 401: Problem, 403: Problem },
      },
      handler: async ({ actor }) => wholeList(await keys.list(actor)),
    })

    app.get(`${base}/:id`, {
      config: reads,
      schema: { operationId: 'getApiKey', summary: 'An API key', tags, params, response: { 200: ApiKey, ...refusals } },
      handler: async (request, reply) =>
        sendVersioned(request, reply, await keys.get(request.actor, request.params.id)),
    })

    app.post(base, {
      config: { ...writes, idempotency: 'secret' },
      schema: {
        operationId: 'createApiKey',
        summary: 'Make an API key; its text is in this answer and nowhere else',
        tags,
        body: NewApiKey,
        response: { 201: IssuedApiKey, 401: Problem, 403: Problem, 409: Problem, 422: Problem },
      },
      handler: async ({ actor, body }, reply) => {
        const issued = await keys.create(actor, actor, body)
        reply.code(201).headers({ location: `/api/v1${base}/${issued.id}`, etag: etagOf(issued.version) })
        return issued
      },
    })

    app.patch(`${base}/:id`, {
      config: { ...writes, idempotency: 'kept' },
      schema: {
        operationId: 'updateApiKey',
        summary: 'Change what an API key may do, from where and until when',
        tags,
        params,
        body: ApiKeyPatch,
        response: { 200: ApiKey, ...refusals, 412: Problem, 422: Problem },
      },
      handler: async (request, reply) => {
        const { actor, params, body } = request
        return sendVersioned(request, reply, await keys.update(actor, actor, params.id, body, expectedVersion(request)))
      },
    })

    app.post(`${base}/:id/rotate`, {
      config: { ...writes, idempotency: 'secret' },
      schema: {
        operationId: 'rotateApiKey',
        summary: 'A new text for an API key; the old one stops working at once',
        tags,
        params,
        response: { 200: IssuedApiKey, ...refusals, 412: Problem },
      },
      handler: async (request, reply) => {
        const { actor, params } = request
        const issued = await keys.rotate(actor, actor, params.id, expectedVersion(request))
        reply.header('etag', etagOf(issued.version))
        return issued
      },
    })

    app.delete(`${base}/:id`, {
      config: writes,
      schema: {
        operationId: 'deleteApiKey',
        summary: 'Delete an API key; it stops working at once',
        tags,
        params,
        response: { 204: Type.Null(), ...refusals, 412: Problem },
      },
      handler: async (request, reply) => {
        await keys.revoke(request.actor, request.params.id, expectedVersion(request))
        return reply.code(204).send(null)
      },
    })
  }
