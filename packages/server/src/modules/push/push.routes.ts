import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Id, Problem, pageOf, wholeList } from '../../platform/http/schemas.ts'
import { NewPushSubscription, PushSubscriptionView, VapidPublicKey } from './push.schema.ts'
import type { PushSubscriptions } from './subscriptions.service.ts'
import type { VapidKeys } from './vapid-keys.ts'

const tags = ['notifications']
const path = '/users/me/push-subscriptions'

export interface PushRoutesDependencies {
  pushSubscriptions: PushSubscriptions
  vapidKeys: VapidKeys
}

export const pushRoutes =
  ({ pushSubscriptions, vapidKeys }: PushRoutesDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/push/vapid-key', {
      config: { access: 'user' },
      schema: {
        operationId: 'getVapidKey',
        summary: 'The key a browser subscribes to pushes with',
        tags,
        response: { 200: VapidPublicKey, 401: Problem },
      },
      handler: async () => ({ public_key: (await vapidKeys.get()).publicKey }),
    })

    app.get(path, {
      config: { access: 'user' },
      schema: {
        operationId: 'listPushSubscriptions',
        summary: 'Browsers of the caller that are told by push',
        tags,
        response: { 200: pageOf(PushSubscriptionView, 'PushSubscriptionList'), 401: Problem },
      },
      handler: async ({ actor }) => wholeList(await pushSubscriptions.list(actor)),
    })

    app.post(path, {
      config: { access: 'user' },
      schema: {
        operationId: 'addPushSubscription',
        summary: 'Tell this browser by push for as long as its session lasts; the same one again keeps its id',
        tags,
        body: NewPushSubscription,
        response: { 200: PushSubscriptionView, 201: PushSubscriptionView, 401: Problem, 422: Problem },
      },
      handler: async ({ actor, body, client }, reply) => {
        const { subscription, created } = await pushSubscriptions.add(actor, body, client)
        if (created) reply.header('location', `/api/v1${path}/${subscription.id}`)
        return reply.code(created ? 201 : 200).send(subscription)
      },
    })

    app.delete(`${path}/:id`, {
      config: { access: 'user' },
      schema: {
        operationId: 'removePushSubscription',
        summary: 'Tell this browser nothing by push any more',
        tags,
        params: Type.Object({ id: Id }),
        response: { 204: Type.Null(), 401: Problem, 404: Problem },
      },
      handler: async ({ actor, params }, reply) => {
        await pushSubscriptions.remove(actor, params.id)
        return reply.code(204).send(null)
      },
    })
  }
