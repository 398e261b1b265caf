import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Problem, pageOf, strict } from '../../platform/http/schemas.ts'
import { PublicUser } from '../accounts/index.ts'
import { PersonParams } from './people.schema.ts'
import type { PeopleService } from './people.service.ts'

const tags = ['people']

export const searchRoutes =
  (people: PeopleService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/users', {
      config: { access: { permission: 'people:read' } },
      schema: {
        operationId: 'searchPeople',
        summary: 'Find people by the beginning of their name or display name',
        tags,
        querystring: Type.Object(
          {
            search: Type.Optional(Type.String({ maxLength: 80 })),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
            cursor: Type.Optional(Type.String({ maxLength: 500 })),
          },
          strict,
        ),
        response: { 200: pageOf(PublicUser, 'PublicUserList'), 400: Problem, 401: Problem, 422: Problem },
      },
      handler: async ({ actor, query }) => people.search(actor, query),
    })

    app.get('/users/:user', {
      config: { access: 'optional' },
      schema: {
        operationId: 'getPerson',
        summary: 'The public profile of a person, by id or by @username',
        tags,
        params: PersonParams,
        response: { 200: PublicUser, 404: Problem },
      },
      handler: async ({ visitor, params }) => people.get(params.user, visitor?.userId),
    })
  }
