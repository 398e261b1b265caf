import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { etagOf, expectedVersion, sendVersioned } from '../../platform/http/etag.ts'
import { Id, Problem, pageOf, wholeList } from '../../platform/http/schemas.ts'
import {
  DeliveryQuery,
  IssuedWebhook,
  NewWebhook,
  SecretRotation,
  Webhook,
  WebhookDelivery,
  WebhookPatch,
} from './webhooks.schema.ts'
import type { WebhooksService } from './webhooks.service.ts'

const tags = ['administration']
const base = '/webhooks'
const reads = { access: { permission: 'webhooks:read' } }
const writes = { access: { permission: 'webhooks:update' }, recentAuth: true }
const params = Type.Object({ id: Id })
const deliveryParams = Type.Object({ id: Id, did: Id })
const refusals = { 401: Problem, 403: Problem, 404: Problem }

export const webhookRoutes =
  (webhooks: WebhooksService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(base, {
      config: reads,
      schema: {
        operationId: 'listWebhooks',
        summary: 'Who is told elsewhere of what happens',
        tags,
        response: { 200: pageOf(Webhook, 'WebhookList'), 401: Problem, 403: Problem },
      },
      handler: async ({ actor }) => wholeList(await webhooks.list(actor)),
    })

    app.post(base, {
      config: { ...writes, idempotency: 'secret' },
      schema: {
        operationId: 'createWebhook',
        summary: 'Make a webhook; its secret is in this answer and nowhere else',
        tags,
        body: NewWebhook,
        response: { 201: IssuedWebhook, 401: Problem, 403: Problem, 409: Problem, 422: Problem },
      },
      handler: async ({ body }, reply) => {
        const made = await webhooks.create(body)
        reply.code(201).headers({ location: `/api/v1${base}/${made.id}`, etag: etagOf(made.version) })
        return made
      },
    })

    app.get(`${base}/:id`, {
      config: reads,
      schema: {
        operationId: 'getWebhook',
        summary: 'A webhook',
        tags,
        params,
        response: { 200: Webhook, ...refusals },
      },
      handler: async (request, reply) =>
        sendVersioned(request, reply, await webhooks.get(request.actor, request.params.id)),
    })

    app.patch(`${base}/:id`, {
      config: writes,
      schema: {
        operationId: 'updateWebhook',
        summary: 'Change a webhook, or switch it off and on; once on it is told of what happens from then on',
        tags,
        params,
        body: WebhookPatch,
        response: { 200: Webhook, ...refusals, 412: Problem, 422: Problem },
      },
      handler: async (request, reply) => {
        const changed = await webhooks.update(request.params.id, request.body, expectedVersion(request))
        reply.header('etag', etagOf(changed.version))
        return changed
      },
    })

    app.delete(`${base}/:id`, {
      config: writes,
      schema: {
        operationId: 'deleteWebhook',
        summary: 'Delete a webhook, and what was kept of its deliveries',
        tags,
        params,
        response: { 204: Type.Null(), ...refusals, 412: Problem },
      },
      handler: async (request, reply) => {
        await webhooks.delete(request.params.id, expectedVersion(request))
        return reply.code(204).send(null)
      },
    })

    app.post(`${base}/:id/rotate-secret`, {
      config: { ...writes, idempotency: 'secret' },
      schema: {
        operationId: 'rotateWebhookSecret',
        summary: 'A new secret, in this answer and nowhere else; the old one signs beside it for a while',
        tags,
        params,
        body: SecretRotation,
        response: { 200: IssuedWebhook, ...refusals, 422: Problem },
      },
      handler: async ({ params, body }) => webhooks.rotate(params.id, body),
    })

    app.post(`${base}/:id/test`, {
      config: writes,
      schema: {
        operationId: 'testWebhook',
        summary: 'Send a message of type webhook.test',
        tags,
        params,
        response: { 202: WebhookDelivery, ...refusals, 409: Problem },
      },
      handler: async ({ params }, reply) => {
        reply.code(202)
        return webhooks.test(params.id)
      },
    })

    app.get(`${base}/:id/deliveries`, {
      config: reads,
      schema: {
        operationId: 'listWebhookDeliveries',
        summary: 'What was sent to a webhook in the last 30 days, and what waits, newest first',
        tags,
        params,
        querystring: DeliveryQuery,
        response: { 200: pageOf(WebhookDelivery, 'WebhookDeliveryList'), 400: Problem, ...refusals, 422: Problem },
      },
      handler: async ({ actor, params, query }) => webhooks.deliveries(actor, params.id, query),
    })

    app.post(`${base}/:id/deliveries/:did/redeliver`, {
      config: writes,
      schema: {
        operationId: 'redeliverWebhook',
        summary: 'Send a message again, with the id it had',
        tags,
        params: deliveryParams,
        response: { 202: WebhookDelivery, ...refusals, 409: Problem },
      },
      handler: async ({ params }, reply) => {
        reply.code(202)
        return webhooks.redeliver(params.id, params.did)
      },
    })
  }
