import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Problem } from '../../platform/http/schemas.ts'
import { NewPresence, OwnPresence, PresenceList, PresenceQuery } from './presence.schema.ts'
import type { PresenceService } from './presence.service.ts'

const tags = ['presence']

export const presenceRoutes =
  (presence: PresenceService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/presence', {
      config: { access: { permission: 'people:read' } },
      schema: {
        operationId: 'listPresence',
        summary: 'Whether people are there, as far as they show it',
        tags,
        querystring: PresenceQuery,
        response: { 200: PresenceList, 401: Problem, 403: Problem, 422: Problem },
      },
      handler: async ({ actor, query }) => ({ data: await presence.list(actor, query.user_ids?.split(',') ?? []) }),
    })

    app.get('/users/me/presence', {
      config: { access: { permission: 'account:read' } },
      schema: {
        operationId: 'getOwnPresence',
        summary: 'What one chose to show of oneself',
        tags,
        response: { 200: OwnPresence, 401: Problem, 403: Problem },
      },
      handler: async ({ actor }) => presence.own(actor),
    })

    app.put('/users/me/presence', {
      config: { access: { permission: 'presence:update' } },
      schema: {
        operationId: 'setOwnPresence',
        summary: 'Say how one is: online, away, not to be disturbed, or invisible',
        tags,
        body: NewPresence,
        response: { 200: OwnPresence, 401: Problem, 403: Problem, 422: Problem, 429: Problem },
      },
      handler: async ({ actor, body }) => presence.set(actor, body),
    })
  }
