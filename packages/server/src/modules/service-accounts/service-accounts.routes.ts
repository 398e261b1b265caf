import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { etagOf, expectedVersion, sendVersioned } from '../../platform/http/etag.ts'
import { Id, Problem, pageOf, wholeList } from '../../platform/http/schemas.ts'
import { ApiKey, IssuedApiKey, NewApiKey } from '../api-keys/index.ts'
import { NewServiceAccount, ServiceAccount } from './service-accounts.schema.ts'
import type { ServiceAccountsService } from './service-accounts.service.ts'

const tags = ['administration']
const base = '/admin/service-accounts'
const reads = { access: { permission: 'service_accounts:read' } }
const writes = { access: { permission: 'service_accounts:update' }, recentAuth: true }
/** A key that makes keys would outlive its own end. */
const makesKeys = { ...writes, sessionOnly: true }
const params = Type.Object({ id: Id })
const keyParams = Type.Object({ id: Id, key_id: Id })
const refusals = { 401: Problem, 403: Problem, 404: Problem }

export const serviceAccountRoutes =
  (accounts: ServiceAccountsService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(base, {
      config: reads,
      schema: {
        operationId: 'listServiceAccounts',
        summary: 'The accounts of programs',
        tags,
        response: { 200: pageOf(ServiceAccount, 'ServiceAccountList'), 401: Problem, 403: Problem },
      },
      handler: async ({ actor }) => wholeList(await accounts.list(actor)),
    })

    app.get(`${base}/:id`, {
      config: reads,
      schema: {
        operationId: 'getServiceAccount',
        summary: 'A service account',
        tags,
        params,
        response: { 200: ServiceAccount, ...refusals },
      },
      handler: async (request, reply) =>
        sendVersioned(request, reply, await accounts.get(request.actor, request.params.id)),
    })

    app.post(base, {
      config: { ...writes, idempotency: 'kept' },
      schema: {
        operationId: 'createServiceAccount',
        summary: 'Make an account for a program; it has no password and no address, only API keys',
        tags,
        body: NewServiceAccount,
        response: { 201: ServiceAccount, 401: Problem, 403: Problem, 409: Problem, 422: Problem },
      },
      handler: async ({ actor, body }, reply) => {
        const made = await accounts.create(actor, body)
        reply.code(201).headers({ location: `/api/v1${base}/${made.id}`, etag: etagOf(made.version) })
        return made
      },
    })

    app.delete(`${base}/:id`, {
      config: writes,
      schema: {
        operationId: 'deleteServiceAccount',
        summary: 'Delete a service account; its keys stop working at once',
        tags,
        params,
        response: { 204: Type.Null(), ...refusals },
      },
      handler: async ({ actor, params }, reply) => {
        await accounts.delete(actor, params.id)
        return reply.code(204).send(null)
      },
    })

    app.get(`${base}/:id/keys`, {
      config: reads,
      schema: {
        operationId: 'listServiceAccountKeys',
        summary: 'The API keys of a service account',
        tags,
        params,
        response: { 200: pageOf(ApiKey, 'ApiKeyList'), ...refusals },
      },
      handler: async ({ actor, params }) => wholeList(await accounts.listKeys(actor, params.id)),
    })

    app.post(`${base}/:id/keys`, {
      config: { ...makesKeys, idempotency: 'secret' },
      schema: {
        operationId: 'createServiceAccountKey',
        summary: 'Make an API key for a service account; its text is in this answer and nowhere else',
        tags,
        params,
        body: NewApiKey,
        response: { 201: IssuedApiKey, ...refusals, 409: Problem, 422: Problem },
      },
      handler: async ({ actor, params, body }, reply) => {
        const issued = await accounts.createKey(actor, params.id, body)
        reply.code(201).header('etag', etagOf(issued.version))
        return issued
      },
    })

    app.post(`${base}/:id/keys/:key_id/rotate`, {
      config: { ...makesKeys, idempotency: 'secret' },
      schema: {
        operationId: 'rotateServiceAccountKey',
        summary: 'A new text for an API key of a service account; the old one stops working at once',
        tags,
        params: keyParams,
        response: { 200: IssuedApiKey, ...refusals, 412: Problem },
      },
      handler: async (request, reply) => {
        const { id, key_id } = request.params
        const issued = await accounts.rotateKey(request.actor, id, key_id, expectedVersion(request))
        reply.header('etag', etagOf(issued.version))
        return issued
      },
    })

    app.delete(`${base}/:id/keys/:key_id`, {
      config: writes,
      schema: {
        operationId: 'deleteServiceAccountKey',
        summary: 'Delete an API key of a service account; it stops working at once',
        tags,
        params: keyParams,
        response: { 204: Type.Null(), ...refusals, 412: Problem },
      },
      handler: async (request, reply) => {
        const { id, key_id } = request.params
        await accounts.revokeKey(id, key_id, expectedVersion(request))
        return reply.code(204).send(null)
      },
    })
  }
