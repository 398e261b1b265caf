import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Id, Problem, pageOf } from '../../platform/http/schemas.ts'
import { TrustedDevice } from './devices.schema.ts'
import type { DevicesService } from './devices.service.ts'

const tags = ['sessions']

export const deviceRoutes =
  (devices: DevicesService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/users/me/trusted-devices', {
      config: { access: 'user' },
      schema: {
        operationId: 'listTrustedDevices',
        summary: 'Browsers that are not asked for a second factor',
        tags,
        response: { 200: pageOf(TrustedDevice, 'TrustedDeviceList'), 401: Problem },
      },
      handler: async ({ actor }) => {
        const data = await devices.listTrusted(actor)
        return { data, page: { limit: data.length, next_cursor: null, prev_cursor: null, has_more: false } }
      },
    })

    app.delete('/users/me/trusted-devices/:device_id', {
      config: { access: 'user' },
      schema: {
        operationId: 'forgetTrustedDevice',
        summary: 'Ask for a second factor on this browser again',
        tags,
        params: Type.Object({ device_id: Id }),
        response: { 204: Type.Null(), 401: Problem, 404: Problem },
      },
      handler: async ({ actor, params }, reply) => {
        await devices.forget(actor, params.device_id)
        return reply.code(204).send(null)
      },
    })
  }
