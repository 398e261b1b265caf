import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Problem } from '../../platform/http/schemas.ts'
import { NearbyList, NearbyQuery, NewLocation, OwnLocation, OwnLocationAnswer } from './locations.schema.ts'
import type { LocationsService } from './locations.service.ts'

const tags = ['places']
const changing = { access: { permission: 'location:update' } }

export const locationRoutes =
  (locations: LocationsService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/users/me/location', {
      config: { access: { permission: 'location:read' } },
      schema: {
        operationId: 'readOwnLocation',
        summary: 'What is kept of one’s own location: roughly where, who may find one, and until when',
        tags,
        response: { 200: OwnLocationAnswer, 401: Problem, 403: Problem },
      },
      handler: async ({ actor }) => locations.read(actor),
    })

    app.put('/users/me/location', {
      config: changing,
      schema: {
        operationId: 'setOwnLocation',
        summary: 'Say where one is, how exactly it is kept, for how long, and who may find one',
        tags,
        body: NewLocation,
        response: { 200: OwnLocation, 401: Problem, 403: Problem, 422: Problem, 429: Problem },
      },
      handler: async ({ actor, body }) => locations.set(actor, body),
    })

    app.delete('/users/me/location', {
      config: changing,
      schema: {
        operationId: 'removeOwnLocation',
        summary: 'Be nowhere again',
        tags,
        response: { 204: Type.Null(), 401: Problem, 403: Problem },
      },
      handler: async ({ actor }, reply) => {
        await locations.remove(actor)
        return reply.code(204).send(null)
      },
    })

    app.get('/users/nearby', {
      config: { access: { permission: 'location:read' } },
      schema: {
        operationId: 'listNearbyPeople',
        summary: 'People near one’s own location who let themselves be found, nearest first',
        tags,
        querystring: NearbyQuery,
        response: { 200: NearbyList, 400: Problem, 401: Problem, 403: Problem, 422: Problem },
      },
      handler: async ({ actor, query }) => locations.nearby(actor, query),
    })
  }
