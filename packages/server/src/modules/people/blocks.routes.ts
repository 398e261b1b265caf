import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Problem, pageOf, strict } from '../../platform/http/schemas.ts'
import type { BlocksService } from './blocks.service.ts'
import { Block, PageQuery, PersonParams } from './people.schema.ts'

const tags = ['people']

export const blockRoutes =
  (blocks: BlocksService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/blocks', {
      config: { access: { permission: 'blocks:read' } },
      schema: {
        operationId: 'listBlocks',
        summary: 'Whom the caller has blocked, the newest first',
        tags,
        querystring: Type.Object(PageQuery, strict),
        response: { 200: pageOf(Block, 'BlockList'), 400: Problem, 401: Problem, 403: Problem },
      },
      handler: async ({ actor, query }) => blocks.list(actor, query),
    })

    app.put('/blocks/:user', {
      config: { access: { permission: 'blocks:update' } },
      schema: {
        operationId: 'blockPerson',
        summary: 'Hide somebody from the caller and the caller from them; ends friendship and requests',
        tags,
        params: PersonParams,
        response: {
          ...{ 204: Type.Null(), 401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem, 429: Problem },
        },
      },
      handler: async ({ actor, params }, reply) => {
        await blocks.block(actor, params.user)
        return reply.code(204).send(null)
      },
    })

    app.delete('/blocks/:user', {
      config: { access: { permission: 'blocks:update' } },
      schema: {
        operationId: 'unblockPerson',
        summary: 'Take a block back; also where there is none',
        tags,
        params: PersonParams,
        response: { 204: Type.Null(), 401: Problem, 403: Problem },
      },
      handler: async ({ actor, params }, reply) => {
        await blocks.unblock(actor, params.user)
        return reply.code(204).send(null)
      },
    })
  }
